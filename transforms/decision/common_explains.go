// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// signOf is the kind of new thing that a sign follows from; empty for a sign of the finding's own (another device,
// system or program, an old cookie, whatever other detectors found): no common cause explains it, and what such signs
// are worth together decides whether the finding stands. Another program is named as new, and explained by nothing: no
// roll-out moves a session.
func signOf(code string) string {
	if code == "family_changed" {
		return ""
	}
	return aerv1.NewThingOfSign(code)
}

// thingOf is what the findings without signs of a detector are about.
var thingOf = map[string]string{
	aerv1.TypeSpoofedUserAgent:        aerv1.NewJA4,
	aerv1.TypeUnexpectedUserAgent:     aerv1.NewAgent,
	aerv1.TypeUnexpectedAPICallVolume: aerv1.NewMethod,
}

// kindsOf lists the kinds of new things that a finding follows from, each once; ok is false if what is left without
// them would be a finding of its own.
func kindsOf(a *aerv1.Anomaly) (kinds []string, ok bool) {
	e := a.GetEvidence()
	if len(e.GetSigns()) == 0 {
		kind := thingOf[a.GetType()]
		return []string{kind}, kind != "" && names(a, kind)
	}
	kinds, own := partSigns(a)
	return kinds, len(kinds) > 0 && !stands(e, own)
}

// partSigns parts the signs of a finding into those that follow from new things, of which it lists the kinds, and its
// own.
func partSigns(a *aerv1.Anomaly) (kinds []string, own []*aerv1.Sign) {
	e := a.GetEvidence()
	for _, s := range e.GetSigns() {
		kind := signOf(s.GetCode())
		switch {
		case s.GetCode() == "fork" && sameDevice(e) && !fromElsewhere(e):
			continue // one device behind a proxy for some of what it does: it follows from what else differs
		case kind == "" || !names(a, kind):
			own = append(own, s)
		case !slices.Contains(kinds, kind):
			kinds = append(kinds, kind)
		}
	}
	return kinds, own
}

// restStands is the share of the confidence from which a finding acts that is worth a finding of its own: detectors log
// from 0.8 where they act from 0.9.
const restStands = 0.8 / 0.9

// stands says whether the signs that no common cause explains are worth a finding by themselves, at the sensitivity
// that the finding was judged with: nobody hides behind a roll-out, and who clears cookies on that day is no thief for
// it.
func stands(e *aerv1.Evidence, own []*aerv1.Sign) bool {
	if len(own) == 0 {
		return false
	}
	all := combineSigns(e.GetSigns())
	if !(all > 0) || !(e.GetThreshold() > 0) || !(e.GetObserved() > 0) {
		return true
	}
	return combineSigns(own)*e.GetObserved()/all >= e.GetThreshold()*restStands
}

// ownShare is which share of a finding's confidence its own signs give, if a roll-out that gives everyone a new TLS
// fingerprint may explain the others; else 1.
func ownShare(a *aerv1.Anomaly) float64 {
	all := combineSigns(a.GetEvidence().GetSigns())
	kinds, own := partSigns(a)
	if !(all > 0) || !slices.Contains(kinds, aerv1.NewJA4) || !excusable(a) {
		return 1
	}
	return combineSigns(own) / all
}

// weighsDevice says whether the signs tell that the device is a strange one.
func weighsDevice(e *aerv1.Evidence) bool {
	return slices.ContainsFunc(e.GetSigns(), func(s *aerv1.Sign) bool { return strings.HasPrefix(s.GetCode(), "device_") })
}

func combineSigns(signs []*aerv1.Sign) float64 {
	rest := 1.0
	for _, s := range signs {
		rest *= 1 - s.GetWeight()
	}
	return 1 - rest
}

func names(a *aerv1.Anomaly, kind string) bool {
	return slices.ContainsFunc(a.GetNewThings(), func(t *aerv1.NewThing) bool { return t.GetKind() == kind })
}

func sameDevice(e *aerv1.Evidence) bool {
	return e.GetClient().GetDeviceId() != "" && e.GetClient().GetDeviceId() == e.GetPrevious().GetDeviceId()
}

// fromElsewhere: the two clients are in two networks, and so two machines if they take turns, whatever device id both
// show: that may have been stolen along with the session.
func fromElsewhere(e *aerv1.Evidence) bool {
	return slices.ContainsFunc(e.GetSigns(), func(s *aerv1.Sign) bool { return signOf(s.GetCode()) == aerv1.NewASN })
}

