// Package baseline answers what is normal in an organisation, from an immutable version of thresholds derived from history.
package baseline

import (
	"slices"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Everyone is the organisation id of rows that cover all organisations.
const Everyone = "*"

// Index is one version, ready for lookup. A nil Index knows nothing: every detector then goes by its priors.
type Index struct {
	version      string
	from, until  time.Time
	orgs         map[orgKey]*aerv1.BaselineOrg
	fingerprints map[string]map[string]*aerv1.BaselineFingerprint // ja4 -> family
	families     map[string]uint32                                // family -> observations
	methods      map[methodKey]*aerv1.BaselineMethod
	methodTotals map[methodKey]uint32 // with an empty method
	clients      map[clientKey]*aerv1.BaselineClient
	orgSessions  map[string]uint32
}

type orgKey struct{ org, metric, horizon, class string }
type methodKey struct{ org, class, method string }
type clientKey struct{ org, family string }

// NewIndex prepares a version for lookup.
func NewIndex(b *aerv1.Baseline) *Index {
	x := &Index{
		version: b.Version, orgs: map[orgKey]*aerv1.BaselineOrg{},
		fingerprints: map[string]map[string]*aerv1.BaselineFingerprint{}, families: map[string]uint32{},
		methods: map[methodKey]*aerv1.BaselineMethod{}, methodTotals: map[methodKey]uint32{},
		clients: map[clientKey]*aerv1.BaselineClient{}, orgSessions: map[string]uint32{},
	}
	if b.ValidFrom != nil {
		x.from = b.ValidFrom.AsTime()
	}
	if b.ValidUntil != nil {
		x.until = b.ValidUntil.AsTime()
	}
	for _, r := range b.Orgs {
		x.orgs[orgKey{r.OrgId, r.Metric, r.Horizon, r.Class}] = r
	}
	for _, r := range b.Fingerprints {
		if x.fingerprints[r.Ja4] == nil {
			x.fingerprints[r.Ja4] = map[string]*aerv1.BaselineFingerprint{}
		}
		x.fingerprints[r.Ja4][r.Family] = r
		x.families[r.Family] += r.Observations
	}
	for _, r := range b.Methods {
		x.methods[methodKey{r.OrgId, r.Class, r.Method}] = r
		x.methodTotals[methodKey{org: r.OrgId, class: r.Class}] += r.Calls
	}
	for _, r := range b.Clients {
		x.clients[clientKey{r.OrgId, r.Family}] = r
		x.orgSessions[r.OrgId] += r.Sessions
	}
	return x
}

// Version names the version; "none" where there is none.
func (x *Index) Version() string {
	if x == nil || x.version == "" {
		return "none"
	}
	return x.version
}

// Org is the row of an organisation's metric, or nil. class is empty for metrics that are not kept by class of client.
func (x *Index) Org(orgID, metric, horizon, class string) *aerv1.BaselineOrg {
	if x == nil {
		return nil
	}
	return x.orgs[orgKey{orgID, metric, horizon, class}]
}

// Fingerprint says under which families a TLS fingerprint has been seen (nil = never).
func (x *Index) Fingerprint(ja4 string) map[string]*aerv1.BaselineFingerprint {
	if x == nil {
		return nil
	}
	return x.fingerprints[ja4]
}

// FamilyObservations is how often fingerprints of a client family have been observed.
func (x *Index) FamilyObservations(family string) uint32 {
	if x == nil {
		return 0
	}
	return x.families[family]
}

// Method is what is known of an API method in an organisation for a class of client, or nil; total is the calls of all
// methods there.
func (x *Index) Method(orgID, class, method string) (row *aerv1.BaselineMethod, total uint32) {
	if x == nil {
		return nil, 0
	}
	return x.methods[methodKey{orgID, class, method}], x.methodTotals[methodKey{org: orgID, class: class}]
}

// Family is what is known of a client family in an organisation, or nil; sessions counts those of all families.
func (x *Index) Family(orgID, family string) (row *aerv1.BaselineClient, sessions uint32) {
	if x == nil {
		return nil, 0
	}
	return x.clients[clientKey{orgID, family}], x.orgSessions[orgID]
}

// Versions is a sequence of versions, the one valid at a time being the latest that begins at or before it.
type Versions struct{ list []*Index }

// NewVersions prepares versions for lookup by event time.
func NewVersions(list []*aerv1.Baseline) *Versions {
	v := &Versions{}
	for _, b := range list {
		v.list = append(v.list, NewIndex(b))
	}
	slices.SortFunc(v.list, func(a, b *Index) int { return a.from.Compare(b.from) })
	return v
}

// At is the version valid at t, or nil.
func (v *Versions) At(t time.Time) *Index {
	if v == nil {
		return nil
	}
	i, found := slices.BinarySearchFunc(v.list, t, func(x *Index, t time.Time) int { return x.from.Compare(t) })
	if !found {
		i--
	}
	if i < 0 || !v.list[i].until.IsZero() && !t.Before(v.list[i].until) {
		return nil
	}
	return v.list[i]
}
