// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"cmp"
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/shape"
)

// Limits of what is remembered of sessions.
const (
	maxSessions  = 16
	maxClients   = 6
	maxSightings = 16
)

// How a session was bound to its client (SessionProfile.binding).
const (
	BoundByLogin = "login"
	BoundByKnown = "known"
	BoundByFirst = "first"
)

// Session is what is remembered of the session id, or nil.
func Session(p *aerv1.Profile, id string) *aerv1.SessionProfile {
	for _, s := range p.GetSessions() {
		if s.Id == id {
			return s
		}
	}
	return nil
}

// noteSession records a facet in its session.
func noteSession(p *aerv1.Profile, f *aerv1.Facet) {
	if f.SessionId == "" {
		return
	}
	s := Session(p, f.SessionId)
	if s == nil {
		s = &aerv1.SessionProfile{Id: f.SessionId, FirstMs: f.FirstMs}
		p.Sessions = append(p.Sessions, s)
		if len(p.Sessions) > maxSessions {
			p.Sessions = forgetSession(p.Sessions, s)
		}
	}
	bind(p, s, f)
	s.FirstMs = min(s.FirstMs, f.FirstMs)
	s.LastMs = max(s.LastMs, f.LastMs)
	if f.CookieMaxMs > s.CookieMs {
		s.CookieMs, s.CookieSeenMs = f.CookieMaxMs, f.LastMs
	}
	noteClient(s, f)
	noteSightings(s, f)
}

func forgetSession(list []*aerv1.SessionProfile, keep *aerv1.SessionProfile) []*aerv1.SessionProfile {
	oldest := -1
	for i, s := range list {
		if s != keep && (oldest < 0 || s.LastMs < list[oldest].LastMs) {
			oldest = i
		}
	}
	return slices.Delete(list, oldest, oldest+1)
}

// bind decides which client the session belongs to: the one that logged in; without a login, the first that the user
// was known by before the session began; else the first that came. A later login binds anew: whoever proves the
// credentials owns the session from then on.
func bind(p *aerv1.Profile, s *aerv1.SessionProfile, f *aerv1.Facet) {
	how := BoundByFirst
	switch {
	case f.Login:
		how = BoundByLogin
	case IsKnownClient(p, f.Client, min(s.FirstMs, f.FirstMs)): // not by what this very session taught
		how = BoundByKnown
	}
	rank := map[string]int{"": 0, BoundByFirst: 1, BoundByKnown: 2, BoundByLogin: 3}
	better := rank[how] - rank[s.Binding]
	if better == 0 {
		// Facets of a slice come in the order of their keys, and slices may be late: the times decide.
		better = cmp.Compare(s.BoundMs, f.FirstMs)
		if how == BoundByLogin {
			better = -better
		}
	}
	if better > 0 {
		s.Bound, s.Binding, s.BoundMs = f.Client, how, f.FirstMs
	}
}

func noteClient(s *aerv1.SessionProfile, f *aerv1.Facet) {
	for _, c := range s.Clients {
		if SameClient(c.Client, f.Client) {
			c.LastMs = max(c.LastMs, f.LastMs)
			if f.FirstMs < c.FirstMs {
				c.Client, c.FirstMs, c.FirstEventId = f.Client, f.FirstMs, f.FirstEventId
			}
			c.Events += f.Events
			c.Login = c.Login || f.Login
			return
		}
	}
	s.Clients = append(s.Clients, &aerv1.SessionClient{
		Client: f.Client, FirstMs: f.FirstMs, LastMs: f.LastMs, Events: f.Events, Login: f.Login,
		FirstEventId: f.FirstEventId,
	})
	if len(s.Clients) > maxClients {
		oldest := 0
		for i, c := range s.Clients {
			if c.LastMs < s.Clients[oldest].LastMs {
				oldest = i
			}
		}
		s.Clients = slices.Delete(s.Clients, oldest, oldest+1)
	}
}

// SameClient says whether two clients are the same in all that identifies one: program, device, TLS stack and address.
// A browser shows several fingerprints, which must not crowd the others out.
func SameClient(a, b *aerv1.FacetClient) bool {
	return a.GetUserAgent() == b.GetUserAgent() && a.GetDeviceId() == b.GetDeviceId() && a.GetIp() == b.GetIp() &&
		shape.StackKey(a.GetJa4()) == shape.StackKey(b.GetJa4())
}

// Seat names a client by what every request carries: program and address. Fields that may be missing from one request
// and not from the next do not make two clients of one.
func Seat(c *aerv1.FacetClient) uint64 {
	return activity.Hash(c.GetUserAgent() + "\x00" + c.GetIp())
}

// noteSightings records when the facet began and ended: enough to see two clients take turns.
func noteSightings(s *aerv1.SessionProfile, f *aerv1.Facet) {
	id := Seat(f.Client)
	for _, t := range []int64{f.FirstMs, f.LastMs} {
		v := &aerv1.Sighting{TimeMs: t, Client: id, Country: f.Client.GetCountry(), Ip: f.Client.GetIp(),
			Hosting: f.Client.GetHosting()}
		i, found := slices.BinarySearchFunc(s.Sightings, v, compareSightings)
		if !found {
			s.Sightings = slices.Insert(s.Sightings, i, v)
		}
	}
	if n := len(s.Sightings) - maxSightings; n > 0 {
		s.Sightings = slices.Delete(s.Sightings, 0, n)
	}
}

func compareSightings(a, b *aerv1.Sighting) int {
	return cmp.Or(cmp.Compare(a.TimeMs, b.TimeMs), cmp.Compare(a.Client, b.Client))
}
