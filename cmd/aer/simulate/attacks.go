package simulate

import (
	"fmt"
	"math/rand/v2"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// attack makes one kind of attack on a person; expected are the anomaly types of which one must be found.
type attack struct {
	kind     string
	org, n   int
	hour     int
	minute   int
	note     string
	expected []string
	make     func(w *world, r *rand.Rand, p *person, at time.Time)
}

// The organisations by index, for the lists of attacks and look-alikes.
const (
	aurora = iota
	brightwater
	cedar
)

// attacksOfTheDay is the plot. Which decision follows is up to settings.yaml.
var attacksOfTheDay = []attack{
	{"tor_exit", aurora, 7, 10, 5, "signs in through a Tor exit", []string{aerv1.TypeTor}, (*world).torVisit},
	{"tor_exit", aurora, 7, 10, 50, "the same thief signs in again after the sessions were ended", []string{aerv1.TypeTor}, (*world).torVisit},
	{"tor_exit", aurora, 3, 12, 0, "an external person", []string{aerv1.TypeTor}, (*world).torVisit},
	{"session_hijack", aurora, 8, 11, 20, "stolen cookie used beside its owner", []string{aerv1.TypeSessionFingerprint}, (*world).hijack},
	{"bulk_download", aurora, 9, 14, 10, "160 files in a quarter of an hour", []string{aerv1.TypeExcessiveDownloads}, (*world).bulkDownload},
	{"scraping_fast", aurora, 10, 15, 30, "reads 400 threads in six minutes", []string{aerv1.TypeUnexpectedScraping}, (*world).scrapeFast},
	{"scraping_slow", brightwater, 13, 9, 0, "reads a thread every 18 seconds for four hours", []string{aerv1.TypeUnexpectedScraping}, (*world).scrapeSlow},
	{"session_hijack", brightwater, 7, 9, 40, "stolen cookie used beside its owner", []string{aerv1.TypeSessionFingerprint}, (*world).hijack},
	{"stale_cookie_replay", brightwater, 8, 11, 0, "a cookie copied three days ago", []string{aerv1.TypeSessionFingerprint}, (*world).staleCookie},
	{"unexpected_user_agent", brightwater, 9, 12, 30, "signs in with an HTTP library", []string{aerv1.TypeUnexpectedUserAgent}, (*world).library},
	{"spoofed_user_agent", brightwater, 10, 13, 20, "claims to be Slack's desktop client, shakes hands like python-requests", []string{aerv1.TypeSpoofedUserAgent}, (*world).spoof},
	{"api_volume_burst", brightwater, 11, 14, 0, "900 calls in five minutes", []string{aerv1.TypeUnexpectedAPICallVolume}, (*world).apiBurst},
	{"api_method_mix", brightwater, 12, 15, 0, "calls administrative methods never used before", []string{aerv1.TypeUnexpectedAPICallVolume}, (*world).methodMix},
	{"scraping_fast", brightwater, 14, 16, 0, "a commissioned penetration test, from a trusted network", []string{aerv1.TypeUnexpectedScraping}, (*world).pentest},
	{"scheduled_script", brightwater, 18, 8, 5, "a person's own script reads 400 more threads every hour", []string{aerv1.TypeUnexpectedScraping}, (*world).hourlyScript},
	{"bulk_download", cedar, 7, 10, 20, "160 files in a quarter of an hour", []string{aerv1.TypeExcessiveDownloads}, (*world).bulkDownload},
	{"low_slow_download", cedar, 8, 8, 30, "22 files an hour, all day", []string{aerv1.TypeExcessiveDownloads}, (*world).lowSlow},
	{"combined_hijack_download", cedar, 9, 13, 0, "stolen cookie, then 120 files", []string{aerv1.TypeSessionFingerprint, aerv1.TypeExcessiveDownloads}, (*world).hijackDownload},
	{"tor_exit", cedar, 10, 16, 20, "signs in through a Tor exit", []string{aerv1.TypeTor}, (*world).torVisit},
	{"bulk_download", cedar, 5, 15, 10, "an archivist, excluded by settings, far above the habit", []string{aerv1.TypeExcessiveDownloads}, (*world).archiveRun},
}

// rollout is how many people of cedar a new network sends through a Tor exit, one a minute: more at once than may be signed
// out without asking whether something changed for everybody.
const rollout = 8

func (w *world) attacks() {
	for _, a := range attacksOfTheDay {
		p := w.orgs[a.org].people[a.n]
		at := w.clock(a.hour, a.minute)
		r := w.Random(fmt.Sprintf("attack %s %s %d:%d", a.kind, p.id, a.hour, a.minute))
		w.incident(a.kind, p, a.note, a.expected, func() { a.make(w, r, p, at) })
	}
	for i := range rollout {
		p, at := w.orgs[cedar].people[14+i], w.clock(17, 30+i)
		w.incident("tor_rollout", p, "a new network service of the whole office leaves through a Tor exit", []string{aerv1.TypeTor}, func() {
			w.torRollout(w.Random("roll-out "+p.id), p, at)
		})
	}
}

// thiefNetwork is a rented server: AS 16276 and 14061 are on the list of hosting providers.
func thiefNetwork(p *person) network {
	return network{ip: fmt.Sprintf("192.0.2.%d", 100+p.n*7%100), asn: []uint32{16276, 14061}[p.n%2], country: []string{"NL", "RO"}[p.n%2]}
}

// elsewhere is a rented house, an ordinary network in another country.
func elsewhere(p *person) network {
	return network{ip: fmt.Sprintf("198.51.100.%d", 20+p.n), asn: 64650, country: "BR"}
}

func (w *world) torVisit(r *rand.Rand, p *person, at time.Time) {
	exit := network{ip: fmt.Sprintf("203.0.113.%d", 30+p.n), asn: 64660, country: "CH"}
	w.listTor(exit.ip, w.lastDay.AddDate(0, 0, -9), w.lastDay.AddDate(0, 0, 2))
	s := w.steals(p, newDevice(w.Random("tor "+p.id), torBrowser), exit, at)
	w.sitting(r, p, s, at.Add(4*time.Second), 14)
}

// torRollout is the person's own work, through an exit.
func (w *world) torRollout(r *rand.Rand, p *person, at time.Time) {
	exit := network{ip: "203.0.113.99", asn: 64660, country: "CH"}
	w.listTor(exit.ip, w.lastDay.AddDate(0, 0, -9), w.lastDay.AddDate(0, 0, 2))
	w.sitting(r, p, w.current(p, p.laptop, exit, at), at.Add(2*time.Second), 4)
}

// listTor notes that an address was a Tor exit. A second visit through the same exit lists it once.
func (w *world) listTor(ip string, from, until time.Time) {
	for _, t := range w.Tor {
		if t.Address == ip {
			return
		}
	}
	w.Tor = append(w.Tor, TorInterval{ip, from, until})
}

// steal returns a session of a thief who has the cookie of a person's current session but another machine and network.
// The owner is made to work at the same time, so that the two interleave.
func (w *world) steal(r *rand.Rand, p *person, at time.Time) *session {
	incident := w.recording
	w.recording = nil // the owner's events are not the thief's
	owner := w.current(p, p.laptop, p.org.officeNetwork(), at.Add(-5*time.Minute))
	w.sitting(r, p, owner, at.Add(-3*time.Minute), 30)
	w.recording = incident
	kind := chromeWindows
	if p.laptop.platform == "windows" {
		kind = firefoxLinux
	}
	return &session{id: owner.id, person: p, device: newDevice(r, kind), net: thiefNetwork(p), born: owner.born, thief: true}
}

func (w *world) hijack(r *rand.Rand, p *person, at time.Time) {
	w.sitting(r, p, w.steal(r, p, at), at, 20)
}

func (w *world) hijackDownload(r *rand.Rand, p *person, at time.Time) {
	s := w.steal(r, p, at)
	at = w.sitting(r, p, s, at, 8)
	w.downloads(r, s, at, p.org.files, 120, 5*time.Second)
}

func (w *world) staleCookie(r *rand.Rand, p *person, at time.Time) {
	s := w.steal(r, p, at)
	s.stale = at.Add(-73 * time.Hour).Truncate(time.Second)
	w.sitting(r, p, s, at, 15)
}

func (w *world) library(r *rand.Rand, p *person, at time.Time) {
	s := w.steals(p, newDevice(r, goHTTP), elsewhere(p), at)
	w.sitting(r, p, s, at.Add(time.Second), 18)
}

func (w *world) spoof(r *rand.Rand, p *person, at time.Time) {
	s := w.open(p, newDevice(r, slackWindows), thiefNetwork(p), at)
	s.thief = true
	library := newDevice(r, pythonRequests).fingerprint()
	s.disguise = func(c *aerv1.Client) { c.Ja4 = library }
	w.emit(s, at, act{action: "user_login"})
	w.sitting(r, p, s, at.Add(time.Second), 18)
}

// bulkDownload is an insider or a thief with the person's own client.
func (w *world) bulkDownload(r *rand.Rand, p *person, at time.Time) {
	s := w.steals(p, newDevice(r, p.laptop.deviceKind), elsewhere(p), at)
	w.downloads(r, s, at.Add(3*time.Second), p.org.files, 160, 6*time.Second)
}

func (w *world) lowSlow(r *rand.Rand, p *person, at time.Time) {
	s := w.current(p, p.laptop, p.org.officeNetwork(), at)
	w.downloads(r, s, at, p.org.files, 200, 164*time.Second)
}

func (w *world) archiveRun(r *rand.Rand, p *person, at time.Time) {
	s := w.current(p, p.laptop, p.org.officeNetwork(), at)
	w.downloads(r, s, at, p.org.files, 420, 4*time.Second)
}

// scrape reads n different threads, gap apart with the given relative jitter.
func (w *world) scrape(r *rand.Rand, s *session, at time.Time, n int, gap time.Duration, jitter float64) {
	w.scrapeFrom(r, s, at, 0, n, gap, jitter)
}

// scrapeFrom is scrape that leaves out the first threads.
func (w *world) scrapeFrom(r *rand.Rand, s *session, at time.Time, first, n int, gap time.Duration, jitter float64) {
	for i := first; i < first+n; i++ {
		channel := s.person.org.channels[i%len(s.person.org.channels)]
		thread := fmt.Sprintf("%s/T%04d", channel, i)
		w.emit(s, at, act{action: "api_call", method: "conversations.replies", objectType: "thread", id: thread, bytes: uint64(1500 + r.IntN(6000))})
		at = at.Add(time.Duration(float64(gap) * (1 + jitter*(2*r.Float64()-1))))
	}
}

func (w *world) scrapeFast(r *rand.Rand, p *person, at time.Time) {
	s := w.steals(p, newDevice(r, p.laptop.deviceKind), thiefNetwork(p), at)
	w.scrape(r, s, at.Add(2*time.Second), 400, 900*time.Millisecond, 0.4)
}

// hourlyScript runs on the person's own machine, in whatever session that has.
func (w *world) hourlyScript(r *rand.Rand, p *person, at time.Time) {
	for run := range 4 {
		s := w.current(p, p.laptop, p.org.officeNetwork(), at)
		w.scrapeFrom(r, s, at.Add(2*time.Second), run*400, 400, 900*time.Millisecond, 0.4)
		at = at.Add(time.Hour)
	}
}

func (w *world) scrapeSlow(r *rand.Rand, p *person, at time.Time) {
	s := w.steals(p, newDevice(r, p.laptop.deviceKind), elsewhere(p), at)
	w.scrape(r, s, at.Add(2*time.Second), 800, 18*time.Second, 0.1)
}

func (w *world) pentest(r *rand.Rand, p *person, at time.Time) {
	s := w.login(p, newDevice(r, chromeMac), network{ip: "198.18.21.9", asn: 64605, country: "US"}, at)
	w.scrape(r, s, at.Add(2*time.Second), 400, 900*time.Millisecond, 0.4)
}

func (w *world) apiBurst(r *rand.Rand, p *person, at time.Time) {
	s := w.steals(p, newDevice(r, p.laptop.deviceKind), elsewhere(p), at)
	at = at.Add(2 * time.Second)
	for i := range 900 {
		a := act{action: "api_call", method: "users.info", objectType: "user", id: p.org.people0(r), bytes: 700}
		if i > 600 && r.Float64() < 0.5 {
			a.outcome = aerv1.OutcomeRateLimited
		}
		w.emit(s, at, a)
		at = at.Add(time.Duration((0.1 + 0.46*r.Float64()) * float64(time.Second)))
	}
}

var adminMethods = []string{
	"admin.users.list", "admin.roles.addAssignments", "admin.conversations.search", "admin.apps.approve", "admin.auth.policy.getEntities",
	"admin.users.session.list", "admin.teams.list", "admin.conversations.setConversationPrefs", "admin.inviteRequests.approve",
}

func (w *world) methodMix(r *rand.Rand, p *person, at time.Time) {
	s := w.steals(p, newDevice(r, p.laptop.deviceKind), thiefNetwork(p), at)
	at = at.Add(2 * time.Second)
	for i := range 120 {
		a := act{action: "api_call", method: adminMethods[i*i%len(adminMethods)], bytes: uint64(300 + r.IntN(3000))}
		if r.Float64() < 0.3 {
			a.outcome = aerv1.OutcomeDenied
		}
		w.emit(s, at, a)
		at = at.Add(time.Duration((1 + 4*r.Float64()) * float64(time.Second)))
	}
}
