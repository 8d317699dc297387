// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"fmt"
	"math/rand/v2"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// ordinaryDays makes what people do when nothing happens.
func (w *demo) ordinaryDays() {
	for d := range w.days {
		for _, o := range w.orgs {
			for _, p := range o.people {
				w.ordinaryDay(p, d)
			}
		}
	}
}

func (w *demo) ordinaryDay(p *person, d int) {
	r := w.random(fmt.Sprintf("day %s %d", p.id, d))
	switch {
	case d < p.joined:
		return
	case p.kind == aerv1.UserBot:
		w.integrationDay(p, d)
		return
	}
	weekend := w.weekend(d)
	sittings := 3 + r.IntN(2)
	switch {
	case weekend && r.Float64() < 0.8:
		return
	case weekend:
		sittings = 1
	case d == w.days-1:
		sittings = 7 + r.IntN(3) // the day that is looked at is shown in full
	}
	start := w.day(d).Add(7*time.Hour + 30*time.Minute + 2*time.Second + minutes(r, 60))
	for i := range sittings {
		at := start.Add(time.Duration(float64(i)/float64(sittings)*10*float64(time.Hour)) + minutes(r, 40))
		m, net := w.place(r, p, weekend)
		w.sitting(r, p, w.current(p, m, net, at), at, 4+r.IntN(6))
	}
	if p.downloads > 0 && !weekend {
		at := start.Add(3*time.Hour + minutes(r, 200))
		w.downloads(r, w.current(p, p.laptop, p.org.office, at), at, p.org.files, p.downloads+r.IntN(15), 25*time.Second)
	}
}

// place returns where and on what a person works for an hour.
func (w *demo) place(r *rand.Rand, p *person, weekend bool) (*machine, network) {
	if r.Float64() < 0.2 {
		if r.Float64() < 0.5 {
			return p.phone, p.mobile
		}
		return p.phone, p.home
	}
	if weekend || (p.n+r.IntN(5))%4 == 0 {
		return p.laptop, p.home
	}
	return p.laptop, p.org.office
}

// integrationDay is an authorised integration: the same few calls every hour from a hosting provider, day and night.
func (w *demo) integrationDay(p *person, d int) {
	r := w.random(fmt.Sprintf("integration %s %d", p.id, d))
	net := at(fmt.Sprintf("192.0.2.%d", 10+p.org.office.asn%100), asnHetzner, "DE")
	for t := w.day(d).Add(2*time.Second + minutes(r, 5)); t.Before(
		w.day(d + 1).Add(2 * time.Second)); t = t.Add(time.Hour) {
		s := w.current(p, p.laptop, net, t)
		w.emit(s, t.Add(-time.Second), act{action: "api_call", method: "conversations.list", bytes: 9000})
		w.emit(s, t, act{action: "api_call", method: "users.list", bytes: 22000})
	}
}
