// SPDX-License-Identifier: Apache-2.0

package activity

import (
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/enrich/useragent"
	"github.com/aer-project/aer/transforms/event"
)

// Entry is what one event enters in a slice. It is less than half the size of an event, keeps nothing of it but texts
// and shared facts, and holds what follows from texts, which are at hand when the event is new and are not later.
type Entry struct {
	who     aerv1.Principal
	user    uint64 // UserHash of the user in who
	startMS int64  // of the window
	ms      int64  // when, Unix milliseconds
	// cookieMS is when the session cookie was issued, 0 if nothing is said about it.
	cookieMS int64
	bytes    uint64
	// object is the hash of what was read or downloaded, call that of the call, if the event is such.
	object, call uint64

	id, userType, session, method, outcome string

	class                   event.Class
	download, read, polling bool
	// exit: the address was a Tor exit, by a list fresh enough to act on.
	exit                              bool
	asn                               uint32
	ip, agent, device, print, country string
	// facts are shared by all clients of a kind.
	facts *aerv1.ClientFacts
}

// Set makes e the entry of an event in its window of windowMS milliseconds; user is UserHash of its user. Facts about
// the client must have been derived before (ev.Client.Facts).
func (e *Entry) Set(ev *aerv1.Event, user uint64, windowMS int32) {
	who, _ := aerv1.PrincipalOfEvent(ev)
	kind, ms := event.KindOf(ev), ev.Time.AsTime().UnixMilli()
	*e = Entry{
		who: who, user: user, startMS: WindowStartMS(ms, int64(windowMS)), ms: ms, bytes: ev.GetBytes(),
		id: ev.Id, userType: ev.UserType, session: ev.SessionId, method: ev.ApiMethod, outcome: ev.Outcome,
		class: kind.Class, download: kind.Download, read: kind.Read, polling: kind.Polling,
	}
	if ev.CookieTime != nil {
		e.cookieMS = ev.CookieTime.AsTime().UnixMilli()
	}
	if e.download || e.read {
		e.object = objectHash(ev)
	}
	if e.called() {
		e.call = Hash(ev.Id)
	}
	if ev.Client != nil {
		e.setClient(ev.Client)
	}
}

func (e *Entry) setClient(c *aerv1.Client) {
	e.ip, e.agent, e.device, e.print = c.Ip, c.UserAgent, c.DeviceId, fingerprint(c)
	e.asn, e.country, e.facts = c.Asn, c.Country, c.Facts
	e.exit = c.Facts.GetTor() && !c.Facts.GetTorStale()
	if len(e.agent) > maxUserAgent {
		e.agent = strings.ToValidUTF8(e.agent[:maxUserAgent], "") // the cut may go through a character, as no message may
	}
}

// WindowStartMS is the start of the window, Unix milliseconds.
func (e *Entry) WindowStartMS() int64 { return e.startMS }

// called says whether somebody called a method: one that an official client calls in the background is nobody's call.
func (e *Entry) called() bool { return e.method != "" && !e.polling }

// objectHash is what the event's object is counted by. An event without one counts as an object of its own, so that a
// download whose object is unknown still counts.
func objectHash(ev *aerv1.Event) uint64 {
	if id := ev.GetObject().GetId(); id != "" {
		return hashPair(ev.Object.Type, id)
	}
	return hashPair("event", ev.Id)
}

// fingerprint is the client's TLS fingerprint: JA4, or JA3 where there is no JA4 and the client does not permute its
// extensions. A JA3 that is new with every connection would only crowd out what is remembered.
func fingerprint(c *aerv1.Client) string {
	if c.Ja4 != "" || c.Ja3 == "" || useragent.PermutesExtensions(c.UserAgent) {
		return c.Ja4
	}
	return c.Ja3
}
