// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"math/rand/v2"
	"time"
)

// habitLookAlikes do much, by habit or for a day.
var habitLookAlikes = []part{
	{kind: "project_day", variants: []variant{{note: "a busy day over some thirty files", do: (*scene).projectDay}}},
	{kind: "heavy_downloader", habit: heavyDay,
		variants: []variant{{note: "files every working day, today a little more", do: (*scene).heavyDay}}},
	{kind: "monthly_export", prepare: (*scene).exportsWeekly,
		variants: []variant{{note: "the fourth of a series of weekly exports", do: (*scene).seriesExport}}},
	{kind: "own_script", habit: ownScript,
		variants: []variant{{note: "has always used a command-line client as well",
			do: func(s *scene) { ownScript(s.world, s.r, s.p, s.d) }}}},
	{kind: "polling_client", habit: polling,
		variants: []variant{{note: "an official client that polls in the background",
			do: func(s *scene) { polling(s.world, s.r, s.p, s.d) }}}},
	{kind: "new_employee", prepare: (*scene).joins,
		variants: []variant{{note: "reads a lot on the first day", do: (*scene).firstDay}}},
	{kind: "phone_and_laptop",
		variants: []variant{{note: "two devices in one hour", do: func(s *scene) { s.twoDevicesFor(10) }}}},
	{kind: "admin_reset", away: true,
		variants: []variant{{note: "an administrator ends the person's sessions, who signs in again",
			do: (*scene).adminReset}}},
	{kind: "system_rows",
		variants: []variant{{note: "dozens of rows that the platform's back end writes under the person's name",
			do: (*scene).systemRows}}},
}

func (s *scene) projectDay() {
	t := s.work()
	at := s.at
	for _, f := range pick(s.r, s.p.org.files, 28) {
		s.emit(t, at, act{action: "file_viewed", objectType: "file", id: f, bytes: 40_000})
		if s.r.Float64() < 0.3 {
			s.emit(t, at.Add(3*time.Second), act{action: "file_downloaded", objectType: "file", id: f, bytes: 40_000})
		}
		at = at.Add(3 * pause(s.r))
	}
	s.sitting(s.r, s.p, t, at, 25)
}

func heavyDay(w *world, r *rand.Rand, p *person, d int) {
	at := w.clock(p.org, d, 13).Add(minutes(r, 60))
	w.downloads(r, w.current(p, p.laptop, p.org.office, at), at, p.org.files, 30+r.IntN(20), 30*time.Second)
}

func (s *scene) heavyDay() {
	s.downloads(s.r, s.work(), s.at, s.p.org.files, 25, 30*time.Second)
}

// exportsWeekly makes an export on the same weekday of each week before.
func (s *scene) exportsWeekly() {
	n := 80 + s.r.IntN(60)
	s.n = n
	s.p.habit = func(w *world, r *rand.Rand, p *person, d int) {
		if d%7 == s.d%7 && d != s.d {
			at := w.clock(p.org, d, 11).Add(minutes(r, 30))
			w.downloads(r, w.current(p, p.laptop, p.org.office, at), at, p.org.files, n+r.IntN(10), 5*time.Second)
		}
	}
}

func (s *scene) seriesExport() {
	s.at = s.clock(s.p.org, s.d, 11.2)
	s.downloads(s.r, s.work(), s.at, s.p.org.files, s.n, 5*time.Second)
}

func ownScript(w *world, r *rand.Rand, p *person, d int) {
	at := w.clock(p.org, d, 10).Add(minutes(r, 100))
	m := p.tool(curl)
	if m == nil {
		m = newMachine(r, curl)
	}
	w.sitting(r, p, w.current(p, m, p.org.office, at), at.Add(time.Second), 6)
}

// tool is the person's machine with a program, the same one every day; nil if it was not used yet.
func (p *person) tool(kind program) (m *machine) {
	for _, t := range p.sessions {
		if t.family == kind.family {
			m = t.machine
		}
	}
	return m
}

// polling asks for counts every minute for two hours, as an open window of an official client does.
func polling(w *world, r *rand.Rand, p *person, d int) {
	at := w.clock(p.org, d, 9).Add(minutes(r, 20))
	w.poll(w.current(p, p.laptop, p.org.office, at), at, time.Minute)
}

func (w *world) poll(t *session, at time.Time, gap time.Duration) {
	for range 120 {
		w.emit(t, at, act{action: "api_call", method: "client.counts", bytes: 900})
		at = at.Add(gap)
	}
}

func (s *scene) joins() { s.p.joined = s.d }

func (s *scene) firstDay() {
	t := s.work()
	at := s.at
	for range 35 {
		c := s.p.org.channels[s.r.IntN(len(s.p.org.channels))]
		s.emit(t, at, act{action: "api_call", method: "conversations.history", objectType: "channel", id: c, bytes: 5000})
		at = at.Add(pause(s.r))
	}
	s.sitting(s.r, s.p, t, at, 20)
}

// twoDevicesFor has the person do n things on either.
func (s *scene) twoDevicesFor(n int) {
	laptop, phone := s.work(), s.current(s.p, s.p.phone, s.p.mobile, s.at)
	at := s.at
	for range n {
		s.emit(laptop, at, s.p.ordinaryAct(s.r))
		at = at.Add(pause(s.r))
		s.emit(phone, at, s.p.ordinaryAct(s.r))
		at = at.Add(pause(s.r))
	}
}

// adminReset is written in the three ways that sources have: by the administrator about the person, by the person about
// nobody, and as what an earlier response of ours did.
func (s *scene) adminReset() {
	admin := s.p.org.people[0]
	s.sitting(s.r, s.p, s.work(), s.at.Add(-10*time.Minute), 6)
	s.unrecorded(func() {
		a := s.current(admin, admin.laptop, s.p.org.office, s.at)
		s.emit(a, s.at, act{action: "user_session_reset_by_admin", objectType: "user", id: s.p.id})
	})
	system := &session{person: s.p, machine: &machine{program: program{releases: fixed}}, net: at("127.0.0.1", 0, ""),
		r: s.r, program: true, thief: true}
	for i, action := range []string{"user_session_invalidated", "user_logout_compromised",
		"user_sessions_reset_by_anomaly_event_response"} {
		s.emit(system, s.at.Add(time.Duration(i)*time.Second), act{action: action, objectType: "user", id: s.p.id},
			func(l *look) { *l = look{ip: l.ip} })
	}
	s.p.sessions = nil
	at := s.at.Add(3 * time.Minute)
	s.sitting(s.r, s.p, s.current(s.p, s.p.laptop, s.p.org.office, at), at, 12)
}

func (s *scene) systemRows() {
	for range 40 + s.r.IntN(60) {
		s.backEnd(s.r, s.p, s.at.Add(minutes(s.r, 120)))
	}
}
