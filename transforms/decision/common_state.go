// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Caps of an organisation's causes; the ones found longest ago go first, those that are no common cause before those
// that are. They bound the state to 256 KB whatever the input (a test holds them to it); a few KB are usual.
const (
	maxCauses      = 48
	maxCausePeople = 128
	// maxWaiting is how many findings wait for company at once; more are not kept back.
	maxWaiting = 512
	// maxThings is how many new things a finding may name; one with more is not looked at, because what is not seen could
	// not be explained.
	maxThings = 32
)

// CommonExpiresAt is the event time from which a state of which nothing more was heard decides like an empty one.
func CommonExpiresAt(st *aerv1.CommonState) time.Time {
	at := st.GetClockMs()
	for _, c := range st.GetCauses() {
		at = max(at, causeEndsMS(c))
	}
	return time.UnixMilli(at + 1).UTC()
}

func causeEndsMS(c *aerv1.Cause) int64 {
	if c.CommonMs != 0 {
		return c.LastMs + CommonMemory.Milliseconds()
	}
	return c.LastMs + CommonWindow.Milliseconds()
}

// advanceCommon moves the clock, which never goes back, and forgets what is too old.
func advanceCommon(st *aerv1.CommonState, nowMS int64) int64 {
	st.Version = aerv1.StateVersion
	st.ClockMs = max(st.ClockMs, nowMS)
	st.Causes = slices.DeleteFunc(st.Causes, func(c *aerv1.Cause) bool { return causeEndsMS(c) < st.ClockMs })
	st.WaitingMs = slices.DeleteFunc(st.WaitingMs, func(ms int64) bool { return ms <= st.ClockMs })
	return st.ClockMs
}

// noteCauses remembers that a finding's new things were new for its person.
func noteCauses(st *aerv1.CommonState, a *aerv1.Anomaly, nowMS int64) {
	if len(a.GetNewThings()) > maxThings {
		return
	}
	who := personOf(a, nowMS)
	for _, t := range a.GetNewThings() {
		c := findCause(st, t)
		if c == nil {
			c = &aerv1.Cause{Kind: keep(t.GetKind()), Key: keep(t.GetKey()), FirstMs: nowMS, LastMs: nowMS}
			st.Causes = keepNewest(append(st.Causes, c), maxCauses,
				func(c *aerv1.Cause) (int64, uint64) { return causeEndsMS(c), hash(c.Kind, c.Key) })
		}
		noteCause(c, who, nowMS)
		for _, same := range st.Causes {
			if t.GetKind() == aerv1.NewASN && same != c && same.Kind == aerv1.NewASN && fromPlace(same, who) {
				noteCause(same, who, nowMS)
			}
		}
	}
}

func noteCause(c *aerv1.Cause, who *aerv1.CausePerson, nowMS int64) {
	notePerson(c, who)
	if c.CommonMs == 0 || who.Device != aerv1.CausePerson_STRANGE { // strangers do not keep a common cause alive
		c.LastMs = max(c.LastMs, nowMS)
	}
	settleCause(c, nowMS)
}

// fromPlace says whether a network that goes by its AS is the one that goes by an address range, or the other way
// round: somebody of the one is in the range of the other, and the AS of one of them is not known.
func fromPlace(c *aerv1.Cause, who *aerv1.CausePerson) bool {
	return who.Place != 0 && slices.ContainsFunc(c.People, func(p *aerv1.CausePerson) bool {
		return p.Place == who.Place && (p.Network == 0 || who.Network == 0)
	})
}

func personOf(a *aerv1.Anomaly, nowMS int64) *aerv1.CausePerson {
	client := a.GetEvidence().GetClient()
	p := &aerv1.CausePerson{Id: hash("person", a.GetUserId()), AtMs: nowMS, Device: aerv1.CausePerson_STRANGE}
	if excusable(a) {
		p.Device = deviceOf(a)
	}
	if f := familyOf(client); f != "" {
		p.Family = hash("family", f)
	}
	if client.GetAsn() != 0 {
		p.Network = hash("asn", fmt.Sprint(client.Asn))
	}
	if place := prefixOf(client.GetIp()); place != "" {
		p.Place = hash("place", place)
	}
	return p
}

