// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// The flags of a session, above which is the number of its clients.
const (
	sessionBinding    = 3 // two bits: the Binding
	sessionBound      = 1 << 2
	sessionBoundLater = 1 << 3 // than at its first time
	sessionCookie     = 1 << 4
	sessionSightings  = 1 << 5
	sessionOneSeat    = 1 << 6 // is that of all sightings

	sessionBits = 7
)

// The flags of a client in a session, above which is the number of its events.
const (
	seenLogin     = 1 << iota
	seenLater     // than the session's first time
	seenEarlier   // than the session's last time
	seenElsewhere // than where the client says

	seenBits = 4
)

// The flags of a client.
const (
	clientNone = 1 << iota // there is none
	clientHosting
	clientDevice
	clientPrint
	clientPlace // its AS or country
)

// program is what all clients of one program say alike.
type program struct{ userAgent, class, family, version, os string }

func (e *encoder) session(s *Session) {
	flags := uint64(s.Binding) | uint64(len(s.Clients))<<sessionBits | flagsOf(
		flag{sessionBound, s.Bound != nil}, flag{sessionBoundLater, s.BoundMS != s.FirstMS},
		flag{sessionCookie, s.CookieMS != 0 || s.CookieSeenMS != 0}, flag{sessionSightings, len(s.Sightings) > 0},
		flag{sessionOneSeat, oneSeat(s.Sightings)},
	)
	e.Uint(flags)
	e.text(s.ID)
	e.time(e.lastMS, s.LastMS)
	e.time(s.LastMS, s.FirstMS)
	if flags&sessionBoundLater != 0 {
		e.time(s.BoundMS, s.FirstMS)
	}
	if flags&sessionCookie != 0 {
		e.time(s.LastMS, s.CookieSeenMS)
		e.time(s.CookieSeenMS, s.CookieMS)
	}
	if flags&sessionBound != 0 {
		e.client(s.Bound)
	}
	for i := range s.Clients {
		e.sessionClient(s, &s.Clients[i])
	}
	if flags&sessionSightings != 0 {
		e.sightings(s)
	}
}

func (e *encoder) sessionClient(s *Session, c *SessionClient) {
	flags := uint64(c.Events)<<seenBits | flagsOf(
		flag{seenLogin, c.Login}, flag{seenLater, c.FirstMS != s.FirstMS}, flag{seenEarlier, c.LastMS != s.LastMS},
		flag{seenElsewhere, *c.Seat != seatOf(c.Client)},
	)
	e.Uint(flags)
	e.client(c.Client)
	if flags&seenLater != 0 {
		e.time(c.FirstMS, s.FirstMS)
	}
	if flags&seenEarlier != 0 {
		e.time(s.LastMS, c.LastMS)
	}
	e.text(c.FirstEventID)
	if flags&seenElsewhere != 0 {
		e.seat(c.Seat)
	} else {
		e.seatNumber(c.Seat)
	}
}

// client writes the number of a client, and after a number that is new the client itself.
func (e *encoder) client(c *aerv1.FacetClient) {
	i := slices.Index(e.clients, c)
	if i < 0 {
		i = slices.IndexFunc(e.clients, func(have *aerv1.FacetClient) bool { return equalClients(have, c) })
	}
	if i >= 0 {
		e.Uint(uint64(i))
		return
	}
	e.Uint(uint64(len(e.clients)))
	e.clients = append(e.clients, c)
	e.newClient(c)
}

func (e *encoder) newClient(c *aerv1.FacetClient) {
	if c == nil {
		e.Uint(clientNone)
		return
	}
	flags := flagsOf(
		flag{clientHosting, c.Hosting}, flag{clientDevice, c.DeviceId != ""}, flag{clientPrint, c.Ja4 != ""},
		flag{clientPlace, c.Asn != 0 || c.Country != ""},
	)
	e.Uint(flags)
	e.program(program{c.UserAgent, c.Class, c.Family, c.Version, c.Os})
	e.ownText(c.Ip)
	if flags&clientDevice != 0 {
		e.ownText(c.DeviceId)
	}
	if flags&clientPrint != 0 {
		e.sharedText(c.Ja4)
	}
	if flags&clientPlace != 0 {
		e.Uint(uint64(c.Asn))
		e.sharedText(c.Country)
	}
}

func (e *encoder) program(p program) {
	if i, ok := e.programs[p]; ok {
		e.Uint(uint64(i))
		return
	}
	e.Uint(uint64(len(e.programs)))
	e.programs[p] = uint32(len(e.programs))
	for _, s := range [...]string{p.userAgent, p.class, p.family, p.version, p.os} {
		e.sharedText(s)
	}
}

// seatOf is where a client says it is.
func seatOf(c *aerv1.FacetClient) Seat {
	return Seat{SeatHash(c), c.GetIp(), c.GetCountry(), c.GetHosting()}
}

// seat writes the number of a seat, and after a number that is new the seat itself.
func (e *encoder) seat(s *Seat) {
	known := len(e.seats)
	i := e.seatNumber(s)
	e.Uint(uint64(i))
	if i < known {
		return
	}
	e.Fixed(s.Hash)
	e.ownText(s.IP)
	e.Uint(flagsOf(flag{1, s.Hosting}))
	e.sharedText(s.Country)
}

// seatNumber is the number that the seat has, or has from now on.
func (e *encoder) seatNumber(s *Seat) int {
	for i, have := range e.seats {
		if have == s || *have == *s {
			return i
		}
	}
	e.seats = append(e.seats, s)
	return len(e.seats) - 1
}

func (e *encoder) sightings(s *Session) {
	e.Uint(uint64(len(s.Sightings)))
	one := oneSeat(s.Sightings)
	if one {
		e.seat(s.Sightings[0].Seat)
	}
	before := s.FirstMS
	for i := range s.Sightings {
		v := &s.Sightings[i]
		e.time(v.TimeMS, before)
		before = v.TimeMS
		if !one {
			e.seat(v.Seat)
		}
	}
}

// oneSeat says whether there are sightings, all of the same seat.
func oneSeat(list []Sighting) bool {
	return len(list) > 0 && !slices.ContainsFunc(list[1:], func(v Sighting) bool {
		return v.Seat != list[0].Seat && *v.Seat != *list[0].Seat
	})
}
