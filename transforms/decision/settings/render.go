// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"bytes"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/strict"
)

// Render writes settings as YAML that Parse reads back to the same settings. The organisations are sorted by id, each
// with its version in a comment.
func Render(all []*aerv1.Settings) []byte {
	var b bytes.Buffer
	if len(all) == 0 {
		return []byte("orgs: {}\n")
	}
	all = append([]*aerv1.Settings(nil), all...)
	sort.SliceStable(all, func(i, j int) bool { return all[i].GetOrgId() < all[j].GetOrgId() })
	b.WriteString("orgs:\n")
	for _, s := range all {
		fmt.Fprintf(&b, "  %s: # version %s\n", quote(s.GetOrgId()), Version(s))
		b.Write(renderBody(s, "    "))
	}
	return b.Bytes()
}

// renderBody writes one organisation's choices, each line indented by in.
func renderBody(s *aerv1.Settings, in string) []byte {
	var b bytes.Buffer
	line := func(depth int, format string, args ...any) {
		b.WriteString(in + strings.Repeat("  ", depth))
		fmt.Fprintf(&b, format+"\n", args...)
	}
	line(0, "detectors:")
	for _, name := range detectorNames(s) {
		d := s.Detectors[name]
		line(1, "%s:", quote(name))
		line(2, "mode: %s", quote(d.GetMode()))
		line(2, "sensitivity: %s", quote(d.GetSensitivity()))
		renderList(line, "excluded_users", d.GetExcludedUsers())
		renderList(line, "excluded_groups", d.GetExcludedGroups())
	}
	if len(s.GetTrusted()) > 0 {
		line(0, "trusted:")
	}
	for _, t := range s.GetTrusted() {
		renderTrusted(line, t)
	}
	renderStanding(line, s)
	line(0, "notify:")
	line(1, "org_primary_owner: %s", renderChannels(s.GetNotify().GetOrgPrimaryOwner()))
	line(1, "security_admins: %s", renderChannels(s.GetNotify().GetSecurityAdmins()))
	l := CompleteLimits(s.GetLimits())
	line(0, "limits:")
	line(1, "max_resets: %d", l.MaxResets)
	line(1, "cooldown: %s", strict.Duration(l.Cooldown.AsDuration()))
	line(1, "budget_min: %d", l.BudgetMin)
	line(1, "budget_fraction: %s", strconv.FormatFloat(l.BudgetFraction, 'g', -1, 64))
	line(1, "budget_window: %s", strict.Duration(l.BudgetWindow.AsDuration()))
	renderBudgetReset(line, l.BudgetReset)
	if scope := s.GetResponse().GetScope(); scope != "" {
		line(0, "response:")
		line(1, "scope: %s", quote(scope))
	}
	if s.GetApps() != "" {
		line(0, "apps: %s", quote(s.GetApps()))
	}
	return b.Bytes()
}

// detectorNames lists the detectors in the order of tables, then any others by name.
func detectorNames(s *aerv1.Settings) []string {
	var names, others []string
	known := map[string]bool{}
	for _, t := range aerv1.AnomalyTypes {
		known[t] = true
		if s.GetDetectors()[t] != nil {
			names = append(names, t)
		}
	}
	for name := range s.GetDetectors() {
		if !known[name] {
			others = append(others, name)
		}
	}
	sort.Strings(others)
	return append(names, others...)
}

func renderList(line func(int, string, ...any), key string, items []string) {
	if len(items) == 0 {
		return
	}
	quoted := make([]string, len(items))
	for i, it := range items {
		quoted[i] = quote(it)
	}
	line(2, "%s: [%s]", key, strings.Join(quoted, ", "))
}

func renderTrusted(line func(int, string, ...any), t *aerv1.TrustedNetwork) {
	if t.GetCidr() != "" {
		line(1, "- cidr: %s", quote(t.Cidr))
	} else {
		line(1, "- asn: %d", t.GetAsn())
	}
	if t.GetAuthor() != "" {
		line(1, "  author: %s", quote(t.Author))
	}
	if t.GetReason() != "" {
		line(1, "  reason: %s", quote(t.Reason))
	}
	if t.GetExpires() != nil {
		line(1, "  expires: %s", quote(t.Expires.AsTime().UTC().Format(time.RFC3339Nano)))
	}
}

func renderChannels(c *aerv1.Channels) string {
	return fmt.Sprintf("{email: %t, dm: %t}", c.GetEmail(), c.GetDm())
}

// quote writes s plainly where YAML cannot misread it, else in double quotes with escapes.
func quote(s string) string {
	if isPlain(s) {
		return s
	}
	return strconv.QuoteToASCII(strings.ToValidUTF8(s, "\uFFFD"))
}

// isPlain allows only words that begin with a letter and are no YAML keyword.
func isPlain(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || !(r >= '0' && r <= '9' || r == '_' || r == '-')) {
			return false
		}
	}
	switch strings.ToLower(s) {
	case "", "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf":
		return false
	}
	return true
}
