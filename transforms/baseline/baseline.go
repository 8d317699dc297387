// SPDX-License-Identifier: Apache-2.0

// Package baseline answers what is normal in an organisation, from an immutable version of thresholds derived from
// history. What is asked for every slice or event allocates nothing.
package baseline

import (
	"cmp"
	"strings"
	"sync"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Everyone is the organisation id of rows that cover all organisations.
const Everyone = "*"

// Index is one version, ready for lookup. A nil Index knows nothing: every detector then goes by its priors.
//
// It is little more than the version: its rows stand together by organisation and in order, as builds write them, and
// are searched there. A replay of years makes an index for each day.
type Index struct {
	version     string
	from, until time.Time
	orgs        map[string]*org // Everyone is among them

	rows        *aerv1.Baseline
	once        sync.Once
	people      map[userKey]*person // see persons
	methodsOnce sync.Once
	callsOf     *methods // see interactiveMethods
}

// org is what a version knows of an organisation.
type org struct {
	volumes []*aerv1.BaselineOrg // see compareVolumes
	people  uint32
	clients []*aerv1.BaselineClient // by family
	// sessions are those of all clients.
	sessions uint32
	methods  []*aerv1.BaselineMethod // by class and method
	hours    []*aerv1.BaselineHour   // see compareHours
	live     []*aerv1.BaselineLive   // by metric
	prints   fingerprints
}

// NewIndex prepares a version for lookup.
func NewIndex(b *aerv1.Baseline) *Index {
	x := &Index{version: b.Version, orgs: map[string]*org{}, rows: b}
	if b.ValidFrom != nil {
		x.from = b.ValidFrom.AsTime()
	}
	if b.ValidUntil != nil {
		x.until = b.ValidUntil.AsTime()
	}
	share(x, b.Orgs, compareVolumes, func(o *org, rows []*aerv1.BaselineOrg) {
		o.volumes = rows
		o.people = o.volume("events", "24h", "").GetUsers()
	})
	share(x, b.Clients, compareFamilies, func(o *org, rows []*aerv1.BaselineClient) {
		o.clients = rows
		for _, r := range rows {
			o.sessions += r.Sessions
		}
	})
	share(x, b.Methods, compareMethods, func(o *org, rows []*aerv1.BaselineMethod) { o.methods = rows })
	share(x, b.Hours, compareHours, func(o *org, rows []*aerv1.BaselineHour) { o.hours = rows })
	share(x, b.Live, compareLive, func(o *org, rows []*aerv1.BaselineLive) { o.live = rows })
	share(x, b.Fingerprints, nil, func(o *org, rows []*aerv1.BaselineFingerprint) { o.prints.list = rows })
	return x
}

func compareVolumes(a, b *aerv1.BaselineOrg) int {
	return compareVolume(a, b.Metric, b.Horizon, b.Class)
}

// compareVolume looks no further than it must: it is called for each step of a search.
func compareVolume(r *aerv1.BaselineOrg, metric, horizon, class string) int {
	if c := strings.Compare(r.Metric, metric); c != 0 {
		return c
	}
	if c := strings.Compare(r.Horizon, horizon); c != 0 {
		return c
	}
	return strings.Compare(r.Class, class)
}

func compareFamilies(a, b *aerv1.BaselineClient) int { return strings.Compare(a.Family, b.Family) }

func compareMethods(a, b *aerv1.BaselineMethod) int {
	return cmp.Or(strings.Compare(a.Class, b.Class), strings.Compare(a.Method, b.Method))
}

func compareHours(a, b *aerv1.BaselineHour) int {
	return cmp.Or(strings.Compare(a.Metric, b.Metric), cmp.Compare(a.HourOfWeek, b.HourOfWeek))
}

func compareLive(a, b *aerv1.BaselineLive) int { return strings.Compare(a.Metric, b.Metric) }

// nothing is an index that knows nothing.
var nothing = Index{rows: &aerv1.Baseline{}}

// known is the index, or one that knows nothing.
func (x *Index) known() *Index {
	if x == nil {
		return &nothing
	}
	return x
}

// nobody is an organisation that a version does not know.
var nobody org

// org is what is known of an organisation.
func (x *Index) org(orgID string) *org {
	if o := x.known().orgs[orgID]; o != nil {
		return o
	}
	return &nobody
}

// Version names the version; "none" where there is none.
func (x *Index) Version() string {
	return cmp.Or(x.known().version, "none")
}

// Org is the row of an organisation's metric, or nil. class is empty for metrics that are not kept by class of client.
func (x *Index) Org(orgID, metric, horizon, class string) *aerv1.BaselineOrg {
	return x.org(orgID).volume(metric, horizon, class)
}

func (o *org) volume(metric, horizon, class string) *aerv1.BaselineOrg {
	return find(o.volumes, func(r *aerv1.BaselineOrg) int {
		return compareVolume(r, metric, horizon, class)
	})
}

// Methods lists what is called in an organisation by a class of client, and the number of all those calls.
func (x *Index) Methods(orgID, class string) (rows []*aerv1.BaselineMethod, total uint32) {
	rows = among(x.org(orgID).methods, func(r *aerv1.BaselineMethod) int { return strings.Compare(r.Class, class) })
	for _, r := range rows {
		total += r.Calls
	}
	return rows, total
}

// People is the number of people of an organisation that the version knows of.
func (x *Index) People(orgID string) uint32 { return x.org(orgID).people }

// Family is what is known of a client family in an organisation, or nil; sessions counts those of all families.
func (x *Index) Family(orgID, family string) (row *aerv1.BaselineClient, sessions uint32) {
	o := x.org(orgID)
	return find(o.clients, func(r *aerv1.BaselineClient) int { return strings.Compare(r.Family, family) }), o.sessions
}
