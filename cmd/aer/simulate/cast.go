// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aer-project/aer/cmd/aer/evaluate"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// part is something that happens to one person: an attack if types are expected, else a look-alike.
type part struct {
	kind     string
	expected []string
	// respond: only a decision that would end sessions counts as found.
	respond bool
	// fits says whom it can happen to; nil is anybody.
	fits func(*person) bool
	// away: the person does nothing else on that day.
	away bool
	// habit, if set, is done on every working day before and after.
	habit func(w *world, r *rand.Rand, p *person, d int)
	// prepare changes who the person is, from the first day.
	prepare func(*scene)
	// variants take turns.
	variants []variant
}

// variant is one way in which a part happens. Note says what happens, for a person who reads the truth.
type variant struct {
	note string
	do   func(*scene)
	// fits, if set, narrows whom the variant can happen to.
	fits func(*person) bool
}

// scene is a part that somebody has been given.
type scene struct {
	*world
	part
	variant
	r  *rand.Rand
	p  *person
	at time.Time
	d  int
	// n is a number that prepare drew.
	n int
}

// castParts gives each part to people who have none yet, on working days and at working hours.
func (w *world) castParts() {
	for _, list := range [][]part{hijackParts, volumeParts, clientParts, attemptParts, appParts, appLookAlikes,
		habitLookAlikes, clientLookAlikes, networkLookAlikes, attemptLookAlikes} {
		for _, p := range list {
			w.castPart(p)
		}
	}
}

func (w *world) castPart(p part) {
	for i := range w.Each {
		r := w.random(fmt.Sprintf("cast %s %d", p.kind, i))
		v := p.variants[(i+r.IntN(len(p.variants)))%len(p.variants)]
		if w.Each >= len(p.variants) {
			v = p.variants[i%len(p.variants)]
		}
		s := &scene{world: w, part: p, variant: v, r: r}
		if s.choose() {
			w.scenes[s.d] = append(w.scenes[s.d], s)
		}
	}
}

// choose finds somebody and a time for the scene; with nobody left to fit it does not happen.
func (s *scene) choose() bool {
	for range 3000 {
		o := s.orgs[s.r.IntN(len(s.orgs))]
		p := o.people[s.r.IntN(len(o.people))]
		d := LearnDays + s.r.IntN(QualityDays-LearnDays)
		if p.cast || p.joined > 0 || p.downloads > 0 || p.kind != aerv1.UserMember || p.vpn != nil || weekend(d) ||
			o.changedAround(d) {
			continue
		}
		if s.part.fits != nil && !s.part.fits(p) || s.variant.fits != nil && !s.variant.fits(p) {
			continue
		}
		s.take(p, d)
		return true
	}
	return false
}

func (s *scene) take(p *person, d int) {
	s.p, s.d, p.cast = p, d, true
	s.at = s.clock(p.org, d, 9.5+4*s.r.Float64())
	p.away[d] = s.away
	p.habit = s.habit
	if s.prepare != nil {
		s.prepare(s)
	}
}

// play makes a scene and labels it.
func (w *world) play(s *scene) {
	w.record(s.incident(), s.p, func() { s.do(s) })
}

func (s *scene) incident() evaluate.Incident {
	return evaluate.Incident{Kind: s.kind, Expected: s.expected, Respond: s.respond, Note: s.note}
}

// work is the person's current session at the office, or where they are if that is given.
func (s *scene) work(net ...network) *session {
	n := s.p.org.office
	if len(net) > 0 {
		n = net[0]
	}
	return s.current(s.p, s.p.laptop, n, s.at)
}

func hasPrints(p *person) bool  { return p.org.traits.prints && !p.org.traits.untidy }
func hasDevices(p *person) bool { return p.org.traits.devices }
func both(f, g func(*person) bool) func(*person) bool {
	return func(p *person) bool { return f(p) && g(p) }
}
func not(f func(*person) bool) func(*person) bool { return func(p *person) bool { return !f(p) } }
