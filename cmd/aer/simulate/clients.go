// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"fmt"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// clientParts use a program that people do not use, openly or in disguise.
var clientParts = []part{
	{kind: "unexpected_user_agent", expected: expectAgent, variants: []variant{
		{note: "signs in with an HTTP library", do: func(s *scene) { s.signInWith(newMachine(s.r, libraries[s.r.IntN(3)])) }},
		{note: "signs in with a headless browser", do: func(s *scene) { s.signInWith(newMachine(s.r, headless)) }},
		{note: "stolen cookie in an HTTP library", do: func(s *scene) {
			s.sitting(s.r, s.p, s.steal(newMachine(s.r, libraries[s.r.IntN(3)]), s.attacker(), true), s.at, 18)
		}},
	}},
	{kind: "spoofed_user_agent", expected: expectSpoofed, fits: hasPrints, variants: []variant{
		{note: "claims to be Chrome, shakes hands like a Python library",
			do: func(s *scene) { s.spoofAbroad(chromeWindows, python) }},
		{note: "claims to be the desktop app, shakes hands like a Go program",
			do: func(s *scene) { s.spoofAbroad(slackWindows, golang) }},
		{note: "claims to be Firefox, shakes hands like Python",
			do: func(s *scene) { s.spoofAbroad(firefoxWindows, python) }},
	}},
	{kind: "spoof_after_poisoning", expected: expectSpoofed, fits: hasPrints, variants: []variant{
		{note: "claims to be Chrome, shakes hands like curl, after a foreign organisation had shown that print under " +
			"Chrome for four days",
			do: func(s *scene) { s.spoofAbroad(chromeWindows, openssl) }},
	}},
}

func (s *scene) signInWith(m *machine) {
	n := s.nets.home(s.r, s.abroad())
	s.sitting(s.r, s.p, s.signsIn(s.p, m, n, s.at), s.at.Add(time.Second), 18)
}

func (s *scene) spoofAbroad(claimed program, spoken engine) {
	m := newMachine(s.r, claimed)
	s.spoof(m, s.attacker(), spoken)
}

// spoof signs in with a machine that is not what it claims to be.
func (s *scene) spoof(claimed *machine, n network, spoken engine) {
	t := s.open(s.p, claimed, n, s.at)
	t.thief = true
	t.disguise = func(l *look) { l.ja4 = spoken.ja4(0, fresh) }
	s.emit(t, s.at, act{action: "user_login"})
	s.sitting(s.r, s.p, t, s.at.Add(time.Second), 18)
}

// poison lets two accounts of the attacker's own organisation lie about prints for four days: one shows the print of
// the coming Chrome under a library, the other curl's under Chrome. Neither must change what others are judged by.
func (w *world) poison() {
	r := w.random("poison")
	coming := blink.ja4(chromes[2].revision, fresh)
	tell := func(n int, m *machine, from, days int, ja4 string) {
		p := w.poisoner.employ(fmt.Sprintf("UX%03d", n), aerv1.UserMember)
		p.cast = true
		w.poisoner.people = append(w.poisoner.people, p)
		w.poisoner.scripts = append(w.poisoner.scripts, &script{
			person: p, machine: m, net: w.nets.rented(r, "NL"), from: from, until: from + days,
			disguise: func(l *look) { l.ja4 = ja4 },
		})
		w.excluded = append(w.excluded, excludeAll(p, "the attacker's own account"))
	}
	for n := range 2 {
		tell(n, newMachine(r, requests), 18, 4, coming)
		tell(2+n, newMachine(r, chromeWindows), LearnDays-5, 4, openssl.ja4(0, fresh))
	}
}
