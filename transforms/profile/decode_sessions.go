// SPDX-License-Identifier: Apache-2.0

package profile

import (
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// The bytes that a session, a client in it and a sighting take at least.
const leastSession, leastClient, leastSighting = 4, 3, 1

func (d *decoder) session(s *Session) {
	flags := d.Uint()
	s.Binding = Binding(flags & sessionBinding)
	s.ID = d.text()
	s.LastMS = d.time(d.lastMS)
	s.FirstMS = d.time(s.LastMS)
	if s.BoundMS = s.FirstMS; flags&sessionBoundLater != 0 {
		s.BoundMS = d.after(s.FirstMS)
	}
	if flags&sessionCookie != 0 {
		s.CookieSeenMS = d.time(s.LastMS)
		s.CookieMS = d.time(s.CookieSeenMS)
	}
	if flags&sessionBound != 0 {
		s.Bound = d.client()
	}
	n := flags >> sessionBits
	if n > uint64(len(d.Rest)/leastClient) {
		d.Fail()
		return
	}
	s.Clients = d.sessionClients.take(int(n))
	for i := range s.Clients {
		d.sessionClient(s, &s.Clients[i])
	}
	if flags&sessionSightings != 0 {
		d.readSightings(s, flags&sessionOneSeat != 0)
	}
}

func (d *decoder) sessionClient(s *Session, c *SessionClient) {
	flags := d.Uint()
	c.Events, c.Login = uint32(flags>>seenBits), flags&seenLogin != 0
	c.Client = d.client()
	if c.FirstMS = s.FirstMS; flags&seenLater != 0 {
		c.FirstMS = d.after(s.FirstMS)
	}
	if c.LastMS = s.LastMS; flags&seenEarlier != 0 {
		c.LastMS = d.time(s.LastMS)
	}
	c.FirstEventID = d.text()
	if flags&seenElsewhere != 0 {
		c.Seat = d.seat()
	} else {
		c.Seat = d.seatOf(c.Client)
	}
}

func (d *decoder) client() *aerv1.FacetClient {
	i := d.Uint()
	switch {
	case i < uint64(len(d.clients)):
		return d.clients[i]
	case i > uint64(len(d.clients)):
		d.Fail()
		return nil
	}
	c := d.newClient()
	d.clients = append(d.clients, c)
	return c
}

func (d *decoder) newClient() *aerv1.FacetClient {
	flags := d.Uint()
	if flags&clientNone != 0 {
		return nil
	}
	c := d.cells.one()
	p := d.program()
	c.UserAgent, c.Class, c.Family, c.Version, c.Os = p.userAgent, p.class, p.family, p.version, p.os
	c.Ip = d.ownText()
	c.Hosting = flags&clientHosting != 0
	if flags&clientDevice != 0 {
		c.DeviceId = d.ownText()
	}
	if flags&clientPrint != 0 {
		c.Ja4 = d.sharedText()
	}
	if flags&clientPlace != 0 {
		c.Asn, c.Country = uint32(d.Uint()), d.sharedText()
	}
	return c
}

func (d *decoder) program() program {
	i := d.Uint()
	switch {
	case i < uint64(len(d.programs)):
		return d.programs[i]
	case i > uint64(len(d.programs)):
		d.Fail()
		return program{}
	}
	p := program{d.sharedText(), d.sharedText(), d.sharedText(), d.sharedText(), d.sharedText()}
	d.programs = append(d.programs, p)
	return p
}

// seat is never nil: those who look at seats rely on it.
func (d *decoder) seat() *Seat {
	i := d.Uint()
	switch {
	case i < uint64(len(d.seats)):
		return d.seats[i]
	case i > uint64(len(d.seats)):
		d.Fail()
	}
	s := d.seatCells.one()
	s.Hash, s.IP, s.Hosting, s.Country = d.Fixed(), d.ownText(), d.Uint() != 0, d.sharedText()
	d.seats = append(d.seats, s)
	return s
}

// seatOf is the seat of a client.
func (d *decoder) seatOf(c *aerv1.FacetClient) *Seat {
	want := seatOf(c)
	for _, have := range d.seats {
		if *have == want {
			return have
		}
	}
	s := d.seatCells.one()
	*s = want
	d.seats = append(d.seats, s)
	return s
}

func (d *decoder) readSightings(s *Session, oneSeat bool) {
	s.Sightings = d.sightings.take(d.count(leastSighting))
	var seat *Seat
	if oneSeat {
		seat = d.seat()
	}
	before := s.FirstMS
	for i := range s.Sightings {
		before = d.after(before)
		if !oneSeat {
			seat = d.seat()
		}
		s.Sightings[i] = Sighting{before, seat}
	}
}
