// SPDX-License-Identifier: Apache-2.0

// Package baseline answers what is normal in an organisation, from an immutable version of thresholds derived from
// history.
package baseline

import (
	"cmp"
	"sync"
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
	prints       fingerprints
	methods      map[classKey][]*aerv1.BaselineMethod
	methodTotals map[classKey]uint32
	clients      map[clientKey]*aerv1.BaselineClient
	orgSessions  map[string]uint32
	hours        map[hourKey]*aerv1.BaselineHour
	live         map[liveKey][]*aerv1.BaselineLive

	rows        *aerv1.Baseline
	once        sync.Once
	people      map[userKey]*person // see persons
	methodsOnce sync.Once
	callsOf     *methods // see interactiveMethods
}

type orgKey struct{ org, metric, horizon, class string }
type classKey struct{ org, class string }
type clientKey struct{ org, family string }

// NewIndex prepares a version for lookup.
func NewIndex(b *aerv1.Baseline) *Index {
	x := &Index{
		version: b.Version, orgs: map[orgKey]*aerv1.BaselineOrg{},
		prints:  newFingerprints(b.Fingerprints),
		methods: map[classKey][]*aerv1.BaselineMethod{}, methodTotals: map[classKey]uint32{},
		clients: map[clientKey]*aerv1.BaselineClient{}, orgSessions: map[string]uint32{},
		hours: map[hourKey]*aerv1.BaselineHour{}, live: map[liveKey][]*aerv1.BaselineLive{}, rows: b,
	}
	if b.ValidFrom != nil {
		x.from = b.ValidFrom.AsTime()
	}
	if b.ValidUntil != nil {
		x.until = b.ValidUntil.AsTime()
	}
	x.addVolumes(b)
	x.addClients(b)
	for _, r := range b.Methods {
		key := classKey{r.OrgId, r.Class}
		x.methods[key] = append(x.methods[key], r)
		x.methodTotals[key] += r.Calls
	}
	return x
}

// addVolumes files what is known of how much is done, and when.
func (x *Index) addVolumes(b *aerv1.Baseline) {
	for _, r := range b.Orgs {
		x.orgs[orgKey{r.OrgId, r.Metric, r.Horizon, r.Class}] = r
	}
	for _, r := range b.Hours {
		x.hours[hourKey{r.OrgId, r.Metric, r.HourOfWeek}] = r
	}
	for _, r := range b.Live {
		k := liveKey{r.OrgId, r.Metric}
		x.live[k] = append(x.live[k], r)
	}
}

// addClients files what is known of the programs in use.
func (x *Index) addClients(b *aerv1.Baseline) {
	for _, r := range b.Clients {
		x.clients[clientKey{r.OrgId, r.Family}] = r
		x.orgSessions[r.OrgId] += r.Sessions
	}
}

// nothing is an index that knows nothing.
var nothing = Index{rows: &aerv1.Baseline{}}

// known is the index, or one that knows nothing.
func (x *Index) known() *Index {
	if x == nil {
		return &nothing
	}
	return x
}

// Version names the version; "none" where there is none.
func (x *Index) Version() string {
	return cmp.Or(x.known().version, "none")
}

// Org is the row of an organisation's metric, or nil. class is empty for metrics that are not kept by class of client.
func (x *Index) Org(orgID, metric, horizon, class string) *aerv1.BaselineOrg {
	return x.known().orgs[orgKey{orgID, metric, horizon, class}]
}

// Methods lists what is called in an organisation by a class of client, and the number of all those calls.
func (x *Index) Methods(orgID, class string) (rows []*aerv1.BaselineMethod, total uint32) {
	k := classKey{orgID, class}
	x = x.known()
	return x.methods[k], x.methodTotals[k]
}

// People is the number of people of an organisation that the version knows of.
func (x *Index) People(orgID string) uint32 { return x.Org(orgID, "events", "24h", "").GetUsers() }

// Family is what is known of a client family in an organisation, or nil; sessions counts those of all families.
func (x *Index) Family(orgID, family string) (row *aerv1.BaselineClient, sessions uint32) {
	x = x.known()
	return x.clients[clientKey{orgID, family}], x.orgSessions[orgID]
}
