// SPDX-License-Identifier: Apache-2.0

package activity

import (
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/event"
)

// Limits of one slice. Each is several times what a busy person reaches in 10 s; doc.go says how large they let it
// become.
const (
	maxRefs      = 16
	maxFacets    = 16
	maxMethods   = 64
	maxCallIDs   = 64
	maxObjects   = 256
	maxActions   = 32
	maxUserAgent = 256 // bytes kept of a user agent

	maxTorAddresses = 16
)

// otherMethod stands for the methods beyond maxMethods.
const otherMethod = ""

// Summarise is the slice of one event in its window of windowMS milliseconds. Facts about the client must have been
// derived before (ev.Client.Facts).
func Summarise(ev *aerv1.Event, windowMS int32) *aerv1.Slice {
	a := NewAccumulator(windowMS)
	a.Add(ev)
	return a.slices[0]
}

// begin makes the cell's slice that of one event. It keeps the memory of lists and nothing of what was in them.
func (c *cell) begin(e *Entry, windowMS int32) {
	s := &c.slice
	c.ref = aerv1.EventRef{Id: e.id, TimeMs: e.ms}
	c.last = aerv1.EventRef{Id: e.id, TimeMs: e.ms}
	c.action = aerv1.ActionCount{Action: string(e.class), Outcome: e.outcome, Count: 1}
	c.facet.set(e)
	*s = aerv1.Slice{
		OrgId: string(e.who.OrgID), UserId: string(e.who.UserID), UserType: e.userType,
		ActorKind: e.who.ActorKind, AppId: e.who.AppID,
		WindowStartMs: e.startMS, WindowMs: windowMS, Events: 1, Last: &c.last, Bytes: e.bytes,
		Refs: append(s.Refs[:0], &c.ref), Facets: append(s.Facets[:0], &c.facet.of),
		Actions: append(s.Actions[:0], &c.action), Methods: s.Methods[:0], Pace: s.Pace[:0],
		TorAddresses: s.TorAddresses[:0],
	}
	if e.exit {
		s.TorAddresses = append(s.TorAddresses, e.ip)
	}
	switch {
	case e.download:
		s.Downloads, s.DownloadBytes = objectSet(&c.objects, e), e.bytes
	case e.read:
		s.Reads = objectSet(&c.objects, e)
	}
	if e.called() {
		setMethod(&c.method, e)
		s.Methods = append(s.Methods, &c.method)
	}
	pace(s, e)
}

// pace counts the event in its second of the window; what is left over of a window counts with its last second.
func pace(s *aerv1.Slice, e *Entry) {
	if e.polling {
		return
	}
	if len(s.Pace) == 0 {
		n := max(1, int(s.WindowMs/1000))
		s.Pace = slices.Grow(s.Pace, n)[:n]
		clear(s.Pace)
	}
	s.Pace[min((e.ms-s.WindowStartMs)/1000, int64(len(s.Pace)-1))]++
}

// objectSet makes set that of the event's object.
func objectSet(set *aerv1.ObjectSet, e *Entry) *aerv1.ObjectSet {
	*set = aerv1.ObjectSet{Hashes: append(set.Hashes[:0], e.object)}
	return set
}

// setMethod makes m the event's call.
func setMethod(m *aerv1.MethodCount, e *Entry) {
	*m = aerv1.MethodCount{Class: e.facts.GetClass(), Method: e.method, Calls: 1, CallIds: append(m.CallIds[:0], e.call)}
	switch e.outcome {
	case aerv1.OutcomeError, aerv1.OutcomeDenied:
		m.Errors = 1
	case aerv1.OutcomeRateLimited:
		m.RateLimited = 1
	}
}

// set makes f the event's session and client.
func (f *facet) set(e *Entry) {
	f.client = aerv1.FacetClient{
		Ip: e.ip, UserAgent: e.agent, DeviceId: e.device, Ja4: e.print, Asn: e.asn, Country: e.country,
		Class: e.facts.GetClass(), Family: e.facts.GetFamily(), Version: e.facts.GetVersion(), Os: e.facts.GetOs(),
		Hosting: e.facts.GetHosting(),
	}
	f.of = aerv1.Facet{
		SessionId: e.session, Client: &f.client, FirstMs: e.ms, LastMs: e.ms, FirstEventId: e.id, LastEventId: e.id,
		Events: 1, Login: e.class == event.ClassLogin, CookieMinMs: e.cookieMS, CookieMaxMs: e.cookieMS,
		Downloads: count(e.download), Reads: count(e.read), Calls: count(e.called()),
	}
}

func count(yes bool) uint32 {
	if yes {
		return 1
	}
	return 0
}
