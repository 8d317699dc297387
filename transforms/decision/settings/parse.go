// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml/ast"
	"google.golang.org/protobuf/types/known/durationpb"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/strict"
)

// The keys of a settings file, as the errors list them.
var (
	topKeys = []string{"orgs"}
	orgKeys = []string{"org_id", "detectors", "trusted", "trusted_cidr", "trusted_asns", "trusted_asn", "notify",
		"limits", "response", "apps", "exclusions", "cleared"}
	detectorKeys = []string{"mode", "sensitivity", "excluded_users", "excluded_groups"}
	trustedKeys  = []string{"cidr", "asn", "author", "reason", "expires"}
	notifyKeys   = []string{"org_primary_owner", "security_admins"}
	channelKeys  = []string{"email", "dm"}
	limitKeys    = []string{"max_resets", "cooldown", "budget_min", "budget_fraction", "budget_window", "budget_reset"}
)

// Parse reads a settings file (YAML, and so JSON): "orgs" is a mapping by organisation, or a list whose entries have an
// org_id. What an organisation leaves out is the default.
//
//	orgs:
//	  O1:
//	    detectors:
//	      tor: {mode: respond, sensitivity: high, excluded_groups: [pentest]}
//	      excessive_downloads: respond            # only the mode
//	    trusted:
//	      - {cidr: 203.0.113.0/24, reason: office, author: kim, expires: 2026-12-31}
//	      - asn: 64500
//	    exclusions:                               # as excluded_users and excluded_groups, with a reason and an end
//	      - {user: U1, detector: tor, reason: red team, author: kim, expires: 2026-12-31}
//	      - {group: kiosks, reason: shared devices}  # from every detector
//	    cleared:                                  # no reset of the user in this time
//	      - {user: U2, from: 2026-11-22T10:00:00Z, until: 2026-11-23T10:00:00Z, reason: spoke to them, author: kim}
//	    notify:
//	      security_admins: {email: true, dm: true}
//	    limits: {max_resets: 2, cooldown: 24h, budget_min: 20, budget_fraction: 0.005, budget_window: 10m}
//	    response: {scope: session}                # all (default): every session of the person
//	    apps: respond                             # off, log (default): what apps do under people's names
//
// Slack's trusted_cidr, trusted_asns and trusted_asn lists are accepted beside "trusted". The result is complete, has
// versions and is sorted by organisation. The error joins an *Error for every mistake, up to 50; there is no result
// then.
func Parse(file string, data []byte) ([]*aerv1.Settings, error) {
	d := newDecoder(file)
	var out []*aerv1.Settings
	for _, org := range d.orgs(data) {
		s := Default(org.name)
		d.org(s, org.fields)
		s.Version = Version(s)
		out = append(out, s)
	}
	if err := d.Err(); err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b *aerv1.Settings) int { return cmp.Compare(a.OrgId, b.OrgId) })
	return out, nil
}

// decoder reads settings and directories.
type decoder struct {
	strict.Reader
	// bad is what is wrong with single persons of a directory.
	bad badPeople
}

func newDecoder(file string) *decoder { return &decoder{Reader: strict.Reader{File: file}} }

// orgNode is one organisation's part of a file.
type orgNode struct {
	name   string
	fields []strict.Field
}

// orgs finds the organisations of a settings or a directory file.
func (d *decoder) orgs(data []byte) []orgNode {
	const right = "begin with orgs: and one key for each organisation"
	root := d.Parse(data)
	if root == nil {
		return nil
	}
	if _, ok := root.(*ast.SequenceNode); ok {
		return d.orgList(root, "")
	}
	var out []orgNode
	for _, f := range d.Fields(root, "", right) {
		switch _, isList := f.Value.(*ast.SequenceNode); {
		case f.Name != "orgs":
			d.Unknown(f, "key", topKeys)
		case isList:
			out = append(out, d.orgList(f.Value, f.Key)...)
		case strict.IsNull(f.Value):
		default:
			out = append(out, d.orgMap(f)...)
		}
	}
	return out
}

func (d *decoder) orgMap(f strict.Field) []orgNode {
	var out []orgNode
	for _, org := range d.Fields(f.Value, f.Key, "give one key for each organisation") {
		n := orgNode{name: org.Name}
		if org.Name == "" {
			d.Fail(org.At, org.Key, "an organisation's id must not be empty", "")
		}
		if !strict.IsNull(org.Value) {
			n.fields = d.Fields(org.Value, org.Key, "known keys are "+fmt.Sprint(orgKeys))
		}
		out = append(out, n)
	}
	return out
}

func (d *decoder) orgList(list ast.Node, key string) []orgNode {
	var out []orgNode
	seen := map[string]bool{}
	for i, it := range d.Items(list, key, "") {
		n := orgNode{}
		at := fmt.Sprintf("%s[%d]", key, i)
		n.fields = d.Fields(it, at, "each entry is an organisation with an org_id")
		for _, f := range n.fields {
			if f.Name == "org_id" {
				n.name, _ = d.Name(f.Value, f.Key, "")
			}
		}
		switch {
		case n.name == "":
			d.Fail(it, at, "org_id is missing", "name the organisation")
		case seen[n.name]:
			d.Fail(it, at, fmt.Sprintf("organisation %q is given twice", strict.Clip(n.name)), "keep one")
		default:
			out = append(out, n)
		}
		seen[n.name] = true
	}
	return out
}

