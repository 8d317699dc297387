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
	FirstEventID    string
	Events          uint32
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

// noteClient records which client the facet shows in its session, and from what seat.
func (p *Profile) noteClient(s *Session, f *aerv1.Facet) *Seat {
	for i := len(s.Clients) - 1; i >= 0; i-- {
		if c := &s.Clients[i]; SameClient(c.Client, f.Client) {
			p.seeAgain(s, c, f)
			return c.Seat
		}
	}
	seat := p.ownSeat(s, seatOf(f.Client))
	s.Clients = append(s.Clients, SessionClient{
		Client: p.cell(s, f.Client), Seat: seat, FirstMS: f.FirstMs, LastMS: f.LastMs, Events: f.Events, Login: f.Login,
		FirstEventID: strings.Clone(f.FirstEventId),
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
	return seat
}

func (p *Profile) seeAgain(s *Session, c *SessionClient, f *aerv1.Facet) {
	c.LastMS = max(c.LastMS, f.LastMs)
	if f.FirstMs < c.FirstMS {
		c.Client, c.FirstMS, c.FirstEventID = p.cell(s, f.Client), f.FirstMs, strings.Clone(f.FirstEventId)
	}
	c.Events += f.Events
	c.Login = c.Login || f.Login
	if c.Seat.Country != f.Client.GetCountry() || c.Seat.Hosting != f.Client.GetHosting() {
		c.Seat = p.ownSeat(s, seatOf(f.Client))
	}
}

// noteSightings records when the facet began and ended: enough to see two clients take turns.
func (p *Profile) noteSightings(s *Session, f *aerv1.Facet, seat *Seat) {
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

func seatOf(c *aerv1.FacetClient) Seat {
	return Seat{SeatHash(c), c.GetIp(), c.GetCountry(), c.GetHosting()}
}

// ownSeat is the profile's own copy of a seat: the one it has already, of the session s or of another one, or a new
// one.
func (p *Profile) ownSeat(s *Session, v Seat) *Seat {
	if have := s.seat(v); have != nil {
		return have
	}
	for i := range p.Sessions {
		if have := p.Sessions[i].seat(v); have != nil {
			return have
		}
	}
	v.IP, v.Country = strings.Clone(v.IP), intern(v.Country)
	return &v
}

func (s *Session) seat(v Seat) *Seat {
	for i := len(s.Sightings) - 1; i >= 0; i-- {
		if have := s.Sightings[i].Seat; have.Hash == v.Hash && *have == v {
			return have
		}
	}
	return nil
}

// cell is the profile's own copy of a client: the one it has already, of the session s or of another one, or a new one.
func (p *Profile) cell(s *Session, c *aerv1.FacetClient) *aerv1.FacetClient {
	if have := s.cell(c); have != nil {
		return have
	}
	for i := range p.Sessions {
		if have := p.Sessions[i].cell(c); have != nil {
			return have
		}
	}
	return newCell(c)
}

func (s *Session) cell(c *aerv1.FacetClient) *aerv1.FacetClient {
	if equalClients(s.Bound, c) {
		return s.Bound
	}
	for i := len(s.Clients) - 1; i >= 0; i-- {
		if have := s.Clients[i].Client; equalClients(have, c) {
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

// newCell copies a client. What many people's clients have in common is kept once for all of them.
func newCell(c *aerv1.FacetClient) *aerv1.FacetClient {
	if c == nil {
		return nil
	}
	return &aerv1.FacetClient{
		Ip: strings.Clone(c.Ip), UserAgent: intern(c.UserAgent), DeviceId: strings.Clone(c.DeviceId), Ja4: intern(c.Ja4),
		Asn: c.Asn, Country: intern(c.Country), Class: intern(c.Class), Family: intern(c.Family),
		Version: intern(c.Version), Os: intern(c.Os), Hosting: c.Hosting,
	}
}
