// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"fmt"
	"slices"
	"time"

	"github.com/aer-project/aer/cmd/aer/evaluate"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// demoAttack is one attack on a person; expected are the anomaly types of which one must be found.
type demoAttack struct {
	kind         string
	org, n       int
	hour, minute int
	note         string
	expected     []string
	do           func(*scene)
}

// The organisations by index, for the lists of attacks and look-alikes.
const (
	aurora = iota
	brightwater
	cedar
)

// demoAttacks is the plot. Which decision follows is up to settings.yaml.
var demoAttacks = []demoAttack{
	{"tor_exit", aurora, 7, 10, 5, "signs in through a Tor exit", expectTor, (*scene).torVisit},
	{"tor_exit", aurora, 7, 10, 50, "the same thief signs in again after the sessions were ended", expectTor,
		(*scene).torVisit},
	{"tor_exit", aurora, 3, 12, 0, "an external person", expectTor, (*scene).torVisit},
	{"session_hijack", aurora, 8, 11, 20, "stolen cookie used beside its owner", expectFingerprint, (*scene).hijack},
	{"bulk_download", aurora, 9, 14, 10, "160 files in a quarter of an hour", expectDownloads, (*scene).bulkDownload},
	{"scraping_fast", aurora, 10, 15, 30, "reads 400 threads in six minutes", []string{aerv1.TypeUnexpectedScraping},
		(*scene).scrapeFast},
	{"scraping_slow", brightwater, 13, 9, 0, "reads a thread every 18 seconds for four hours",
		[]string{aerv1.TypeUnexpectedScraping}, (*scene).scrapeSlow},
	{"session_hijack", brightwater, 7, 9, 40, "stolen cookie used beside its owner", expectFingerprint, (*scene).hijack},
	{"stale_cookie_replay", brightwater, 8, 11, 0, "a cookie copied three days ago", expectFingerprint,
		(*scene).staleCookieOfDays},
	{"unexpected_user_agent", brightwater, 9, 12, 30, "signs in with an HTTP library", expectAgent, (*scene).library},
	{"spoofed_user_agent", brightwater, 10, 13, 20,
		"claims to be Slack's desktop client, shakes hands like python-requests", []string{aerv1.TypeSpoofedUserAgent},
		func(s *scene) { s.spoof(newDevice(s.r, slackWindows), s.p.thiefNetwork(), python) }},
	{"api_volume_burst", brightwater, 11, 14, 0, "900 calls in five minutes", expectCalls, (*scene).apiBurst},
	{"api_method_mix", brightwater, 12, 15, 0, "calls administrative methods never used before", expectCalls,
		func(s *scene) { s.methods(s.ownKind(s.p.thiefNetwork()), 120, 4) }},
	{"scraping_fast", brightwater, 14, 16, 0, "a commissioned penetration test, from a trusted network",
		[]string{aerv1.TypeUnexpectedScraping}, (*scene).pentest},
	{"scheduled_script", brightwater, 18, 8, 5, "a person's own script reads 400 more threads every hour",
		[]string{aerv1.TypeUnexpectedScraping}, (*scene).hourlyScript},
	{"bulk_download", cedar, 7, 10, 20, "160 files in a quarter of an hour", expectDownloads, (*scene).bulkDownload},
	{"low_slow_download", cedar, 8, 8, 30, "22 files an hour, all day", expectDownloads, (*scene).downloadAllDay},
	{"combined_hijack_download", cedar, 9, 13, 0, "stolen cookie, then 120 files",
		[]string{aerv1.TypeSessionFingerprint, aerv1.TypeExcessiveDownloads}, (*scene).hijackAndDownload},
	{"tor_exit", cedar, 10, 16, 20, "signs in through a Tor exit", expectTor, (*scene).torVisit},
	{"bulk_download", cedar, 5, 15, 10, "an archivist, excluded by settings, far above the habit", expectDownloads,
		(*scene).archiveRun},
}

// rollout is how many people of cedar a new network sends through a Tor exit, one a minute: more at once than may be
// signed out without asking whether something changed for everybody.
const rollout = 8

func (w *demo) attacks() {
	for _, a := range demoAttacks {
		p := w.orgs[a.org].people[a.n]
		s := w.on(p, fmt.Sprintf("attack %s %s %d:%d", a.kind, p.id, a.hour, a.minute))
		s.at = w.lastDay(a.hour, a.minute)
		w.record(evaluate.Incident{Kind: a.kind, Expected: a.expected, Note: a.note}, p, func() { a.do(s) })
	}
	for i := range rollout {
		p := w.orgs[cedar].people[14+i]
		s := w.on(p, "roll-out "+p.id)
		s.at = w.lastDay(17, 30+i)
		note := "a new network service of the whole office leaves through a Tor exit"
		w.record(evaluate.Incident{Kind: "tor_rollout", Expected: expectTor, Note: note}, p, s.torRollout)
	}
}

