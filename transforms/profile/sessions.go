// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// maxSessions bounds the sessions remembered; those used longest ago are forgotten first.
const maxSessions = 16

// Binding is how a session was bound to its client; the higher binds anew.
type Binding uint8

// The bindings.
const (
	BoundByNone Binding = iota
	BoundByFirst
	BoundByKnown
	BoundByLogin
)

// String is the binding in a word.
func (b Binding) String() string { return [...]string{"", "first", "known", "login"}[b] }

// Session is what is remembered of one session.
type Session struct {
	ID string
	// FirstMS and LastMS are the times of its first and last event, Unix milliseconds, as are all below.
	FirstMS, LastMS int64
	// BoundMS is when it was bound.
	BoundMS int64
	// CookieMS is the newest cookie time seen, and CookieSeenMS when it was seen.
	CookieMS, CookieSeenMS int64
	// Bound is the client that the session belongs to: the one that logged in, else the first one known by the user, else
	// the first. It is never changed, and shared with all that refer to the same client.
	Bound *aerv1.FacetClient
	// Clients are those seen, at most maxClients, the latest kept, in the order in which they came.
	Clients []SessionClient
	// Sightings are the latest, at most maxSightings, in time order: what was seen when.
	Sightings []Sighting
	Binding   Binding
}

// Session is what is remembered of the session id, or nil; valid until the next slice is applied.
func (p *Profile) Session(id string) *Session {
	for i := len(p.Sessions) - 1; i >= 0; i-- { // the latest are asked for most
		if p.Sessions[i].ID == id {
			return &p.Sessions[i]
		}
	}
	return nil
}

// noteSession records a facet in its session, and gives the profile's own copy of its client or of one like it; nil
// where there is no session.
func (p *Profile) noteSession(f *aerv1.Facet, at *shown) *aerv1.FacetClient {
	if f.SessionId == "" {
		return nil
	}
	s := p.Session(f.SessionId)
	if s == nil {
		s = p.beginSession(f)
	}
	own := p.noteClient(s, f)
	p.bind(s, f, at)
	s.FirstMS = min(s.FirstMS, f.FirstMs)
	s.LastMS = max(s.LastMS, f.LastMs)
	if f.CookieMaxMs > s.CookieMS {
		s.CookieMS, s.CookieSeenMS = f.CookieMaxMs, f.LastMs
	}
	return own
}

func (p *Profile) beginSession(f *aerv1.Facet) *Session {
	room := &struct { // one piece of memory for what most sessions need
		clients   [1]SessionClient
		sightings [4]Sighting
	}{}
	p.Sessions = append(p.Sessions, Session{ID: strings.Clone(f.SessionId), FirstMS: f.FirstMs,
		Clients: room.clients[:0], Sightings: room.sightings[:0]})
	if last := len(p.Sessions) - 1; last == maxSessions {
		oldest := 0
		for i := range last {
			if p.Sessions[i].LastMS < p.Sessions[oldest].LastMS {
				oldest = i
			}
		}
		p.Sessions = slices.Delete(p.Sessions, oldest, oldest+1)
	}
	return &p.Sessions[len(p.Sessions)-1]
}

// bind decides which client the session belongs to: the one that logged in; without a login, the first that the user
// was known by before the session began; else the first that came. A later login binds anew: whoever proves the
// credentials owns the session from then on.
func (p *Profile) bind(s *Session, f *aerv1.Facet, at *shown) {
	how := p.binding(s, f, at)
	// Facets of a slice come in the order of their keys, and slices may be late: the times decide.
	better := how > s.Binding || how == s.Binding &&
		(how == BoundByLogin && f.FirstMs > s.BoundMS || how != BoundByLogin && f.FirstMs < s.BoundMS)
	if better {
		s.Bound, _ = p.cell(s, f.Client)
		s.Binding, s.BoundMS = how, f.FirstMs
	}
}

// binding is how the facet would bind its session.
func (p *Profile) binding(s *Session, f *aerv1.Facet, at *shown) Binding {
	before := min(s.FirstMS, f.FirstMs) // not by what this very session taught
	switch {
	case f.Login:
		return BoundByLogin
	case s.Binding == BoundByLogin, s.Binding == BoundByKnown && f.FirstMs >= s.BoundMS:
		return BoundByNone // nothing that is left binds better
	case p.things.before(at[Devices], before), p.things.before(at[Clients], before):
		return BoundByKnown
	}
	return BoundByFirst
}
