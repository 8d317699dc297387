// SPDX-License-Identifier: Apache-2.0

package duckdb

import (
	"database/sql"
	"strconv"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

type hourKey struct {
	org, metric string
	hour        uint32
}

type hourValues struct {
	weeks            uint32
	expected, factor float64
}

// sightings says how often and between which days (Unix seconds) something was seen.
type sightings struct {
	class          string
	days, sessions uint32
	first, last    int64
}

func scanHour(rows *sql.Rows, b *batch, m *memo) error {
	var version string
	var from, until time.Time
	var key hourKey
	var v hourValues
	if err := rows.Scan(&version, &from, &until, &key.org, &key.metric, &key.hour, &v.weeks, &v.expected,
		&v.factor); err != nil {
		return err
	}
	base := b.version(from)
	base.Hours = append(base.Hours, share(m.hours, key, v, func() *aerv1.BaselineHour {
		return &aerv1.BaselineHour{OrgId: key.org, Metric: key.metric, HourOfWeek: key.hour, Weeks: v.weeks,
			Expected: v.expected, Factor: v.factor}
	}))
	return nil
}

// scanLive files a row under the version of its day; the row gets the version's name when it has one.
func scanLive(rows *sql.Rows, b *batch, _ *memo) error {
	var version string
	var from, until time.Time
	r := &aerv1.BaselineLive{}
	if err := rows.Scan(&version, &from, &until, &r.OrgId, &r.Metric, &r.Hours, &r.Observed, &r.Expected,
		&r.Factor); err != nil {
		return err
	}
	r.ValidFrom, r.ValidUntil = aerv1.Time(from), aerv1.Time(until)
	base := b.version(from.UTC().Truncate(day))
	base.Live = append(base.Live, r)
	return nil
}

func scanUserClient(rows *sql.Rows, b *batch, m *memo) error {
	var version, org, user, family string
	var from, until, first, last time.Time
	var v sightings
	if err := rows.Scan(&version, &from, &until, &org, &user, &family, &v.class, &v.days, &v.sessions, &first,
		&last); err != nil {
		return err
	}
	v.first, v.last = first.Unix(), last.Unix()
	base := b.version(from)
	base.UserClients = append(base.UserClients, share(m.userClients, rowKey{a: org, b: user, c: family}, v,
		func() *aerv1.BaselineUserClient {
			return &aerv1.BaselineUserClient{OrgId: org, UserId: user, Family: family, Class: v.class, Days: v.days,
				Sessions:  v.sessions,
				FirstSeen: aerv1.Time(first), LastSeen: aerv1.Time(last)}
		}))
	return nil
}

func scanUserNetwork(rows *sql.Rows, b *batch, m *memo) error {
	var version, org, user string
	var from, until, first, last time.Time
	var asn uint32
	var v sightings
	if err := rows.Scan(&version, &from, &until, &org, &user, &asn, &v.days, &v.sessions, &first, &last); err != nil {
		return err
	}
	v.first, v.last = first.Unix(), last.Unix()
	key := rowKey{a: org, b: user, c: strconv.FormatUint(uint64(asn), 10)}
	base := b.version(from)
	base.UserNetworks = append(base.UserNetworks, share(m.userNetworks, key, v, func() *aerv1.BaselineUserNetwork {
		return &aerv1.BaselineUserNetwork{OrgId: org, UserId: user, Asn: asn, Days: v.days, Sessions: v.sessions,
			FirstSeen: aerv1.Time(first), LastSeen: aerv1.Time(last)}
	}))
	return nil
}