func (d *decoder) org(s *aerv1.Settings, fields []strict.Field) {
	for _, f := range fields {
		switch f.Name {
		case "org_id":
			d.sameOrg(s.OrgId, f)
		case "detectors":
			d.detectors(s, f)
		case "trusted":
			d.trusted(s, f)
		case "trusted_cidr":
			d.trustedCIDRs(s, f)
		case "trusted_asns", "trusted_asn":
			d.trustedASNs(s, f)
		case "notify":
			d.notify(s.Notify, f)
		case "limits":
			d.limits(s.Limits, f)
		case "response":
			d.response(s, f)
		case "apps":
			d.apps(s, f)
		case "exclusions":
			d.exclusions(s, f)
		case "cleared":
			d.clearances(s, f)
		default:
			d.Unknown(f, "key", orgKeys)
		}
	}
	sortTrusted(s)
}

// sameOrg: an org_id within a mapping by organisation must say the same.
func (d *decoder) sameOrg(orgID string, f strict.Field) {
	if name, ok := d.Name(f.Value, f.Key, ""); ok && name != orgID {
		d.Fail(f.Value, f.Key, fmt.Sprintf("%q contradicts the key %q", strict.Clip(name),
			strict.Clip(orgID)), "leave it out")
	}
}

func (d *decoder) detectors(s *aerv1.Settings, f strict.Field) {
	for _, det := range d.Fields(f.Value, f.Key, "give one key for each detector") {
		if !slices.Contains(aerv1.AnomalyTypes, det.Name) {
			d.Unknown(det, "detector", aerv1.AnomalyTypes)
			continue
		}
		d.detector(s.Detectors[det.Name], det)
	}
}

func (d *decoder) detector(out *aerv1.DetectorSettings, f strict.Field) {
	modes := []string{aerv1.DetectorOff, aerv1.DetectorLog, aerv1.DetectorRespond}
	if _, ok := f.Value.(*ast.MappingNode); !ok {
		out.Mode = d.Choice(f.Value, f.Key, modes...)
		return
	}
	for _, c := range d.Fields(f.Value, f.Key, "") {
		switch c.Name {
		case "mode":
			out.Mode = d.Choice(c.Value, c.Key, modes...)
		case "sensitivity":
			out.Sensitivity = d.Choice(c.Value, c.Key, aerv1.SensitivityLow, aerv1.SensitivityMedium, aerv1.SensitivityHigh)
		case "excluded_users":
			out.ExcludedUsers = d.Names(c.Value, c.Key, "give a list of user ids")
		case "excluded_groups":
			out.ExcludedGroups = d.Names(c.Value, c.Key, "give a list of group ids")
		default:
			d.Unknown(c, "key", detectorKeys)
		}
	}
}

func (d *decoder) notify(out *aerv1.NotifySettings, f strict.Field) {
	for _, c := range d.Fields(f.Value, f.Key, "known keys are "+fmt.Sprint(notifyKeys)) {
		switch c.Name {
		case "org_primary_owner":
			d.channels(out.OrgPrimaryOwner, c)
		case "security_admins":
			d.channels(out.SecurityAdmins, c)
		default:
			d.Unknown(c, "recipient", notifyKeys)
		}
	}
}

func (d *decoder) channels(out *aerv1.Channels, f strict.Field) {
	for _, c := range d.Fields(f.Value, f.Key, "write {email: true, dm: false}") {
		switch c.Name {
		case "email":
			out.Email = d.Boolean(c.Value, c.Key)
		case "dm":
			out.Dm = d.Boolean(c.Value, c.Key)
		default:
			d.Unknown(c, "channel", channelKeys)
		}
	}
}

func (d *decoder) limits(out *aerv1.Limits, f strict.Field) {
	for _, c := range d.Fields(f.Value, f.Key, "known keys are "+fmt.Sprint(limitKeys)) {
		switch c.Name {
		case "max_resets":
			if v, ok := d.Whole(c.Value, c.Key, 1, MaxMaxResets); ok {
				out.MaxResets = uint32(v)
			}
		case "cooldown":
			if v, ok := d.Duration(c.Value, c.Key, MinCooldown, MaxCooldown); ok {
				out.Cooldown = durationpb.New(v)
			}
		case "budget_min":
			if v, ok := d.Whole(c.Value, c.Key, 1, maxBudgetMin); ok {
				out.BudgetMin = uint32(v)
			}
		case "budget_fraction":
			if v, ok := d.Fraction(c.Value, c.Key); ok {
				out.BudgetFraction = v
			}
		case "budget_window":
			if v, ok := d.Duration(c.Value, c.Key, MinBudgetWindow, MaxBudgetWindow); ok {
				out.BudgetWindow = durationpb.New(v)
			}
		case "budget_reset":
			out.BudgetReset = d.budgetReset(c)
		default:
			d.Unknown(c, "limit", limitKeys)
		}
	}
}
