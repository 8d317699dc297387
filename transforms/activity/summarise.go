// SPDX-License-Identifier: Apache-2.0

package activity

import (
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

// Summarise is the slice of one event in its window of windowMS milliseconds. Facts about the client must have been
// derived before (ev.Client.Facts).
func Summarise(ev *aerv1.Event, windowMS int32) *aerv1.Slice {
	t := ev.Time.AsTime().UnixMilli()
	ref := &aerv1.EventRef{Id: ev.Id, TimeMs: t}
	who, _ := aerv1.PrincipalOfEvent(ev)
	s := &aerv1.Slice{
		OrgId: ev.OrgId, UserId: ev.UserId, UserType: ev.UserType, ActorKind: who.ActorKind, AppId: who.AppID,
		WindowStartMs: WindowStartMS(t, int64(windowMS)), WindowMs: windowMS,
		Events: 1, Refs: []*aerv1.EventRef{ref}, Last: ref,
		Actions: []*aerv1.ActionCount{{Action: string(event.ActionClass(ev.Action)), Outcome: ev.Outcome, Count: 1}},
		Bytes:   ev.GetBytes(),
	}
	facet := newFacet(ev, t)
	s.Facets = []*aerv1.Facet{facet}
	class := facet.Client.GetClass()
	if facts := ev.Client.GetFacts(); facts.GetTor() && !facts.GetTorStale() {
		s.TorAddresses = []string{ev.Client.Ip}
	}
	switch {
	case event.IsDownload(ev):
		facet.Downloads = 1
		s.Downloads = objectSet(ev)
		s.DownloadBytes = ev.GetBytes()
	case event.IsRead(ev):
		facet.Reads = 1
		s.Reads = objectSet(ev)
	}
	if ev.ApiMethod != "" && !event.IsPolling(ev) {
		facet.Calls = 1
		s.Methods = []*aerv1.MethodCount{methodCount(ev, class)}
	}
	if !event.IsPolling(ev) {
		s.Pace = make([]uint32, max(1, windowMS/1000))
		s.Pace[min((t-s.WindowStartMs)/1000, int64(len(s.Pace)-1))] = 1
	}
	return s
}

// objectSet counts the event's object; an event without one counts as an object of its own, so that a download whose
// object is unknown still counts.
func objectSet(ev *aerv1.Event) *aerv1.ObjectSet {
	key := ev.GetObject().GetType() + "\x00" + ev.GetObject().GetId()
	if ev.GetObject().GetId() == "" {
		key = "event\x00" + ev.Id
	}
	return &aerv1.ObjectSet{Hashes: []uint64{Hash(key)}}
}

func methodCount(ev *aerv1.Event, class string) *aerv1.MethodCount {
	m := &aerv1.MethodCount{Class: class, Method: ev.ApiMethod, Calls: 1, CallIds: []uint64{Hash(ev.Id)}}
	switch ev.Outcome {
	case aerv1.OutcomeError, aerv1.OutcomeDenied:
		m.Errors = 1
	case aerv1.OutcomeRateLimited:
		m.RateLimited = 1
	}
	return m
}

func newFacet(ev *aerv1.Event, t int64) *aerv1.Facet {
	f := &aerv1.Facet{
		SessionId: ev.SessionId, Client: facetClient(ev.Client), FirstMs: t, LastMs: t,
		FirstEventId: ev.Id, LastEventId: ev.Id, Events: 1,
		Login: event.ActionClass(ev.Action) == event.ClassLogin,
	}
	if ev.CookieTime != nil {
		f.CookieMinMs = ev.CookieTime.AsTime().UnixMilli()
		f.CookieMaxMs = f.CookieMinMs
	}
	return f
}

func facetClient(c *aerv1.Client) *aerv1.FacetClient {
	facts := c.GetFacts()
	ua := c.GetUserAgent()
	if len(ua) > maxUserAgent {
		ua = strings.ToValidUTF8(ua[:maxUserAgent], "") // the cut may go through a character, which no message may hold
	}
	return &aerv1.FacetClient{
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
