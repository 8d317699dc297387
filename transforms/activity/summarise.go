// SPDX-License-Identifier: Apache-2.0

package activity

import (
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/enrich/useragent"
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

// moment is an event with what everything that counts it asks.
type moment struct {
	*aerv1.Event
	event.Kind
	ms int64 // its time, Unix milliseconds
}

// call says whether somebody called a method: one that an official client calls in the background is nobody's.
func (e *moment) call() bool { return e.ApiMethod != "" && !e.Polling }

// Summarise is the slice of one event in its window of windowMS milliseconds. Facts about the client must have been
// derived before (ev.Client.Facts).
func Summarise(ev *aerv1.Event, windowMS int32) *aerv1.Slice {
	a := NewAccumulator(windowMS)
	a.Add(ev)
	return a.slices[0]
}

// begin makes the cell's slice that of one event. It keeps the memory of lists and nothing of what was in them.
func (c *cell) begin(e *moment, who aerv1.Principal, startMS int64, windowMS int32) {
	s := &c.slice
	c.ref = aerv1.EventRef{Id: e.Id, TimeMs: e.ms}
	c.last = aerv1.EventRef{Id: e.Id, TimeMs: e.ms}
	c.action = aerv1.ActionCount{Action: string(e.Class), Outcome: e.Outcome, Count: 1}
	c.facet.set(e)
	*s = aerv1.Slice{
		OrgId: e.OrgId, UserId: e.UserId, UserType: e.UserType, ActorKind: who.ActorKind, AppId: who.AppID,
		WindowStartMs: startMS, WindowMs: windowMS, Events: 1, Last: &c.last, Bytes: e.GetBytes(),
		Refs: append(s.Refs[:0], &c.ref), Facets: append(s.Facets[:0], &c.facet.of),
		Actions: append(s.Actions[:0], &c.action), Methods: s.Methods[:0], Pace: s.Pace[:0],
		TorAddresses: s.TorAddresses[:0],
	}
	if exit := torAddress(e.Client); exit != "" {
		s.TorAddresses = append(s.TorAddresses, exit)
	}
	switch {
	case e.Download:
		s.Downloads, s.DownloadBytes = objectSet(&c.objects, e), e.GetBytes()
	case e.Read:
		s.Reads = objectSet(&c.objects, e)
	}
	if e.call() {
		setMethod(&c.method, e)
		s.Methods = append(s.Methods, &c.method)
	}
	pace(s, e)
}

// torAddress is the address of a client that is a Tor exit by a list fresh enough to act on.
func torAddress(c *aerv1.Client) string {
	if facts := c.GetFacts(); facts.GetTor() && !facts.GetTorStale() {
		return c.Ip
	}
	return ""
}

// pace counts the event in its second of the window; what is left over of a window counts with its last second.
func pace(s *aerv1.Slice, e *moment) {
	if e.Polling {
		return
	}
	if len(s.Pace) == 0 {
		n := max(1, int(s.WindowMs/1000))
		s.Pace = slices.Grow(s.Pace, n)[:n]
		clear(s.Pace)
	}
	s.Pace[min((e.ms-s.WindowStartMs)/1000, int64(len(s.Pace)-1))]++
}

// objectSet makes set that of the event's object. An event without one counts as an object of its own, so that a
// download whose object is unknown still counts.
func objectSet(set *aerv1.ObjectSet, e *moment) *aerv1.ObjectSet {
	*set = aerv1.ObjectSet{Hashes: append(set.Hashes[:0], objectHash(e))}
	return set
}

func objectHash(e *moment) uint64 {
	if id := e.GetObject().GetId(); id != "" {
		return hashPair(e.Object.Type, id)
	}
	return hashPair("event", e.Id)
}

// setMethod makes m the event's call.
func setMethod(m *aerv1.MethodCount, e *moment) {
	*m = aerv1.MethodCount{Class: e.Client.GetFacts().GetClass(), Method: e.ApiMethod, Calls: 1,
		CallIds: append(m.CallIds[:0], Hash(e.Id))}
	switch e.Outcome {
	case aerv1.OutcomeError, aerv1.OutcomeDenied:
		m.Errors = 1
	case aerv1.OutcomeRateLimited:
		m.RateLimited = 1
	}
}

// set makes f the event's session and client.
func (f *facet) set(e *moment) {
	setClient(&f.client, e.Client)
	f.of = aerv1.Facet{
		SessionId: e.SessionId, Client: &f.client, FirstMs: e.ms, LastMs: e.ms,
		FirstEventId: e.Id, LastEventId: e.Id, Events: 1,
		Login: e.Class == event.ClassLogin, Downloads: count(e.Download), Reads: count(e.Read), Calls: count(e.call()),
	}
	if e.CookieTime != nil {
		f.of.CookieMinMs = e.CookieTime.AsTime().UnixMilli()
		f.of.CookieMaxMs = f.of.CookieMinMs
	}
}

func count(yes bool) uint32 {
	if yes {
		return 1
	}
	return 0
}

func setClient(to *aerv1.FacetClient, c *aerv1.Client) {
	facts := c.GetFacts()
	ua := c.GetUserAgent()
	if len(ua) > maxUserAgent {
		ua = strings.ToValidUTF8(ua[:maxUserAgent], "") // the cut may go through a character, which no message may hold
	}
	*to = aerv1.FacetClient{
		Ip: c.GetIp(), UserAgent: ua, DeviceId: c.GetDeviceId(), Ja4: fingerprint(c),
		Asn: c.GetAsn(), Country: c.GetCountry(),
		Class: facts.GetClass(), Family: facts.GetFamily(), Version: facts.GetVersion(), Os: facts.GetOs(),
		Hosting: facts.GetHosting(),
	}
}

// fingerprint is the client's TLS fingerprint: JA4, or JA3 where there is no JA4 and the client does not permute its
// extensions. A JA3 that is new with every connection would only crowd out what is remembered.
func fingerprint(c *aerv1.Client) string {
	if c.GetJa4() != "" || c.GetJa3() == "" || useragent.PermutesExtensions(c.GetUserAgent()) {
		return c.GetJa4()
	}
	return c.GetJa3()
}
