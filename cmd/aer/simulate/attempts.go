// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aer-project/aer/cmd/aer/evaluate"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// attemptParts begin with refused log-ins.
var attemptParts = []part{
	{kind: "credential_stuffing", expected: []string{aerv1.TypeUnexpectedUserAgent, aerv1.TypeUnexpectedScraping},
		respond: true, variants: []variant{
			{note: "dozens of refused log-ins, then one of the same library succeeds",
				do: func(s *scene) { s.stuffing(requests) }},
			{note: "dozens of refused log-ins, then one of a headless browser succeeds",
				do: func(s *scene) { s.stuffing(headless) }},
		}},
	{kind: "thief_after_storm", expected: expectTor, respond: true, variants: []variant{
		{note: "after an hour of refused log-ins through Tor, somebody signs in through it", do: (*scene).afterStorm},
	}},
}

// refusal is how a source spells that somebody was not let in.
var refusals = []act{
	{action: "user_login_failed"},
	{action: "user_login", outcome: aerv1.OutcomeDenied},
	{action: "user_login_failed", outcome: aerv1.OutcomeDenied},
	{action: "user_password_reset_requested"},
}

// refuse is n attempts to act under a person's name, in a time, from the networks and with the machines in turn.
func (w *world) refuse(r *rand.Rand, p *person, from time.Time, span time.Duration, n int,
	nets []network, ms []*machine) {
	spelling := r.IntN(len(refusals))
	for i := range n {
		t := w.open(p, ms[i%len(ms)], nets[r.IntN(len(nets))], from)
		t.thief, t.id, t.program = true, "", true
		a := refusals[spelling]
		if i%9 == 8 {
			a = refusals[r.IntN(len(refusals))]
		}
		w.emit(t, from.Add(time.Duration(float64(span)*(float64(i)+r.Float64())/float64(n))), a)
	}
}

// several are n networks of a kind.
func several(n int, kind func() network) (nets []network) {
	for range n {
		nets = append(nets, kind())
	}
	return nets
}

func (s *scene) attacker() network { return s.nets.rented(s.r, s.abroad()) }

func (s *scene) stuffing(with program) {
	nets, m := several(4, s.attacker), newMachine(s.r, with)
	s.storm("before one that succeeds", -65*time.Minute, 40*time.Minute, 25, 50, nets, m)
	t := s.signsIn(s.p, m, nets[0], s.at)
	s.sitting(s.r, s.p, t, s.at.Add(time.Second), 10)
}

// storm is from least to least and more refusals of the person's name, before the scene.
func (s *scene) storm(note string, before, span time.Duration, least, more int, nets []network, m *machine) {
	s.unrecorded(func() {
		s.record(evaluate.Incident{Kind: "refused_login_storm", Note: note}, s.p, func() {
			s.refuse(s.r, s.p, s.at.Add(before), span, least+s.r.IntN(more), nets, []*machine{m})
		})
	})
}

func (s *scene) afterStorm() {
	exits := several(3, s.exit)
	m := newMachine(s.r, firefoxWindows)
	s.storm("before a thief who gets in", -80*time.Minute, time.Hour, 40, 80, exits, m)
	s.sitting(s.r, s.p, s.signsIn(s.p, m, exits[0], s.at), s.at.Add(3*time.Second), 12)
}

var attemptLookAlikes = []part{
	{kind: "refused_login_storm", variants: []variant{
		{note: "refused log-ins through Tor for hours, beside the person's own work", do: (*scene).torStorm},
		{note: "refused log-ins by libraries from rented servers", do: (*scene).libraryStorm},
		{note: "refused log-ins by a browser from homes all over the world", do: (*scene).homesStorm},
	}},
	{kind: "password_forgotten", variants: []variant{
		{note: "a few refused log-ins and a reset from a new home, then the person is in", do: (*scene).forgotten},
	}},
}

func (s *scene) torStorm() {
	s.refuse(s.r, s.p, s.at, 3*time.Hour, 60+s.r.IntN(150), several(4, s.exit),
		[]*machine{newMachine(s.r, firefoxWindows)})
}

func (s *scene) libraryStorm() {
	s.refuse(s.r, s.p, s.at, 2*time.Hour, 100+s.r.IntN(200), several(6, s.attacker),
		[]*machine{newMachine(s.r, requests), newMachine(s.r, goHTTP), newMachine(s.r, headless)})
}

func (s *scene) homesStorm() {
	nets := several(30, func() network { return s.nets.home(s.r, s.abroad()) })
	s.refuse(s.r, s.p, s.at, 90*time.Minute, 60, nets, []*machine{newMachine(s.r, chromeWindows)})
}

func (s *scene) forgotten() {
	home := s.nets.home(s.r, s.p.org.country)
	s.refuse(s.r, s.p, s.at.Add(-5*time.Minute), 4*time.Minute, 4, []network{home}, []*machine{s.p.laptop})
	t := s.login(s.p, s.p.laptop, home, s.at)
	s.sitting(s.r, s.p, t, s.at.Add(time.Second), 12)
}

func excludeAll(p *person, why string) evaluate.Span {
	return evaluate.Span{OrgID: p.org.id, UserID: p.id, Start: firstMonday, End: firstMonday.AddDate(0, 0, QualityDays+1),
		Why: fmt.Sprintf("%s: %s", p.id, why)}
}