// notePerson keeps the worst that is known of a person's device, until CommonWindow has passed. What a finding does not
// say, it does not change.
func notePerson(c *aerv1.Cause, who *aerv1.CausePerson) {
	for _, p := range c.People {
		if p.Id != who.Id {
			continue
		}
		switch recent := p.AtMs > who.AtMs-CommonWindow.Milliseconds(); {
		case recent && who.Device == aerv1.CausePerson_UNNAMED:
		case recent && p.Device != aerv1.CausePerson_UNNAMED:
			p.Device = max(p.Device, who.Device)
		default:
			p.Device = who.Device
		}
		p.AtMs, p.Family = who.AtMs, cmp.Or(who.Family, p.Family)
		if who.Network != 0 || p.Network == 0 {
			p.Network, p.Place = who.Network, cmp.Or(who.Place, p.Place)
		}
		return
	}
	if c.CommonMs != 0 && len(c.People) >= maxCausePeople {
		return
	}
	c.People = keepNewest(append(c.People, proto.CloneOf(who)), maxCausePeople,
		func(p *aerv1.CausePerson) (int64, uint64) { return p.AtMs, p.Id })
}

// settleCause says whether a thing is a common cause by now. The last person needed may be one of whom the fast lane
// has just heard: the third does not have to be signed out to be counted. One that is stays it unless strange devices
// become as many as the others.
func settleCause(c *aerv1.Cause, nowMS int64) {
	if c.CommonMs != 0 {
		if t := tally(c, 0); t.strange >= t.sharing() {
			c.CommonMs, c.Told = 0, 0
		}
		return
	}
	t := tally(c, nowMS-CommonWindow.Milliseconds())
	onOwn := t.own >= CommonPeople && t.own > t.strange || t.own == CommonPeople-1 &&
		t.unknown+t.unnamed > 0 && t.strange == 0
	manyKinds := c.Kind == aerv1.NewJA4 && t.families >= CommonFamilies && t.sharing() >= CommonPeople &&
		t.sharing() > t.strange
	if onOwn || manyKinds {
		c.CommonMs = nowMS
	}
}

// counts of the people for whom a thing was new; families and networks of those who are neither strangers nor unnamed,
// who speak neither for nor against a common cause.
type counts struct{ own, unknown, unnamed, strange, families, networks int }

// sharing is how many share the thing without being strangers.
func (t counts) sharing() int { return t.own + t.unknown }

func tally(c *aerv1.Cause, afterMS int64) (t counts) {
	families, networks, places := map[uint64]bool{}, map[uint64]bool{}, map[uint64]bool{}
	for _, p := range c.People {
		if p.AtMs <= afterMS {
			continue
		}
		switch p.Device {
		case aerv1.CausePerson_STRANGE:
			t.strange++
			continue
		case aerv1.CausePerson_UNNAMED:
			t.unnamed++
			continue
		case aerv1.CausePerson_OWN:
			t.own++
		default:
			t.unknown++
		}
		families[p.Family], networks[p.Network], places[p.Place] = true, true, true
	}
	for _, m := range []map[uint64]bool{families, networks, places} {
		delete(m, 0)
	}
	if t.families, t.networks = len(families), len(networks); t.networks == 0 {
		t.networks = len(places)
	}
	return t
}

// campaigners is how many accounts strangers reached with the thing of late; 0 if it may be something else.
func campaigners(c *aerv1.Cause, nowMS int64) int {
	t := tally(c, nowMS-CampaignWindow.Milliseconds())
	if c.CommonMs != 0 || c.Kind != aerv1.NewJA4 && c.Kind != aerv1.NewASN || t.strange == 0 || t.own >= t.strange {
		return 0
	}
	return t.strange + t.unknown
}

// sharedMost is the thing of a finding that most people share, the first of those; nil if nobody else has any of them.
func sharedMost(st *aerv1.CommonState, a *aerv1.Anomaly) (most *aerv1.Cause) {
	for _, t := range a.GetNewThings() {
		if c := findCause(st, t); c != nil && len(c.People) > max(1, len(most.GetPeople())) {
			most = c
		}
	}
	return most
}

func findCause(st *aerv1.CommonState, t *aerv1.NewThing) *aerv1.Cause {
	kind, key := keep(t.GetKind()), keep(t.GetKey())
	for _, c := range st.Causes {
		if c.Key == key && c.Kind == kind {
			return c
		}
	}
	return nil
}

// stoppedBefore says whether a response to the cause was stopped for the finding's person before, and remembers that
// one is.
func stoppedBefore(c *aerv1.Cause, a *aerv1.Anomaly) bool {
	id := hash("person", a.GetUserId())
	for _, p := range c.People {
		if p.Id == id {
			before := p.Stopped
			p.Stopped = true
			return before
		}
	}
	return false
}
