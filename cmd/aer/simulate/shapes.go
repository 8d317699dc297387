// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"slices"
	"time"
)

// clientLookAlikes are one client in many shapes, or an honest new one.
var clientLookAlikes = []part{
	{kind: "browser_update", away: true,
		variants: []variant{{note: "the browser is updated in mid-session and says hello in a new way",
			do: func(s *scene) { s.update(10) }}}},
	{kind: "device_id_reset", away: true, fits: hasDevices,
		variants: []variant{{note: "site data are cleared in mid-session", do: (*scene).cleared}}},
	{kind: "ja4_variants", fits: both(hasPrints, steady),
		variants: []variant{
			{note: "a client that always made fresh connections resumes some, falls back to HTTP/1.1 and uses QUIC",
				do: (*scene).shapes}}},
	{kind: "webview", fits: both(onApp, noCompanions),
		variants: []variant{{note: "an app opens pages in its own WebView for the first time",
			do: func(s *scene) { s.beside(0) }}}},
	{kind: "media_player", fits: both(onApp, noCompanions), variants: []variant{
		{note: "the system's network stack speaks for the app", do: func(s *scene) { s.beside(1) }},
		{note: "the system's media player plays a clip of the app", do: func(s *scene) { s.beside(2) }},
	}},
	{kind: "desktop_mode", fits: func(p *person) bool { return p.phone.family == safariIPad.family },
		variants: []variant{{note: "a tablet's browser asks for desktop sites and says Macintosh",
			do: (*scene).desktopMode}}},
	{kind: "app_other_name", fits: func(p *person) bool { return p.phone.family == slackAndroid.family },
		variants: []variant{{note: "the Android app calls itself by its other name", do: (*scene).otherName}}},
	{kind: "new_laptop",
		variants: []variant{{note: "signs in on a new machine of another system, at the office",
			do: func(s *scene) { s.newClient(s.stranger(), s.p.org.office) }}}},
	{kind: "second_browser",
		variants: []variant{{note: "signs in with another ordinary browser, at home",
			do: func(s *scene) { s.newClient(s.otherBrowser(), s.p.home) }}}},
	{kind: "first_official_client", variants: []variant{
		{note: "installs the desktop app at home", do: func(s *scene) { s.newClient(s.desktopApp(), s.p.home) },
			fits: noDesktopApp},
		{note: "installs the mobile app and opens it on the road",
			do: func(s *scene) { s.newClient(s.mobileApp(), s.p.mobile) }},
	}},
}

func steady(p *person) bool       { return !p.laptop.varied }
func noCompanions(p *person) bool { return !p.companions }
func onApp(p *person) bool        { return companions[p.phone.family] != nil }
func noDesktopApp(p *person) bool {
	return p.laptop.family != "slack-desktop" && (p.second == nil || p.second.family != "slack-desktop") &&
		p.laptop.os != "linux"
}

// update has the person do n things after it.
func (s *scene) update(n int) {
	t := s.work()
	at := s.sitting(s.r, s.p, t, s.at, 8)
	next := map[string]string{"chrome": "144.0.0.0", "edge": "144.0.0.0", "firefox": "146.0", "safari": "26.1",
		"slack-desktop": "4.48.10"}[t.family]
	t.releases = append(slices.Clone(t.releases), release{-t.lag, next, t.release(s.d).revision + 100})
	s.sitting(s.r, s.p, t, at.Add(40*time.Second), n)
}

func (s *scene) cleared() {
	t := s.work()
	at := s.sitting(s.r, s.p, t, s.at, 6)
	s.p.laptop.id = newMachine(s.r, s.p.laptop.program).id
	s.sitting(s.r, s.p, t, at, 8)
}

// changing does n ordinary things, of which the i-th shows what change makes of it.
func (s *scene) changing(t *session, n int, change func(i int, l *look)) {
	at := s.at
	for i := range n {
		s.emit(t, at, s.p.ordinaryAct(s.r), func(l *look) { change(i, l) })
		at = at.Add(pause(s.r))
	}
}

func (s *scene) shapes() {
	t := s.work()
	revision := t.release(s.d).revision
	s.changing(t, 30, func(i int, l *look) {
		kind := shape(i % 4)
		if kind == overQUIC && !t.engine.quic {
			kind = fresh
		}
		l.ja4 = t.engine.ja4(revision, kind)
	})
}

// beside lets the app's n-th companion speak in the app's session.
func (s *scene) beside(n int) {
	t := s.current(s.p, s.p.phone, s.p.mobile, s.at)
	c := companions[s.p.phone.family][n]
	at := s.at
	for i := range 24 {
		if i%3 == 2 {
			s.emit(t, at, s.p.media(s.r), c.shown)
		} else {
			s.emit(t, at, s.p.ordinaryAct(s.r))
		}
		at = at.Add(pause(s.r))
	}
}

func (s *scene) desktopMode() {
	t := s.current(s.p, s.p.phone, s.p.home, s.at)
	desktop := newMachine(s.r, safariMac)
	desktop.lag = s.p.phone.lag
	s.changing(t, 24, func(i int, l *look) {
		if i/6%2 == 1 {
			l.agent, l.os = desktop.userAgent(desktop.release(s.d).version), "macos"
		}
	})
}

func (s *scene) otherName() {
	s.changing(s.current(s.p, s.p.phone, s.p.mobile, s.at), 20, func(i int, l *look) {
		if i > 5 {
			l.agent = "slack/26.10.20.0 (google Pixel 8; Android 15)"
		}
	})
}

// newClient is an honest first use: with the person's own sign-in.
func (s *scene) newClient(m *machine, n network) {
	t := s.login(s.p, m, n, s.at)
	s.sitting(s.r, s.p, t, s.at.Add(2*time.Second), 18)
}

func (s *scene) otherBrowser() *machine {
	for _, kind := range map[string][]program{"windows": {firefoxWindows, edgeWindows}, "macos": {safariMac, chromeMac},
		"linux": {firefoxLinux, chromeLinux}}[s.p.laptop.os] {
		if kind.family != s.p.laptop.family && (s.p.second == nil || kind.family != s.p.second.family) {
			return newMachine(s.r, kind)
		}
	}
	return newMachine(s.r, map[string]program{"windows": chromeWindows, "macos": chromeMac,
		"linux": chromeLinux}[s.p.laptop.os])
}

func (s *scene) desktopApp() *machine {
	if s.p.laptop.os == "windows" {
		return newMachine(s.r, slackWindows)
	}
	return newMachine(s.r, slackMac)
}

func (s *scene) mobileApp() *machine {
	if s.p.phone.family == slackIOS.family {
		return newMachine(s.r, slackAndroid)
	}
	return newMachine(s.r, slackIOS)
}
