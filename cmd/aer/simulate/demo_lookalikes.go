// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"fmt"
	"time"

	"github.com/aer-project/aer/cmd/aer/evaluate"
)

// demoLookAlike is something that resembles an attack and is none. A habit has a history on the days before.
type demoLookAlike struct {
	kind   string
	org, n int
	hour   int
	note   string
	habit  bool
	do     func(*scene)
}

var demoLookAlikes = []demoLookAlike{
	{"browser_update", aurora, 11, 11, "the browser is updated in mid-session", false, func(s *scene) { s.update(8) }},
	{"mobile_roaming", aurora, 12, 9, "a phone changes networks on the train", false, (*scene).trainRide},
	{"device_id_reset", aurora, 13, 13, "cookies are cleared in mid-session", false, (*scene).cookiesCleared},
	{"project_day", aurora, 14, 10, "a busy day over known files", false, (*scene).knownFiles},
	{"heavy_downloader", aurora, 5, 14, "45 to 60 files every working day", false, func(s *scene) {
		s.downloads(s.r, s.work(), s.at, s.p.files, 12, 40*time.Second)
	}},
	{"own_script", brightwater, 15, 10, "has always used a script as well", true, (*scene).ownTool},
	{"former_tor_exit", brightwater, 16, 14, "the address was a Tor exit until two weeks ago", false, (*scene).listedOnce},
	{"vpn_toggle", brightwater, 17, 15, "a private VPN is switched on and off", false,
		func(s *scene) { s.toggle(at("198.51.100.240", asnM247, "SE"), 4) }},
	{"phone_and_laptop", cedar, 11, 11, "two devices in one hour", false, func(s *scene) { s.twoDevicesFor(8) }},
	{"polling_client", cedar, 12, 9, "an official client that polls in the background", true,
		func(s *scene) { s.poll(s.work(), s.at, 30*time.Second) }},
	{"travel", cedar, 13, 10, "works from another country", false, func(s *scene) {
		s.sitting(s.r, s.p, s.work(at("198.51.100.77", 64655, "IT")), s.at, 12)
	}},
	{"new_employee", brightwater, 6, 9, "reads a lot on the first day", false, (*scene).firstHours},
}

func (w *demo) lookAlikes() {
	for _, l := range demoLookAlikes {
		s := w.on(w.orgs[l.org].people[l.n], "look-alike "+l.kind)
		for d := range w.days - 1 {
			if l.habit && !w.weekend(d) {
				s.at = w.day(d).Add(time.Duration(l.hour)*time.Hour + minutes(s.r, 50))
				l.do(s)
			}
		}
		w.record(evaluate.Incident{Kind: l.kind, Note: l.note}, s.p, func() {
			s.at = w.lastDay(l.hour, 5+s.r.IntN(40))
			l.do(s)
		})
	}
}

func (s *scene) trainRide() {
	t, at := s.current(s.p, s.p.phone, s.p.mobile, s.at), s.at
	for i := range 4 {
		t.net = network{v4: []string{fmt.Sprintf("198.18.150.%d", 20+i)}, asn: 64620 + uint32(i), country: s.p.org.country}
		at = s.sitting(s.r, s.p, t, at, 5)
	}
}

func (s *scene) cookiesCleared() {
	t := s.work()
	at := s.sitting(s.r, s.p, t, s.at, 6)
	s.p.laptop.id = deviceID(s.r)
	s.sitting(s.r, s.p, t, at, 6)
}

func (s *scene) knownFiles() {
	t, at := s.work(), s.at
	for _, f := range s.p.files {
		s.emit(t, at, act{action: "file_viewed", objectType: "file", id: f, bytes: 40_000})
		at = at.Add(2 * pause(s.r))
	}
	s.sitting(s.r, s.p, t, at, 25)
}

func (s *scene) ownTool() {
	m := s.p.tool(requests)
	if m == nil {
		m = newDevice(s.r, requests)
	}
	s.sitting(s.r, s.p, s.current(s.p, m, s.p.org.office, s.at), s.at.Add(time.Second), 6)
}

func (s *scene) listedOnce() {
	home := s.p.home
	home.v4 = []string{"203.0.113.200"}
	s.listed(home, -30, -14)
	s.sitting(s.r, s.p, s.work(home), s.at, 10)
}

func (s *scene) firstHours() {
	t, at := s.work(), s.at
	for _, c := range pick(s.r, s.p.org.channels, 25) {
		s.emit(t, at, act{action: "api_call", method: "conversations.history", objectType: "channel", id: c, bytes: 5000})
		at = at.Add(pause(s.r))
	}
}
