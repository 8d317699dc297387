// SPDX-License-Identifier: Apache-2.0

package duckdb

import (
	"database/sql"
	"math"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
)

// parts are the queries that make up a baseline, and how their rows are read.
var parts = []struct {
	table warehouse.Table
	scan  func(*sql.Rows, *batch, *memo) error
}{
	{warehouse.BaselinesOrg, scanOrg},
	{warehouse.BaselinesUser, scanUser},
	{warehouse.BaselinesFingerprint, scanFingerprint},
	{warehouse.BaselinesMethod, scanMethod},
	{warehouse.BaselinesClient, scanClient},
	{warehouse.BaselinesHour, scanHour},
	{warehouse.BaselinesLive, scanLive},
	{warehouse.BaselinesUserClient, scanUserClient},
	{warehouse.BaselinesUserNetwork, scanUserNetwork},
}

// memo remembers the last row of each key, to share it with the next version if it has not changed. Most have not: a
// version differs from the one before in two days of 28.
type memo struct {
	orgs         map[rowKey]kept[orgValues, aerv1.BaselineOrg]
	users        map[rowKey]kept[userValues, aerv1.BaselineUser]
	fingerprints map[rowKey]kept[showings, aerv1.BaselineFingerprint]
	methods      map[rowKey]kept[counts, aerv1.BaselineMethod]
	clients      map[rowKey]kept[counts, aerv1.BaselineClient]
	hours        map[hourKey]kept[hourValues, aerv1.BaselineHour]
	userClients  map[rowKey]kept[sightings, aerv1.BaselineUserClient]
	userNetworks map[rowKey]kept[sightings, aerv1.BaselineUserNetwork]
}

func newMemo() *memo {
	return &memo{
		orgs: map[rowKey]kept[orgValues, aerv1.BaselineOrg]{}, users: map[rowKey]kept[userValues, aerv1.BaselineUser]{},
		fingerprints: map[rowKey]kept[showings, aerv1.BaselineFingerprint]{},
		methods:      map[rowKey]kept[counts, aerv1.BaselineMethod]{},
		clients:      map[rowKey]kept[counts, aerv1.BaselineClient]{},
		hours:        map[hourKey]kept[hourValues, aerv1.BaselineHour]{},
		userClients:  map[rowKey]kept[sightings, aerv1.BaselineUserClient]{},
		userNetworks: map[rowKey]kept[sightings, aerv1.BaselineUserNetwork]{},
	}
}

type rowKey struct{ a, b, c, d, e string }

type kept[V comparable, M any] struct {
	values V
	row    *M
}

// share gives the row kept under key if its values are the same, else the one that build makes.
func share[K, V comparable, M any](m map[K]kept[V, M], key K, values V, build func() *M) *M {
	if k, ok := m[key]; ok && k.values == values {
		return k.row
	}
	row := build()
	m[key] = kept[V, M]{values, row}
	return row
}

type orgValues struct {
	users, days               uint32
	p50, p90, p99, p999, most float64
}

type userValues struct {
	days, active        uint32
	p50, p90, p99, most float64
}

type counts struct{ users, n uint32 }

type showings struct{ users, n, orgs uint32 }

func scanOrg(rows *sql.Rows, b *batch, m *memo) error {
	var version string
	var from, until time.Time
	var org, metric, horizon, class string
	var v orgValues
	if err := rows.Scan(&version, &from, &until, &org, &metric, &horizon, &class, &v.users, &v.days, &v.p50, &v.p90,
		&v.p99, &v.p999, &v.most); err != nil {
		return err
	}
	base := b.version(from)
	base.Orgs = append(base.Orgs, share(m.orgs, rowKey{org, metric, horizon, class, ""}, v, func() *aerv1.BaselineOrg {
		return &aerv1.BaselineOrg{OrgId: org, Metric: metric, Horizon: horizon, Class: class,
			Users: v.users, UserDays: v.days,
			P50: v.p50, P90: v.p90, P99: v.p99, P999: v.p999, Max: v.most}
	}))
	return nil
}

func scanUser(rows *sql.Rows, b *batch, m *memo) error {
	var version string
	var from, until time.Time
	var org, user, metric, horizon, class string
	var v userValues
	if err := rows.Scan(&version, &from, &until, &org, &user, &metric, &horizon, &class, &v.days, &v.active, &v.p50,
		&v.p90, &v.p99, &v.most); err != nil {
		return err
	}
	base := b.version(from)
	base.Users = append(base.Users, share(m.users, rowKey{org, user, metric, horizon, class}, v,
		func() *aerv1.BaselineUser {
			return &aerv1.BaselineUser{OrgId: org, UserId: user, Metric: metric, Horizon: horizon, Class: class, Days: v.days,
				ActiveDays: v.active,
				P50:        v.p50, P90: v.p90, P99: v.p99, Max: v.most}
		}))
	return nil
}

// scanCounts reads a row of version, times, up to three texts and two counts. All organisations together may call more
// often than a row can say; so many are as good as more.
func scanCounts(rows *sql.Rows, texts ...any) (time.Time, counts, error) {
	var version string
	var from, until time.Time
	var c counts
	var n int64
	dest := append([]any{&version, &from, &until}, texts...)
	err := rows.Scan(append(dest, &c.users, &n)...)
	c.n = uint32(min(n, math.MaxUint32))
	return from, c, err
}

func scanFingerprint(rows *sql.Rows, b *batch, m *memo) error {
	var version, family, ja4, class, org string
	var from, until time.Time
	var v showings
	var n int64
	if err := rows.Scan(&version, &from, &until, &family, &ja4, &v.users, &n, &class, &org, &v.orgs); err != nil {
		return err
	}
	v.n = uint32(min(n, math.MaxUint32))
	base := b.version(from)
	base.Fingerprints = append(base.Fingerprints, share(m.fingerprints, rowKey{family, ja4, class, org, ""}, v,
		func() *aerv1.BaselineFingerprint {
			return &aerv1.BaselineFingerprint{Family: family, Ja4: ja4, Class: class, Users: v.users, Observations: v.n,
				OrgId: org, Orgs: v.orgs}
		}))
	return nil
}

func scanMethod(rows *sql.Rows, b *batch, m *memo) error {
	var org, class, method string
	from, c, err := scanCounts(rows, &org, &class, &method)
	if err != nil {
		return err
	}
	base := b.version(from)
	base.Methods = append(base.Methods, share(m.methods, rowKey{a: org, b: class, c: method}, c,
		func() *aerv1.BaselineMethod {
			return &aerv1.BaselineMethod{OrgId: org, Class: class, Method: method, Users: c.users, Calls: c.n}
		}))
	return nil
}

func scanClient(rows *sql.Rows, b *batch, m *memo) error {
	var org, family string
	from, c, err := scanCounts(rows, &org, &family)
	if err != nil {
		return err
	}
	base := b.version(from)
	base.Clients = append(base.Clients, share(m.clients, rowKey{a: org, b: family}, c, func() *aerv1.BaselineClient {
		return &aerv1.BaselineClient{OrgId: org, Family: family, Users: c.users, Sessions: c.n}
	}))
	return nil
}
