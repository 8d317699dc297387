// Package baseline answers what is normal in an organisation, from an immutable version of thresholds derived from history.
package baseline

import (
	"strings"
	"sync"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/shape"
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
	tlsStarts    map[tlsStart]bool
	stacks       map[tlsStart]bool
	startClasses map[string]map[string]bool // first part of a fingerprint -> classes of client
	methods      map[classKey][]*aerv1.BaselineMethod
	methodTotals map[classKey]uint32
	clients      map[clientKey]*aerv1.BaselineClient
	orgSessions  map[string]uint32
	hours        map[hourKey]*aerv1.BaselineHour
	live         map[liveKey][]*aerv1.BaselineLive

	rows   *aerv1.Baseline
	once   sync.Once
	people map[userKey]*person // see persons
}

type orgKey struct{ org, metric, horizon, class string }
type classKey struct{ org, class string }
type tlsStart struct{ family, start string }
type clientKey struct{ org, family string }

// NewIndex prepares a version for lookup.
func NewIndex(b *aerv1.Baseline) *Index {
	x := &Index{
		version: b.Version, orgs: map[orgKey]*aerv1.BaselineOrg{},
		fingerprints: map[string]map[string]*aerv1.BaselineFingerprint{}, families: map[string]uint32{},
		methods: map[classKey][]*aerv1.BaselineMethod{}, methodTotals: map[classKey]uint32{}, tlsStarts: map[tlsStart]bool{}, stacks: map[tlsStart]bool{},
		startClasses: map[string]map[string]bool{},
		clients:      map[clientKey]*aerv1.BaselineClient{}, orgSessions: map[string]uint32{},
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
	for _, r := range b.Fingerprints {
		if x.fingerprints[r.Ja4] == nil {
			x.fingerprints[r.Ja4] = map[string]*aerv1.BaselineFingerprint{}
		}
		x.fingerprints[r.Ja4][r.Family] = r
		x.families[r.Family] += r.Observations
		x.addStart(r.Family, r.Class, TLSStart(r.Ja4))
		x.stacks[tlsStart{r.Family, shape.StackKey(r.Ja4)}] = true
	}
	for _, r := range b.Clients {
		x.clients[clientKey{r.OrgId, r.Family}] = r
		x.orgSessions[r.OrgId] += r.Sessions
	}
}

func (x *Index) addStart(family, class, start string) {
	x.tlsStarts[tlsStart{family, start}] = true
	if x.startClasses[start] == nil {
		x.startClasses[start] = map[string]bool{}
	}
	x.startClasses[start][class] = true
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

// KnowsTLSStart says whether any fingerprint with the same first part has been seen under the family.
func (x *Index) KnowsTLSStart(family, ja4 string) bool {
	return x != nil && x.tlsStarts[tlsStart{family, TLSStart(ja4)}]
}

// KnowsStack says whether this fingerprint, or one that differs only in its extensions and ALPN, has been seen under the family.
func (x *Index) KnowsStack(family, ja4 string) bool {
	return x != nil && x.stacks[tlsStart{family, shape.StackKey(ja4)}]
}

// TLSStartClasses is the classes of client that fingerprints with the same first part have been seen under; nil for none.
func (x *Index) TLSStartClasses(ja4 string) map[string]bool {
	if x == nil {
		return nil
	}
	return x.startClasses[TLSStart(ja4)]
}

// TLSStart is the first part of a JA4 fingerprint (protocol, number of ciphers and extensions, ALPN), which changes far
// less often than the hashes after it.
func TLSStart(ja4 string) string {
	start, _, _ := strings.Cut(ja4, "_")
	return start
}

// Methods lists what is called in an organisation by a class of client, and the number of all those calls.
func (x *Index) Methods(orgID, class string) (rows []*aerv1.BaselineMethod, total uint32) {
	if x == nil {
		return nil, 0
	}
	return x.methods[classKey{orgID, class}], x.methodTotals[classKey{orgID, class}]
}

// People is the number of people of an organisation that the version knows of.
func (x *Index) People(orgID string) uint32 { return x.Org(orgID, "events", "24h", "").GetUsers() }

// Family is what is known of a client family in an organisation, or nil; sessions counts those of all families.
func (x *Index) Family(orgID, family string) (row *aerv1.BaselineClient, sessions uint32) {
	if x == nil {
		return nil, 0
	}
	return x.clients[clientKey{orgID, family}], x.orgSessions[orgID]
}
