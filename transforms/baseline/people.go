// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"cmp"
	"slices"
	"strings"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

type userKey struct{ org, user string }

// person is what a version knows of one person.
type person struct {
	habits   []*aerv1.BaselineUser
	clients  []*aerv1.BaselineUserClient
	networks []*aerv1.BaselineUserNetwork
}

// persons gathers the rows of each person when they are first asked for: a pipeline has its own memory of people.
func (x *Index) persons() map[userKey]*person {
	x.once.Do(func() {
		all := map[userKey]*person{}
		of := func(org, user string) *person {
			k := userKey{org, user}
			if all[k] == nil {
				all[k] = &person{}
			}
			return all[k]
		}
		for _, r := range x.rows.Users {
			p := of(r.OrgId, r.UserId)
			p.habits = append(p.habits, r)
		}
		for _, r := range x.rows.UserClients {
			p := of(r.OrgId, r.UserId)
			p.clients = append(p.clients, r)
		}
		for _, r := range x.rows.UserNetworks {
			p := of(r.OrgId, r.UserId)
			p.networks = append(p.networks, r)
		}
		x.people = all
	})
	return x.people
}

// stranger is a person that a version does not know.
var stranger person

func (x *Index) person(orgID, userID string) *person {
	if p := x.known().persons()[userKey{orgID, userID}]; p != nil {
		return p
	}
	return &stranger
}

// User lists the habits of a person, one row for each metric, horizon and class; empty where the version has no rows of
// people.
func (x *Index) User(orgID, userID string) []*aerv1.BaselineUser {
	return x.person(orgID, userID).habits
}

// UserClients lists the client families that a person is known by.
func (x *Index) UserClients(orgID, userID string) []*aerv1.BaselineUserClient {
	return x.person(orgID, userID).clients
}

// UserNetworks lists the networks that a person is known by.
func (x *Index) UserNetworks(orgID, userID string) []*aerv1.BaselineUserNetwork {
	return x.person(orgID, userID).networks
}

// HasPeople says whether the version has rows of single people at all; those of a rolling build have none.
func (x *Index) HasPeople() bool { return len(x.known().persons()) > 0 }

// Orgs lists the organisations that the version knows, without Everyone, sorted.
func (x *Index) Orgs() []string {
	var out []string
	for id, o := range x.known().orgs {
		if id != Everyone && len(o.volumes) > 0 {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// HourOfWeek is 0 for Monday 00:00 to 01:00 UTC, 167 for the last hour of Sunday.
func HourOfWeek(t time.Time) uint32 {
	t = t.UTC()
	return uint32((int(t.Weekday())+6)%7*24 + t.Hour())
}

// Hour is what an organisation does in the hour of the week of t, or nil.
func (x *Index) Hour(orgID, metric string, t time.Time) *aerv1.BaselineHour {
	return find(x.org(orgID).hours, func(r *aerv1.BaselineHour) int {
		return cmp.Or(strings.Compare(r.Metric, metric), cmp.Compare(r.HourOfWeek, HourOfWeek(t)))
	})
}

// Live compares an organisation's day with what was expected of it, as known at t, or nil.
func (x *Index) Live(orgID, metric string, t time.Time) *aerv1.BaselineLive {
	rows := among(x.org(orgID).live, func(r *aerv1.BaselineLive) int { return strings.Compare(r.Metric, metric) })
	for _, r := range rows {
		if !t.Before(r.ValidFrom.AsTime()) && t.Before(r.ValidUntil.AsTime()) {
			return r
		}
	}
	return nil
}

// maxLiveFactor bounds how much a busy day raises a threshold, as the SQL does: rows may come from elsewhere.
const maxLiveFactor = 3

// LiveFactor is how much busier than expected an organisation's day is, between 1 and maxLiveFactor; 1 where nothing is
// known.
func (x *Index) LiveFactor(orgID, metric string, t time.Time) float64 {
	return min(max(x.Live(orgID, metric, t).GetFactor(), 1), maxLiveFactor)
}

// Families lists the client families of an organisation by the number of their sessions, the most common first.
func (x *Index) Families(orgID string) []*aerv1.BaselineClient {
	out := slices.Clone(x.org(orgID).clients)
	slices.SortFunc(out, func(a, b *aerv1.BaselineClient) int {
		return cmp.Or(cmp.Compare(b.Sessions, a.Sessions), strings.Compare(a.Family, b.Family))
	})
	return out
}

// Classes lists the classes of client that a metric of an organisation is kept for, sorted.
func (x *Index) Classes(orgID, metric, horizon string) []string {
	var out []string
	for _, r := range x.org(orgID).volumes { // sorted by class within a metric and horizon
		if r.Metric == metric && r.Horizon == horizon && r.Class != "" {
			out = append(out, r.Class)
		}
	}
	return out
}

// History is the number of days that the version stands on, and how many days before it they end; 0 where it does not
// say.
func (x *Index) History() (habitDays, lagDays uint32) {
	rows := x.known().rows
	return rows.HabitDays, rows.LagDays
}