// deviceOf is what the finding says about the device. The fast lane, which judges one event, has no profile to ask.
func deviceOf(a *aerv1.Anomaly) aerv1.CausePerson_Device {
	switch {
	case a.GetEvidence().GetDeviceUsual():
		return aerv1.CausePerson_OWN
	case ofOneEvent(a):
		return aerv1.CausePerson_DEVICE_UNSPECIFIED
	case a.GetEvidence().GetClient().GetDeviceId() == "":
		return aerv1.CausePerson_UNNAMED
	}
	return aerv1.CausePerson_STRANGE
}

// excusable: the finding would follow from a common cause, if there is one: it names new things, the signs that follow
// from none of them are worth no finding, and neither Tor nor a program in place of a person is in it. A strange device
// is among those signs.
func excusable(a *aerv1.Anomaly) bool {
	facts := a.GetEvidence().GetClient().GetFacts()
	n := len(a.GetNewThings())
	if n == 0 || n > maxThings || a.GetActorKind() != "" || facts.GetTor() || deviceOf(a) == aerv1.CausePerson_STRANGE &&
		!weighsDevice(a.GetEvidence()) {
		return false
	}
	switch facts.GetClass() {
	case aerv1.ClassLibrary, aerv1.ClassHeadless, aerv1.ClassBot, aerv1.ClassEmpty:
		return false
	}
	_, ok := kindsOf(a)
	return ok
}

// whereItIs says whether a finding comes from where the cause would have it. A proxy's fingerprint is seen in the
// proxy's networks, that of a client roll-out in everybody's usual ones: from anywhere else it is a thief's who speaks
// TLS the same way. A network is the cause's from the third person in it on who is no stranger.
func whereItIs(c *aerv1.Cause, a *aerv1.Anomaly) bool {
	me := personOf(a, 0)
	if c.Kind != aerv1.NewJA4 || me.Network == 0 && me.Place == 0 || a.GetEvidence().GetNetworkUsual() {
		return true
	}
	others := 0
	for _, p := range c.People {
		if p.Id != me.Id && mayBeWith(me, p) && p.Device != aerv1.CausePerson_STRANGE {
			others++
		}
	}
	return others >= CommonPeople-1
}

// mayBeWith says whether a person may be in the network of another. A person whose AS is not known is in no other one
// for it; where that of the other is not known, the address range stands for it.
func mayBeWith(me, p *aerv1.CausePerson) bool {
	if p.Network == 0 {
		return me.Place != 0 && me.Place == p.Place
	}
	return me.Network == 0 || me.Network == p.Network
}

// commonNetwork is the common cause that explains a new network: the one of its name, or one that goes by the AS where
// only the address range is known of the other, or the other way round.
func commonNetwork(st *aerv1.CommonState, a *aerv1.Anomaly) *aerv1.Cause {
	me := personOf(a, 0)
	for _, c := range st.GetCauses() {
		with := func(p *aerv1.CausePerson) bool { return p.Device != aerv1.CausePerson_STRANGE && mayBeWith(me, p) }
		if c.Kind == aerv1.NewASN && c.CommonMs != 0 && slices.ContainsFunc(c.People, with) {
			return c
		}
	}
	return nil
}

// explainedBy returns the common causes that together explain all of a finding, or nil.
func explainedBy(st *aerv1.CommonState, a *aerv1.Anomaly) (causes []*aerv1.Cause) {
	if !excusable(a) {
		return nil
	}
	kinds, _ := kindsOf(a)
	for _, t := range a.GetNewThings() {
		if !slices.Contains(kinds, t.GetKind()) {
			continue
		}
		c := findCause(st, t)
		if t.GetKind() == aerv1.NewASN && c.GetCommonMs() == 0 {
			c = commonNetwork(st, a)
		}
		if c == nil || c.CommonMs == 0 || !whereItIs(c, a) {
			return nil
		}
		causes = append(causes, c)
	}
	return causes
}

// cooldownType is what a finding's cooldown goes by: what a common cause may explain has one of its own, so that it
// gives no cover to an intruder.
func cooldownType(a *aerv1.Anomaly) string {
	if excusable(a) {
		return a.GetType() + " of something new"
	}
	return a.GetType()
}
