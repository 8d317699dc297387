// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// session is one sign-in of a person on a machine.
type session struct {
	id     string
	person *person
	*machine
	net  network
	born time.Time
	r    *rand.Rand
	// stale, if set, is the time of the cookie that is presented, which a thief copied then.
	stale time.Time
	// thief: it is not the person who uses it, nor from the organisation's networks unless inside as well. program: it is
	// a token without a cookie.
	thief, inside, program bool
	// disguise, if set, alters what every request shows.
	disguise func(*look)
}

// cookieLife is how often the service issues a fresh cookie to a session in use.
const cookieLife = 6 * time.Hour

func (s *session) cookie(at time.Time) time.Time {
	if !s.stale.IsZero() {
		return s.stale
	}
	return s.born.Add(at.Sub(s.born).Truncate(cookieLife)).Truncate(time.Millisecond)
}

// look is what one request shows of its client.
type look struct {
	agent, os, device, ja4, ip, country string
	asn                                 uint32
}

func (l *look) from(r *rand.Rand, n network) { l.ip, l.asn, l.country = n.address(r), n.asn, n.country }

func (s *session) look(w *world, at time.Time) look {
	d := w.dayOf(at)
	installed := s.release(d)
	l := look{agent: s.userAgent(installed.version), os: s.os, device: s.machine.id,
		ja4: s.engine.ja4(installed.revision, s.shape())}
	l.from(s.r, s.net)
	if !s.thief || s.inside {
		for _, c := range s.person.org.changes {
			if !at.Before(c.from) && c.apply != nil {
				c.apply(at, s, &l)
			}
		}
	}
	if s.disguise != nil {
		s.disguise(&l)
	}
	return l
}

// shape draws how a connection was made. A third is resumed; few fall back.
func (s *session) shape() shape {
	if !s.varied {
		return fresh
	}
	switch x := s.r.Float64(); {
	case x < 0.35:
		return resumed
	case x < 0.37:
		return http1
	case x < 0.47 && s.engine.quic:
		return overQUIC
	}
	return fresh
}

// traits are what an organisation's source tells about clients.
type traits struct {
	devices, prints, networks, cookies bool
	// untidy sources write placeholders, ports and capitals.
	untidy bool
}

func (t traits) client(l look) *aerv1.Client {
	c := &aerv1.Client{Ip: l.ip, UserAgent: l.agent, Platform: l.os}
	if t.devices {
		c.DeviceId = l.device
	}
	if t.prints {
		c.Ja4 = l.ja4
	}
	if t.networks {
		c.Asn, c.Country = l.asn, l.country
	}
	if t.untidy {
		untidy(c)
	}
	return c
}

// untidy writes a client as some sources do. It depends on the address alone, so that one place is written in one way.
func untidy(c *aerv1.Client) {
	if c.DeviceId == "" {
		c.DeviceId = "null"
	}
	if c.Country == "" {
		c.Country = "XX"
	}
	switch c.Ip[len(c.Ip)-1] {
	case '1', '2':
		if !strings.Contains(c.Ip, ":") {
			c.Ip += ":443"
		}
		c.Country = strings.ToLower(c.Country)
	case '3':
		c.Ip, c.Ja4 = " "+c.Ip, strings.ToUpper(c.Ja4)
	case '4':
		c.Ja4 = "-"
	}
}

// open makes a session without a log-in.
func (w *world) open(p *person, m *machine, n network, at time.Time) *session {
	w.sessions++
	id := fmt.Sprintf(w.sessionID, p.org.id, w.sessions)
	s := &session{id: id, person: p, machine: m, net: n, born: at, r: w.random("session " + id)}
	return s
}

// login opens a new session with its log-in event.
func (w *world) login(p *person, m *machine, n network, at time.Time) *session {
	s := w.open(p, m, n, at)
	p.sessions = append(p.sessions, s)
	w.emit(s, at, act{action: "user_login"})
	return s
}

// current returns the person's session on a machine, signing in if there is none or it is too old by the organisation's
// rule.
func (w *world) current(p *person, m *machine, n network, at time.Time) *session {
	for i := len(p.sessions) - 1; i >= 0; i-- {
		s := p.sessions[i]
		if s.machine == m && !s.born.After(at) && at.Sub(s.born) < p.org.sessionLife && !p.org.endedBetween(s.born, at) {
			s.net = n
			return s
		}
	}
	return w.login(p, m, n, at.Add(-2*time.Second))
}

// signedOut ends the person's sessions on a machine.
func (p *person) signedOut(m *machine) {
	p.sessions = slices.DeleteFunc(p.sessions, func(s *session) bool { return s.machine == m })
}

// signsIn opens a session of somebody who has the person's credentials.
func (w *world) signsIn(p *person, m *machine, n network, at time.Time) *session {
	s := w.open(p, m, n, at)
	s.thief = true
	w.emit(s, at, act{action: "user_login"})
	return s
}
