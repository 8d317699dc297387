// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"fmt"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// volumeParts take or read too much, with the person's own kind of client.
var volumeParts = []part{
	{kind: "bulk_download", expected: expectDownloads, variants: []variant{
		{note: "70 to 160 files in a quarter of an hour, from elsewhere", do: func(s *scene) { s.bulk(s.elsewhere()) }},
		{note: "70 to 160 files in a quarter of an hour, at the person's own desk", do: func(s *scene) { s.bulk(s.work()) }},
	}},
	{kind: "low_slow_download", expected: expectDownloads, variants: []variant{
		{note: "some ten files an hour, all day", do: (*scene).lowSlow},
	}},
	{kind: "scraping_fast", expected: expectScraping, variants: []variant{
		{note: "reads hundreds of threads in minutes",
			do: func(s *scene) { s.scrape(s.elsewhere(), 250+s.r.IntN(200), 900*time.Millisecond, 0.4) }},
	}},
	{kind: "scraping_slow", expected: expectScraping, variants: []variant{
		{note: "reads a thread every 15 to 40 seconds for hours", do: func(s *scene) {
			gap := time.Duration(15+s.r.IntN(25)) * time.Second
			s.scrape(s.elsewhere(), int(4*time.Hour/gap)+s.r.IntN(100), gap, 0.3)
		}},
		{note: "the same from the person's own machine", do: func(s *scene) {
			gap := time.Duration(15+s.r.IntN(25)) * time.Second
			s.scrape(s.work(), int(5*time.Hour/gap), gap, 0.3)
		}},
	}},
	{kind: "api_volume_burst", expected: expectCalls, variants: []variant{
		{note: "hundreds of calls of one method in minutes", do: (*scene).burst},
	}},
	{kind: "api_method_mix", expected: expectCalls, variants: []variant{
		{note: "some hundred calls of administrative methods never used before",
			do: func(s *scene) { s.methodMix(90 + s.r.IntN(60)) }},
	}},
	{kind: "api_method_mix_few", expected: expectCalls, variants: []variant{
		{note: "fewer than 50 calls of administrative methods never used before",
			do: func(s *scene) { s.methodMix(28 + s.r.IntN(18)) }},
	}},
}

// elsewhere is a sign-in of somebody who has the password and the person's kind of machine, at a home or a rented
// server.
func (s *scene) elsewhere() *session {
	n := s.nets.home(s.r, s.abroad())
	if s.r.IntN(2) == 0 {
		n = s.nets.rented(s.r, s.p.org.country)
	}
	return s.signsIn(s.p, newMachine(s.r, s.p.laptop.program), n, s.at)
}

func (s *scene) bulk(t *session) {
	s.downloads(s.r, t, s.at.Add(3*time.Second), s.p.org.files,
		int(float64(70+s.r.IntN(90))*s.p.org.tolerates()), 7*time.Second)
}

func (s *scene) lowSlow() {
	at := s.clock(s.p.org, s.d, 7+2*s.r.Float64())
	t := s.current(s.p, s.p.laptop, s.p.org.office, at)
	perHour := int(float64(9+s.r.IntN(7)) * s.p.org.tolerates())
	s.downloads(s.r, t, at, s.p.org.files, 11*perHour, time.Hour/time.Duration(perHour))
}

// scrape reads n different threads, gap apart with the given relative jitter.
func (s *scene) scrape(t *session, n int, gap time.Duration, jitter float64) {
	s.scrapeFrom(t, 0, n, gap, jitter)
}

// scrapeFrom is scrape that leaves out the first threads.
func (s *scene) scrapeFrom(t *session, first, n int, gap time.Duration, jitter float64) {
	at := s.at.Add(2 * time.Second)
	for i := first; i < first+n; i++ {
		thread := fmt.Sprintf("%s/T%05d", s.p.org.channels[i%len(s.p.org.channels)], i)
		s.emit(t, at, act{action: "api_call", method: "conversations.replies", objectType: "thread", id: thread,
			bytes: uint64(1500 + s.r.IntN(6000))})
		at = at.Add(time.Duration(float64(gap) * (1 + jitter*(2*s.r.Float64()-1))))
	}
}

func (s *scene) burst() {
	t := s.elsewhere()
	at := s.at.Add(2 * time.Second)
	n := 250 + s.r.IntN(500)
	method := []string{"users.info", "files.list", "search.messages"}[s.r.IntN(3)]
	for i := range n {
		a := act{action: "api_call", method: method, bytes: 700}
		if i > n/2 && s.r.Float64() < 0.3 {
			a.outcome = aerv1.OutcomeRateLimited
		}
		s.emit(t, at, a)
		at = at.Add(time.Duration((0.1 + 0.8*s.r.Float64()) * float64(time.Second)))
	}
}

// administrative are methods that nobody calls on an ordinary day.
var administrative = []string{
	"admin.users.list", "admin.roles.addAssignments", "admin.conversations.search", "admin.apps.approve",
	"admin.auth.policy.getEntities",
	"admin.users.session.list", "admin.teams.list", "admin.conversations.setConversationPrefs",
	"admin.inviteRequests.approve",
}

func (s *scene) methodMix(n int) { s.methods(s.elsewhere(), n, 8) }

// methods makes n calls of administrative methods, up to gap seconds and one apart.
func (s *scene) methods(t *session, n int, gap float64) {
	at := s.at.Add(2 * time.Second)
	for range n {
		a := act{action: "api_call", method: administrative[s.r.IntN(len(administrative))],
			bytes: uint64(300 + s.r.IntN(3000))}
		if s.r.Float64() < 0.3 {
			a.outcome = aerv1.OutcomeDenied
		}
		s.emit(t, at, a)
		at = at.Add(time.Duration((1 + gap*s.r.Float64()) * float64(time.Second)))
	}
}
