package simulate

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// lookAlike makes something that resembles an attack and is none. Habits have a history on the days before.
type lookAlike struct {
	kind   string
	org, n int
	hour   int
	note   string
	habit  func(w *world, r *rand.Rand, p *person, at time.Time)
	make   func(w *world, r *rand.Rand, p *person, at time.Time)
}

var lookAlikesOfTheDay = []lookAlike{
	{"browser_update", aurora, 11, 11, "the browser is updated in mid-session", nil, (*world).browserUpdate},
	{"mobile_roaming", aurora, 12, 9, "a phone changes networks on the train", nil, (*world).roaming},
	{"device_id_reset", aurora, 13, 13, "cookies are cleared in mid-session", nil, (*world).cookiesCleared},
	{"project_day", aurora, 14, 10, "a busy day over known files", nil, (*world).projectDay},
	{"heavy_downloader", aurora, 5, 14, "45 to 60 files every working day", nil, (*world).heavyDay},
	{"own_script", brightwater, 15, 10, "has always used a script as well", (*world).ownScript, (*world).ownScript},
	{"former_tor_exit", brightwater, 16, 14, "the address was a Tor exit until two weeks ago", nil, (*world).formerExit},
	{"vpn_toggle", brightwater, 17, 15, "a private VPN is switched on and off", nil, (*world).vpn},
	{"phone_and_laptop", cedar, 11, 11, "two devices in one hour", nil, (*world).twoDevices},
	{"polling_client", cedar, 12, 9, "an official client that polls in the background", (*world).polling, (*world).polling},
	{"travel", cedar, 13, 10, "works from another country", nil, (*world).travel},
	{"new_employee", brightwater, 6, 9, "reads a lot on the first day", nil, (*world).firstDay},
}

func (w *world) lookAlikes() {
	for _, l := range lookAlikesOfTheDay {
		p := w.orgs[l.org].people[l.n]
		r := w.Random("look-alike " + l.kind)
		if l.habit != nil {
			for d := range w.days - 1 {
				if wd := w.day(d).Weekday(); wd != time.Saturday && wd != time.Sunday {
					l.habit(w, r, p, w.day(d).Add(time.Duration(l.hour)*time.Hour+Minutes(r, 50)))
				}
			}
		}
		w.incident(l.kind, p, l.note, nil, func() { l.make(w, r, p, w.clock(l.hour, 5+r.IntN(40))) })
	}
}

func (w *world) browserUpdate(r *rand.Rand, p *person, at time.Time) {
	s := w.current(p, p.laptop, p.org.officeNetwork(), at)
	at = w.sitting(r, p, s, at, 8)
	old := p.laptop.version
	p.laptop.version = p.laptop.versions[1]
	w.sitting(r, p, s, at.Add(40*time.Second), 8)
	p.laptop.version = old
}

func (w *world) roaming(r *rand.Rand, p *person, at time.Time) {
	s := w.current(p, p.phone, p.mobile, at)
	for i := range 4 {
		s.net = network{ip: fmt.Sprintf("198.18.150.%d", 20+i), asn: 64620 + uint32(i), country: p.org.country}
		at = w.sitting(r, p, s, at, 5)
	}
}

func (w *world) cookiesCleared(r *rand.Rand, p *person, at time.Time) {
	s := w.current(p, p.laptop, p.org.officeNetwork(), at)
	at = w.sitting(r, p, s, at, 6)
	fresh := *p.laptop
	fresh.id = newDevice(r, p.laptop.deviceKind).id
	s.device = &fresh
	w.sitting(r, p, s, at, 6)
	s.device = p.laptop
}

func (w *world) projectDay(r *rand.Rand, p *person, at time.Time) {
	s := w.current(p, p.laptop, p.org.officeNetwork(), at)
	for _, f := range p.files {
		w.emit(s, at, act{action: "file_viewed", objectType: "file", id: f, bytes: 40_000})
		at = at.Add(2 * Pause(r))
	}
	w.sitting(r, p, s, at, 25)
}

func (w *world) heavyDay(r *rand.Rand, p *person, at time.Time) {
	s := w.current(p, p.laptop, p.org.officeNetwork(), at)
	w.downloads(r, s, at, p.files, 12, 40*time.Second)
}

func (w *world) ownScript(r *rand.Rand, p *person, at time.Time) {
	s := w.current(p, w.tool(p), p.org.officeNetwork(), at)
	w.sitting(r, p, s, at.Add(time.Second), 6)
}

// tool is the person's command-line client, the same one every day.
func (w *world) tool(p *person) *device {
	for _, s := range p.sessions {
		if s.device.family == pythonRequests.family {
			return s.device
		}
	}
	return newDevice(w.Random("tool "+p.id), pythonRequests)
}

func (w *world) formerExit(r *rand.Rand, p *person, at time.Time) {
	home := p.home
	home.ip = "203.0.113.200"
	w.listTor(home.ip, w.lastDay.AddDate(0, 0, -30), w.lastDay.AddDate(0, 0, -14))
	w.sitting(r, p, w.current(p, p.laptop, home, at), at.Add(2*time.Second), 10)
}

func (w *world) vpn(r *rand.Rand, p *person, at time.Time) {
	s := w.current(p, p.laptop, p.home, at)
	for i := range 4 {
		s.net = p.home
		if i%2 == 1 {
			s.net = network{ip: "198.51.100.240", asn: 9009, country: "SE"}
		}
		at = w.sitting(r, p, s, at, 4)
	}
}

func (w *world) twoDevices(r *rand.Rand, p *person, at time.Time) {
	laptop := w.current(p, p.laptop, p.org.officeNetwork(), at)
	phone := w.current(p, p.phone, p.mobile, at)
	for range 8 {
		w.emit(laptop, at, p.ordinaryAct(r))
		at = at.Add(Pause(r))
		w.emit(phone, at, p.ordinaryAct(r))
		at = at.Add(Pause(r))
	}
}

// polling asks for counts every half minute for an hour, as an open window of an official client does.
func (w *world) polling(r *rand.Rand, p *person, at time.Time) {
	s := w.current(p, p.laptop, p.org.officeNetwork(), at)
	for range 120 {
		w.emit(s, at, act{action: "api_call", method: "client.counts", bytes: 900})
		at = at.Add(30 * time.Second)
	}
}

func (w *world) travel(r *rand.Rand, p *person, at time.Time) {
	away := network{ip: "198.51.100.77", asn: 64655, country: "IT"}
	w.sitting(r, p, w.current(p, p.laptop, away, at), at.Add(2*time.Second), 12)
}

func (w *world) firstDay(r *rand.Rand, p *person, at time.Time) {
	s := w.current(p, p.laptop, p.org.officeNetwork(), at)
	for _, c := range Pick(r, p.org.channels, 25) {
		w.emit(s, at, act{action: "api_call", method: "conversations.history", objectType: "channel", id: c, bytes: 5000})
		at = at.Add(Pause(r))
	}
}
