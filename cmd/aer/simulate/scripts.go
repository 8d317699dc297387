// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"fmt"
	"math/rand/v2"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// script is a program that works under an account every day: an integration's own, or an app under the name of whoever
// installed it.
type script struct {
	person *person
	*machine
	net network
	// app is empty for an integration with an account of its own.
	app string
	// hour is when its daily export begins; 0 for a script that only asks for lists. exports is how many files it takes.
	hour    float64
	exports int
	// idle is a day without the export; 0 for none.
	idle int
	// days on which it works.
	from, until int
	// disguise alters what it shows.
	disguise func(*look)
	session  *session
}

// addScripts gives an organisation its integrations, of two libraries, and the apps that its people have installed.
func (w *world) addScripts(o *org, r *rand.Rand) {
	if len(o.people) == 0 {
		return
	}
	for i := range 2 {
		p := o.employ(fmt.Sprintf("B%02d%03d", o.index, i), aerv1.UserBot)
		p.channels, p.files, p.cast = o.channels, o.files, true
		m := newMachine(r, libraries[(o.index+i)%len(libraries)])
		o.scripts = append(o.scripts, &script{person: p, machine: m, net: w.nets.server(r), until: QualityDays})
	}
	for i := range 1 + len(o.people)/30 {
		installer := o.people[r.IntN(len(o.people))]
		installer.cast = true
		s := &script{
			person: installer, machine: newMachine(r, []program{requests, axios, goHTTP}[r.IntN(3)]), net: w.nets.server(r),
			app: fmt.Sprintf("A-%s-%d", o.id, i), until: QualityDays,
		}
		if i%2 == 0 {
			s.hour, s.exports = 1+3*r.Float64(), 20+r.IntN(50) // an archive at night, as for eDiscovery
		}
		o.scripts = append(o.scripts, s)
	}
}

// server is a service provider's machine.
func (n *networks) server(r *rand.Rand) network {
	n.thieves++
	return at(fmt.Sprintf("198.51.100.%d", 1+n.thieves%254), []uint32{asnAmazon, asnHetzner}[r.IntN(2)], "US")
}

// scriptsDay is the same few calls all day and, for some, an export.
func (w *world) scriptsDay(s *script, d int) {
	if d < s.from || d > s.until || d < s.person.joined {
		return
	}
	r := w.random(fmt.Sprintf("script %s %s %d", s.person.id, s.app, d))
	if s.session == nil {
		s.session = w.open(s.person, s.machine, s.net, w.day(d))
		s.session.program, s.session.disguise = true, s.disguise
		if s.app != "" {
			s.session.id = "" // a token of the app's own
		}
	}
	for at := w.day(d).Add(minutes(r, 5)); at.Before(w.day(d + 1)); at = at.Add(2 * time.Hour) {
		w.emit(s.session, at, act{action: "api_call", method: "conversations.list", bytes: 9000, app: s.app})
		w.emit(s.session, at.Add(time.Second), act{action: "api_call", method: "users.list", bytes: 22000, app: s.app})
	}
	if s.exports > 0 && (s.idle == 0 || d != s.idle) {
		n := int(float64(s.exports) * (0.7 + 0.6*r.Float64()))
		w.export(r, s, w.clock(s.person.org, d, s.hour), n, 4*time.Second)
	}
}

// export is an app that takes files.
func (w *world) export(r *rand.Rand, s *script, at time.Time, n int, gap time.Duration) {
	for _, f := range pick(r, s.person.org.files, n) {
		w.emit(s.session, at, act{action: "file_downloaded", objectType: "file", id: f,
			bytes: uint64(20_000 + r.IntN(2_000_000)), app: s.app})
		at = at.Add(time.Duration((0.6 + 0.8*r.Float64()) * float64(gap)))
	}
}
