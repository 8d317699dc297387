// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"cmp"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/shape"
)

// Limits of what is remembered of a session's clients.
const (
	maxClients   = 6
	maxSightings = 16
)

// SessionClient is one client in one session.
type SessionClient struct {
	// Client and Seat are never changed, and shared with all that refer to the same ones.
	Client *aerv1.FacetClient
	Seat   *Seat
	// FirstMS and LastMS are when it was seen there, Unix milliseconds.
	FirstMS, LastMS int64
	// FirstEventID is the event it came with; empty for clients that a person sits in front of, whose coming is no
	// finding.
	FirstEventID string
	Events       uint32
	// Login says that it logged in there.
	Login bool
}

// Seat is where a client was seen from.
type Seat struct {
	// Hash is SeatHash of the client.
	Hash        uint64
	IP, Country string
	Hosting     bool
}

// Sighting says that a seat was seen in a session at a time, Unix milliseconds.
type Sighting struct {
	TimeMS int64
	*Seat
}

// SeatHash names a client by what every request carries: program and address. Fields that may be missing from one
// request and not from the next do not make two clients of one.
func SeatHash(c *aerv1.FacetClient) uint64 {
	var buf [2 * keySize]byte
	b := append(buf[:0], c.GetUserAgent()...)
	return xxhash.Sum64(append(append(b, 0), c.GetIp()...))
}

// SameClient says whether two clients are the same in all that identifies one: program, device, TLS stack and address.
// A browser shows several fingerprints, which must not crowd the others out.
func SameClient(a, b *aerv1.FacetClient) bool {
	return a == b || a.GetIp() == b.GetIp() && a.GetUserAgent() == b.GetUserAgent() &&
		a.GetDeviceId() == b.GetDeviceId() &&
		(a.GetJa4() == b.GetJa4() || shape.StackKey(a.GetJa4()) == shape.StackKey(b.GetJa4()))
}

// noteClient records which client the facet shows in its session, and when it was seen from where.
func (p *Profile) noteClient(s *Session, f *aerv1.Facet) *aerv1.FacetClient {
	for i := len(s.Clients) - 1; i >= 0; i-- {
		if c := &s.Clients[i]; SameClient(c.Client, f.Client) {
			p.seeAgain(s, c, f)
			s.noteSightings(f, c.Seat)
			return c.Client
		}
	}
	client, seat := p.cell(s, f.Client)
	s.Clients = append(s.Clients, SessionClient{
		Client: client, Seat: seat, FirstMS: f.FirstMs, LastMS: f.LastMs, Events: f.Events, Login: f.Login,
		FirstEventID: firstEvent(f),
	})
	if len(s.Clients) > maxClients {
		oldest := 0
		for i := range s.Clients {
			if s.Clients[i].LastMS < s.Clients[oldest].LastMS {
				oldest = i
			}
		}
		s.Clients = slices.Delete(s.Clients, oldest, oldest+1)
	}
	s.noteSightings(f, seat)
	return client
}

// firstEvent is a copy of the facet's first event's id, where it is ever told.
func firstEvent(f *aerv1.Facet) string {
	if Interactive(f.Client.GetClass()) {
		return ""
	}
	return strings.Clone(f.FirstEventId)
}

func (p *Profile) seeAgain(s *Session, c *SessionClient, f *aerv1.Facet) {
	c.LastMS = max(c.LastMS, f.LastMs)
	if f.FirstMs < c.FirstMS {
		c.Client, _ = p.cell(s, f.Client)
		c.FirstMS, c.FirstEventID = f.FirstMs, firstEvent(f)
	}
	c.Events += f.Events
	c.Login = c.Login || f.Login
	if c.Seat.Country != f.Client.GetCountry() || c.Seat.Hosting != f.Client.GetHosting() {
		_, c.Seat = p.cell(s, f.Client)
	}
}

// noteSightings records when the facet began and ended: enough to see two clients take turns.
func (s *Session) noteSightings(f *aerv1.Facet, seat *Seat) {
	s.see(Sighting{f.FirstMs, seat})
	if f.LastMs != f.FirstMs {
		s.see(Sighting{f.LastMs, seat})
	}
	if n := len(s.Sightings) - maxSightings; n > 0 {
		s.Sightings = slices.Delete(s.Sightings, 0, n)
	}
}

func (s *Session) see(v Sighting) {
	i := len(s.Sightings)
	for i > 0 && compareSightings(s.Sightings[i-1], v) > 0 { // most come at the end
		i--
	}
	if i == 0 || compareSightings(s.Sightings[i-1], v) != 0 {
		s.Sightings = slices.Insert(s.Sightings, i, v)
	}
}

func compareSightings(a, b Sighting) int {
	return cmp.Or(cmp.Compare(a.TimeMS, b.TimeMS), cmp.Compare(a.Hash, b.Hash))
}

// cell is the profile's own copy of a client, with its seat: the one it has already, of the session s or of another
// one, or a new one.
func (p *Profile) cell(s *Session, c *aerv1.FacetClient) (*aerv1.FacetClient, *Seat) {
	if have := s.client(c); have != nil {
		return have.Client, have.Seat
	}
	for i := range p.Sessions {
		if have := p.Sessions[i].client(c); have != nil {
			return have.Client, have.Seat
		}
	}
	return newCell(c)
}

// client is the session's client that is c, with the seat that is c's, or nil.
func (s *Session) client(c *aerv1.FacetClient) *SessionClient {
	for i := len(s.Clients) - 1; i >= 0; i-- {
		if have := &s.Clients[i]; equalClients(have.Client, c) && have.Seat.Country == c.GetCountry() &&
			have.Seat.Hosting == c.GetHosting() {
			return have
		}
	}
	return nil
}

// equalClients says whether two clients are equal in everything.
func equalClients(a, b *aerv1.FacetClient) bool {
	return a == b || a != nil && b != nil && a.Ip == b.Ip && a.DeviceId == b.DeviceId && a.Ja4 == b.Ja4 &&
		a.UserAgent == b.UserAgent && a.Asn == b.Asn && a.Hosting == b.Hosting && a.Country == b.Country &&
		a.Class == b.Class && a.Family == b.Family && a.Version == b.Version && a.Os == b.Os
}

// newCell copies a client, and says its seat. What many people's clients have in common is kept once for all of them.
func newCell(c *aerv1.FacetClient) (*aerv1.FacetClient, *Seat) {
	var cell struct { // one piece of memory for both
		client aerv1.FacetClient
		seat   Seat
	}
	own := &cell.client
	var buf [keySize]byte
	text := string(append(append(buf[:0], c.GetIp()...), c.GetDeviceId()...))
	own.Ip, own.DeviceId = text[:len(c.GetIp())], text[len(c.GetIp()):]
	own.UserAgent, own.Ja4, own.Asn = intern(c.GetUserAgent()), intern(c.GetJa4()), c.GetAsn()
	own.Country, own.Hosting = intern(c.GetCountry()), c.GetHosting()
	own.Class, own.Family, own.Version, own.Os = intern(c.GetClass()), intern(c.GetFamily()), intern(c.GetVersion()),
		intern(c.GetOs())
	cell.seat = Seat{SeatHash(own), own.Ip, own.Country, own.Hosting}
	return own, &cell.seat
}
