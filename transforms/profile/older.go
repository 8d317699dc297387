// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"fmt"
	"math"
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// lastMessages is the last schema in which each profile was a message. What of it is not read: hours, all of minutes
// but their calls, the class and the errors of recent methods, and peaks of metrics that are in no rule.
const lastMessages = 2

// fromMessage is the profile that was stored as m. It fails on a layout that this program does not know and on parallel
// lists of different lengths; a retry cannot help. Older layouts are brought up to date. It keeps m's texts.
func fromMessage(m *aerv1.Profile) (*Profile, error) {
	if err := check(m); err != nil {
		return nil, err
	}
	p := &Profile{
		OrgID: intern(m.OrgId), UserID: m.UserId, UserType: intern(m.UserType), ActorKind: intern(m.ActorKind),
		AppID: m.AppId, FirstMS: m.FirstMs, LastMS: m.LastMs, RecentDays: m.RecentDays, ActiveDays: m.ActiveDays,
		Attempts: m.Attempts, Downloads: readObjects(m.Downloads), Reads: readObjects(m.Reads),
	}
	if m.Schema == 1 && m.LastMs != 0 { // it did not say which days: none before the last counts again
		p.RecentDays = math.MaxUint64
	}
	for kind, list := range [kinds][]*aerv1.KnownThing{
		Clients: m.Clients, Devices: m.Devices, Networks: m.Networks, Places: m.Places, Countries: m.Countries,
		Fingerprints: m.Fingerprints, Methods: m.Methods,
	} {
		for _, k := range list {
			p.things.add(Kind(kind), Thing{Key: intern(k.Key), FirstMS: k.FirstMs, LastMS: k.LastMs, Days: k.Days,
				Events: k.Events})
		}
	}
	for _, s := range m.Sessions {
		p.Sessions = append(p.Sessions, p.readSession(s))
	}
	p.readCalls(m)
	for _, k := range m.Peaks {
		p.readPeaks(k)
	}
	return p, nil
}

// check looks for what would break the code that follows, which relies on the layout.
func check(p *aerv1.Profile) error {
	if err := known(p.Schema); err != nil {
		return err
	}
	if p.Schema > lastMessages {
		return fmt.Errorf("schema %d without what it packs", p.Schema)
	}
	for _, m := range []*aerv1.ObjectMemory{p.Downloads, p.Reads} {
		if n := len(m.GetHashes()); len(m.GetFirstS()) != n || len(m.GetLastS()) != n {
			return fmt.Errorf("%d objects with %d first and %d last times", n, len(m.GetFirstS()), len(m.GetLastS()))
		}
	}
	for _, k := range p.Peaks {
		if len(k.Days) != len(k.Values) {
			return fmt.Errorf("%d days of %s with %d values", len(k.Days), k.Metric, len(k.Values))
		}
	}
	return nil
}

func readObjects(m *aerv1.ObjectMemory) Objects {
	list := make([]Object, 0, len(m.GetHashes()))
	for i, h := range m.GetHashes() {
		list = append(list, Object{h, m.FirstS[i], m.LastS[i]})
	}
	return objectsOf(list)
}

// readSession gives the clients and seats of a session that were stored more than once the same memory again.
func (p *Profile) readSession(m *aerv1.SessionProfile) Session {
	s := Session{
		ID: m.Id, FirstMS: m.FirstMs, LastMS: m.LastMs, BoundMS: m.BoundMs, CookieMS: m.CookieMs,
		CookieSeenMS: m.CookieSeenMs,
		Binding:      Binding(max(0, slices.Index([]string{"", "first", "known", "login"}, m.Binding))),
	}
	for _, c := range m.Clients {
		client, seat := p.cell(&s, c.Client)
		if Interactive(client.Class) { // older layouts kept it of all
			c.FirstEventId = ""
		}
		s.Clients = append(s.Clients, SessionClient{Client: client, Seat: seat, FirstMS: c.FirstMs, LastMS: c.LastMs,
			FirstEventID: c.FirstEventId, Events: c.Events, Login: c.Login})
	}
	s.Bound, _ = p.cell(&s, m.Bound)
	for _, v := range m.Sightings {
		s.Sightings = append(s.Sightings, Sighting{v.TimeMs, s.seat(Seat{v.Client, v.Ip, v.Country, v.Hosting})})
	}
	return s
}

// seat is the session's own copy of a seat: the one it has already, or a new one.
func (s *Session) seat(v Seat) *Seat {
	for i := range s.Clients {
		if have := s.Clients[i].Seat; *have == v {
			return have
		}
	}
	for _, have := range s.Sightings {
		if *have.Seat == v {
			return have.Seat
		}
	}
	return &v
}

// readCalls adds up what older layouts told apart by class of client, and leaves out what they counted beside calls.
func (p *Profile) readCalls(m *aerv1.Profile) {
	for _, b := range m.Minutes {
		if calls := b.CallsInteractive + b.CallsAutomated; calls > 0 {
			p.Minutes = append(p.Minutes, Minute{b.Index, calls})
		}
	}
	for _, r := range m.RecentMethods {
		i, found := slices.BinarySearchFunc(p.Recent, MethodCalls{Stretch: r.Index, Method: r.Method}, compareMethodCalls)
		if !found {
			p.Recent = slices.Insert(p.Recent, i, MethodCalls{Stretch: r.Index, Method: intern(r.Method)})
		}
		p.Recent[i].Calls += r.Calls
	}
}

// readPeaks leaves out metrics that are followed no more.
func (p *Profile) readPeaks(m *aerv1.Peaks) {
	for metric := range MetricCount {
		if metric.String() == m.Metric {
			for i, day := range m.Days[:min(len(m.Days), maxPeaks)] {
				_, to := p.peaks.bounds(metric)
				p.peaks.insert(metric, to, Peak{day, uint32(m.Values[i])})
			}
		}
	}
}
