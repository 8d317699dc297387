package simulate

import (
	"fmt"
	"math/rand/v2"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// ordinaryDays makes what people do when nothing happens.
func (w *world) ordinaryDays() {
	for d := range w.days {
		for _, o := range w.orgs {
			for _, p := range o.people {
				w.ordinaryDay(p, d)
			}
		}
	}
}

func (w *world) ordinaryDay(p *person, d int) {
	r := w.Random(fmt.Sprintf("day %s %d", p.id, d))
	switch {
	case d < p.joined:
		return
	case p.kind == aerv1.UserBot:
		w.integrationDay(p, d)
		return
	}
	weekend := w.day(d).Weekday() == time.Saturday || w.day(d).Weekday() == time.Sunday
	sittings := 3 + r.IntN(2)
	switch {
	case weekend && r.Float64() < 0.8:
		return
	case weekend:
		sittings = 1
	case d == w.days-1:
		sittings = 7 + r.IntN(3) // the day that is looked at is shown in full
	}
	start := w.day(d).Add(7*time.Hour + 30*time.Minute + Minutes(r, 60))
	for i := range sittings {
		at := start.Add(time.Duration(float64(i)/float64(sittings)*10*float64(time.Hour)) + Minutes(r, 40))
		device, net := p.place(r, weekend)
		w.sitting(r, p, w.current(p, device, net, at), at.Add(2*time.Second), 4+r.IntN(6))
	}
	if p.downloads > 0 && !weekend {
		at := start.Add(3*time.Hour + Minutes(r, 200))
		w.downloads(r, w.current(p, p.laptop, p.org.officeNetwork(), at), at.Add(2*time.Second), p.org.files, p.downloads+r.IntN(15), 25*time.Second)
	}
}

// place returns where and on what a person works for an hour.
func (p *person) place(r *rand.Rand, weekend bool) (*device, network) {
	if r.Float64() < 0.2 {
		if r.Float64() < 0.5 {
			return p.phone, p.mobile
		}
		return p.phone, p.home
	}
	if weekend || (p.n+r.IntN(5))%4 == 0 {
		return p.laptop, p.home
	}
	return p.laptop, p.org.officeNetwork()
}

// sitting is a person at work for a while: n actions with human pauses.
func (w *world) sitting(r *rand.Rand, p *person, s *session, at time.Time, n int) time.Time {
	for range n {
		w.emit(s, at, p.ordinaryAct(r))
		at = at.Add(Pause(r))
	}
	return at
}

// ordinaryAct draws one of the things people do; the shares follow what office chat looks like.
func (p *person) ordinaryAct(r *rand.Rand) act {
	channel := p.channels[r.IntN(len(p.channels))]
	file := p.files[r.IntN(len(p.files))]
	size := uint64(200 + r.IntN(4000))
	switch x := r.Float64(); {
	case x < 0.28:
		return act{action: "api_call", method: "conversations.history", objectType: "channel", id: channel, bytes: size}
	case x < 0.46:
		return act{action: "message_posted", objectType: "channel", id: channel, bytes: size / 4}
	case x < 0.58:
		return act{action: "api_call", method: "client.counts", bytes: 900}
	case x < 0.68:
		return act{action: "api_call", method: "users.info", objectType: "user", id: p.org.people0(r), bytes: 700}
	case x < 0.76:
		return act{action: "api_call", method: "conversations.replies", objectType: "channel", id: channel, bytes: size}
	case x < 0.83:
		return act{action: "api_call", method: "conversations.mark", objectType: "channel", id: channel}
	case x < 0.88:
		return act{action: "api_call", method: "search.messages", bytes: size}
	case x < 0.93:
		return act{action: "api_call", method: "files.info", objectType: "file", id: file, bytes: 1200}
	case x < 0.97:
		return act{action: "file_viewed", objectType: "file", id: file, bytes: 30 * size}
	}
	return act{action: "file_downloaded", objectType: "file", id: file, bytes: 60 * size}
}

// people0 returns the id of some colleague.
func (o *org) people0(r *rand.Rand) string {
	return fmt.Sprintf("U%c%02d", o.id[0]-'a'+'A', r.IntN(o.orgPlan.people))
}

// downloads takes n files one after another.
func (w *world) downloads(r *rand.Rand, s *session, at time.Time, files []string, n int, gap time.Duration) time.Time {
	for _, f := range Pick(r, files, n) {
		w.emit(s, at, act{action: "file_downloaded", objectType: "file", id: f, bytes: uint64(20_000 + r.IntN(2_000_000))})
		at = at.Add(time.Duration((0.4 + 1.2*r.Float64()) * float64(gap)))
	}
	return at
}

// integrationDay is an authorised integration: the same few calls every hour from a hosting provider, day and night.
func (w *world) integrationDay(p *person, d int) {
	r := w.Random(fmt.Sprintf("integration %s %d", p.id, d))
	net := network{ip: fmt.Sprintf("192.0.2.%d", 10+p.org.asn%100), asn: 24940, country: "DE"}
	for at := w.day(d).Add(Minutes(r, 5)); at.Before(w.day(d + 1)); at = at.Add(time.Hour) {
		s := w.current(p, p.laptop, net, at)
		w.emit(s, at.Add(time.Second), act{action: "api_call", method: "conversations.list", bytes: 9000})
		w.emit(s, at.Add(2*time.Second), act{action: "api_call", method: "users.list", bytes: 22000})
	}
}