// thiefNetwork is a rented server.
func (p *person) thiefNetwork() network {
	return at(fmt.Sprintf("192.0.2.%d", 100+p.n*7%100), []uint32{asnOVH, asnDigitalOcean}[p.n%2],
		[]string{"NL", "RO"}[p.n%2])
}

// rentedHouse is an ordinary network in another country.
func (p *person) rentedHouse() network { return at(fmt.Sprintf("198.51.100.%d", 20+p.n), 64650, "BR") }

func (s *scene) torVisit() {
	exit := s.listedToday(fmt.Sprintf("203.0.113.%d", 30+s.p.n))
	t := s.signsIn(s.p, newDevice(s.random("tor "+s.p.id), torBrowser), exit, s.at)
	s.sitting(s.r, s.p, t, s.at.Add(4*time.Second), 14)
}

// torRollout is the person's own work, through an exit.
func (s *scene) torRollout() {
	s.at = s.at.Add(2 * time.Second)
	s.sitting(s.r, s.p, s.work(s.listedToday("203.0.113.99")), s.at, 4)
}

// listedToday is a Tor exit. A second visit through the same exit lists it once.
func (s *scene) listedToday(ip string) network {
	exit := at(ip, 64660, "CH")
	if !slices.ContainsFunc(s.tor, func(t TorInterval) bool { return t.Address == ip }) {
		s.listed(exit, -9, 2)
	}
	return exit
}

// takeOver is the person's session in the hands of a thief with another machine, while its owner works.
func (s *scene) takeOver() *session {
	t := s.stealAfter(s.at.Add(-3*time.Minute), 30, nil, s.p.thiefNetwork())
	kind := chromeWindows
	if s.p.laptop.os == "windows" {
		kind = firefoxLinux
	}
	t.machine = newDevice(s.r, kind)
	return t
}

func (s *scene) hijack() { s.sitting(s.r, s.p, s.takeOver(), s.at, 20) }

func (s *scene) hijackAndDownload() {
	t := s.takeOver()
	at := s.sitting(s.r, s.p, t, s.at, 8)
	s.downloads(s.r, t, at, s.p.org.files, 120, 5*time.Second)
}

func (s *scene) staleCookieOfDays() {
	t := s.takeOver()
	t.stale = s.at.Add(-73 * time.Hour).Truncate(time.Second)
	s.sitting(s.r, s.p, t, s.at, 15)
}

func (s *scene) library() {
	t := s.signsIn(s.p, newDevice(s.r, goHTTP), s.p.rentedHouse(), s.at)
	s.sitting(s.r, s.p, t, s.at.Add(time.Second), 18)
}

// ownKind is a sign-in of somebody who has the password and the person's kind of machine.
func (s *scene) ownKind(n network) *session {
	return s.signsIn(s.p, newDevice(s.r, s.p.laptop.program), n, s.at)
}

// bulkDownload is an insider or a thief with the person's own client.
func (s *scene) bulkDownload() {
	s.downloads(s.r, s.ownKind(s.p.rentedHouse()), s.at.Add(3*time.Second), s.p.org.files, 160, 6*time.Second)
}

func (s *scene) downloadAllDay() {
	s.downloads(s.r, s.work(), s.at, s.p.org.files, 200, 164*time.Second)
}

func (s *scene) archiveRun() { s.downloads(s.r, s.work(), s.at, s.p.org.files, 420, 4*time.Second) }

func (s *scene) scrapeFast() {
	s.scrape(s.ownKind(s.p.thiefNetwork()), 400, 900*time.Millisecond, 0.4)
}

func (s *scene) scrapeSlow() { s.scrape(s.ownKind(s.p.rentedHouse()), 800, 18*time.Second, 0.1) }

func (s *scene) pentest() {
	t := s.login(s.p, newDevice(s.r, chromeMac), at("198.18.21.9", 64605, "US"), s.at)
	s.scrape(t, 400, 900*time.Millisecond, 0.4)
}

// hourlyScript runs on the person's own machine, in whatever session that has.
func (s *scene) hourlyScript() {
	for run := range 4 {
		s.scrapeFrom(s.work(), run*400, 400, 900*time.Millisecond, 0.4)
		s.at = s.at.Add(time.Hour)
	}
}

func (s *scene) apiBurst() {
	t, at := s.ownKind(s.p.rentedHouse()), s.at.Add(2*time.Second)
	for i := range 900 {
		a := act{action: "api_call", method: "users.info", objectType: "user", id: s.p.colleague(s.r), bytes: 700}
		if i > 600 && s.r.Float64() < 0.5 {
			a.outcome = aerv1.OutcomeRateLimited
		}
		s.emit(t, at, a)
		at = at.Add(time.Duration((0.1 + 0.46*s.r.Float64()) * float64(time.Second)))
	}
}
