// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// ordinaryDay makes what people and programs do when nothing happens.
func (w *world) ordinaryDay(d int) {
	for _, m := range w.mornings {
		if m.day == d {
			m.do()
		}
	}
	for _, o := range w.orgs {
		w.recordsDay(o, d)
		for _, p := range o.people {
			w.personsDay(p, d)
		}
		for _, s := range o.scripts {
			w.scriptsDay(s, d)
		}
	}
	for _, s := range w.poisoner.scripts {
		w.scriptsDay(s, d)
	}
}

func (w *world) personsDay(p *person, d int) {
	r := w.random(fmt.Sprintf("day %s %d", p.id, d))
	w.drift(p, r)
	if d < p.joined || p.away[d] || !weekend(d) && r.Float64() < 0.06 {
		return
	}
	sittings := 2 + r.IntN(3)
	switch {
	case weekend(d) && r.Float64() < 0.85:
		return
	case weekend(d):
		sittings = 1
	case p.org.busy == d && d != 0:
		sittings *= 4
	case r.Float64() < 0.02:
		sittings *= 3 // a busy day of one's own
	}
	start := w.clock(p.org, d, 7.5).Add(minutes(r, 100))
	remote := weekend(d) || r.Float64() < p.remote
	for i := range sittings {
		at := start.Add(time.Duration(float64(i)/float64(sittings)*8.5*float64(time.Hour)) + minutes(r, 40))
		m, net := p.place(r, remote)
		w.sitting(r, p, w.current(p, m, net, at), at, 1+int(p.busy*float64(1+r.IntN(6))))
	}
	if p.downloads > 0 && !weekend(d) {
		at := start.Add(3*time.Hour + minutes(r, 200))
		n := int(float64(p.downloads) * (0.6 + 0.8*r.Float64()))
		w.downloads(r, w.current(p, p.laptop, p.org.office, at), at, p.org.files, n, 25*time.Second)
	}
	if p.habit != nil && !weekend(d) {
		p.habit(w, r, p, d)
	}
}

// drift is what changes by itself: lines get another address, laptops are replaced, cookies cleared.
func (w *world) drift(p *person, r *rand.Rand) {
	switch x := r.Float64(); {
	case x < 0.04:
		p.home = w.nets.home(r, p.org.country)
	case x < 0.043:
		p.laptop = newMachine(r, p.laptop.program)
	case x < 0.046:
		p.laptop.id = newMachine(r, p.laptop.program).id
		if r.Float64() < 0.75 { // what the session is kept in mostly goes with it
			p.signedOut(p.laptop)
		}
	}
}

// place returns where and on what a person works for an hour.
func (p *person) place(r *rand.Rand, remote bool) (*machine, network) {
	net := p.org.office
	if remote {
		net = p.home
		if p.vpn != nil && r.Float64() < 0.5 {
			net = *p.vpn
		}
	}
	switch x := r.Float64(); {
	case x < 0.2 && r.Float64() < 0.6:
		return p.phone, p.mobile
	case x < 0.2:
		return p.phone, net
	case x < 0.3 && p.second != nil:
		return p.second, net
	}
	return p.laptop, net
}

// sitting is a person at work for a while: n actions with human pauses. Beside an app, its companions are seen. It
// returns when it ends.
func (w *world) sitting(r *rand.Rand, p *person, s *session, at time.Time, n int) time.Time {
	for range n {
		w.emit(s, at, p.ordinaryAct(r))
		if beside := companions[s.family]; p.companions && len(beside) > 0 && !s.thief && r.Float64() < 0.05 {
			c := beside[r.IntN(len(beside))]
			w.emit(s, at.Add(time.Duration(1+r.IntN(3))*time.Second), p.media(r), c.shown)
		}
		at = at.Add(pause(r))
	}
	return at
}

func (p *person) media(r *rand.Rand) act {
	return act{action: "file_viewed", objectType: "file", id: p.files[r.IntN(len(p.files))],
		bytes: uint64(90_000 + r.IntN(900_000))}
}

// ordinaryAct draws one of the things people do; the shares follow what office chat looks like.
func (p *person) ordinaryAct(r *rand.Rand) act {
	channel := p.channels[min(int(8*math.Pow(r.Float64(), 1.7)), len(p.channels)-1)]
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
		return act{action: "api_call", method: "users.info", objectType: "user", id: p.colleague(r), bytes: 700}
	case x < 0.76:
		return act{action: "api_call", method: "conversations.replies", objectType: "channel", id: channel, bytes: size}
	case x < 0.83:
		return act{action: "api_call", method: "conversations.mark", objectType: "channel", id: channel}
	case x < 0.87:
		return act{action: "api_call", method: "search.messages", bytes: size}
	case x < 0.88:
		return act{action: "api_call", method: "reactions.add", objectType: "channel", id: channel}
	case x < 0.93:
		return act{action: "api_call", method: "files.info", objectType: "file", id: file, bytes: 1200}
	case x < 0.97:
		return act{action: "file_viewed", objectType: "file", id: file, bytes: 30 * size}
	}
	return act{action: "file_downloaded", objectType: "file", id: file, bytes: 60 * size}
}

func (p *person) colleague(r *rand.Rand) string { return p.org.people[r.IntN(len(p.org.people))].id }

// downloads takes n files one after another and returns when it ends.
func (w *world) downloads(r *rand.Rand, s *session, at time.Time, files []string, n int, gap time.Duration) time.Time {
	for _, f := range pick(r, files, n) {
		w.emit(s, at, act{action: "file_downloaded", objectType: "file", id: f, bytes: uint64(20_000 + r.IntN(2_000_000))})
		at = at.Add(time.Duration((0.4 + 1.2*r.Float64()) * float64(gap)))
	}
	return at
}

// recordsDay makes what is written about people rather than done by them: an administrator's reset now and then, and
// rows of the platform's own back end.
func (w *world) recordsDay(o *org, d int) {
	r := w.random(fmt.Sprintf("records %s %d", o.id, d))
	if len(o.people) == 0 || weekend(d) {
		return
	}
	admin, p := o.people[0], o.people[r.IntN(len(o.people))]
	at := w.clock(o, d, 6).Add(minutes(r, 60)) // before anybody works
	if len(o.people) > 1 && r.Float64() < 0.15 && !p.cast && d >= p.joined && !admin.away[d] {
		s := w.current(admin, admin.laptop, o.office, at)
		w.emit(s, at, act{action: "user_session_reset_by_admin", objectType: "user", id: p.id})
		p.sessions = nil
	}
	for range len(o.people) / 8 {
		p := o.people[r.IntN(len(o.people))]
		if d >= p.joined && !p.away[d] {
			w.backEnd(r, p, w.clock(o, d, 9).Add(minutes(r, 500)))
		}
	}
}

// backEnd is a row that the platform writes under a person's name.
func (w *world) backEnd(r *rand.Rand, p *person, at time.Time) {
	e := &aerv1.Event{
		Time: aerv1.Time(at.Truncate(time.Millisecond)), OrgId: p.org.id, UserId: p.id, Outcome: aerv1.OutcomeOK,
		Action: []string{"huddle_ended", "file_unfurled", "canvas_synced"}[r.IntN(3)], UserType: p.kind,
		Object: &aerv1.Object{Type: "file", Id: p.files[r.IntN(len(p.files))]}, Client: &aerv1.Client{Ip: "127.0.0.1"},
	}
	if p.org.traits.untidy {
		e.SessionId = "-"
	}
	if r.IntN(2) == 0 {
		e.Client.UserAgent = "Amazon Simple Notification Service Agent"
	}
	w.add(e, false)
}
