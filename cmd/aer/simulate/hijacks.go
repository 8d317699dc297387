// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

var (
	expectFingerprint = []string{aerv1.TypeSessionFingerprint}
	expectTor         = []string{aerv1.TypeTor}
	expectSpoofed     = []string{aerv1.TypeSpoofedUserAgent, aerv1.TypeSessionFingerprint}
	expectAgent       = []string{aerv1.TypeUnexpectedUserAgent}
	expectDownloads   = []string{aerv1.TypeExcessiveDownloads}
	expectScraping    = []string{aerv1.TypeUnexpectedScraping, aerv1.TypeUnexpectedAPICallVolume}
	expectCalls       = []string{aerv1.TypeUnexpectedAPICallVolume}
)

// hijackParts are thieves who have a person's cookie, or come through Tor with the password.
var hijackParts = []part{
	{kind: "session_hijack", expected: expectFingerprint, variants: []variant{
		{note: "stolen cookie, another system and program, from a rented server abroad, beside its owner",
			do: (*scene).hijackAbroad},
		{note: "stolen cookie, another system and program, from a home abroad, hours after its owner",
			do: (*scene).hijackIdle},
		{note: "stolen cookie, another system and program, from a rented server in the country, beside its owner",
			do: (*scene).hijackInCountry},
	}},
	{kind: "hijack_same_system", expected: expectFingerprint, variants: []variant{
		{note: "stolen cookie, the same kind of machine under another device id, from a rented server in the country, " +
			"beside its owner", do: (*scene).hijackTwin, fits: hasDevices},
		{note: "stolen cookie, another program on the same system, from a home in the country, beside its owner",
			do: (*scene).hijackOtherProgram},
	}},
	{kind: "hijack_sparse_data", expected: expectFingerprint, fits: not(both(hasDevices, hasPrints)), variants: []variant{
		{note: "no device ids or no prints in the data: another system and program, beside its owner",
			do: (*scene).hijackAbroad},
		{note: "no device ids or no prints in the data: another system and program, hours after its owner",
			do: (*scene).hijackIdle},
	}},
	{kind: "hijack_copied_agent", expected: expectSpoofed, fits: both(hasPrints, both(hasDevices, blinkLaptop)),
		variants: []variant{
			{note: "stolen cookie in a tool that copies the owner's user agent, beside its owner", do: (*scene).hijackTool},
		}},
	{kind: "stale_cookie_replay", expected: expectFingerprint, away: true, variants: []variant{
		{note: "a cookie copied days ago, from another machine", do: (*scene).staleCookie,
			fits: func(p *person) bool { return p.org.traits.cookies }},
	}},
	{kind: "combined_hijack_download", expected: append(expectFingerprint[:1:1], expectDownloads...), variants: []variant{
		{note: "stolen cookie, then some hundred files", do: (*scene).hijackDownload},
	}},
	{kind: "tor_exit", expected: expectTor, variants: []variant{
		{note: "signs in through a Tor exit with the password", do: (*scene).torLogin},
		{note: "stolen cookie used through a Tor exit", do: (*scene).torCookie},
	}},
}

func blinkLaptop(p *person) bool { return p.laptop.engine.name == blink.name }

// stranger is a machine that shares neither system nor program with the person's.
func (s *scene) stranger() *machine {
	kind := []program{firefoxLinux, chromeLinux}[s.r.IntN(2)]
	switch {
	case s.p.laptop.os == "linux":
		kind = safariMac
	case s.p.laptop.family == kind.family:
		kind = map[string]program{"chrome": firefoxLinux, "firefox": chromeLinux}[kind.family]
	}
	return newMachine(s.r, kind)
}

// steal returns the person's session in the hands of a thief. Its owner works at the same time, so that the two
// interleave, or did hours ago.
func (s *scene) steal(m *machine, n network, idle bool) *session {
	at, acts := s.at.Add(-4*time.Minute), 45
	if idle {
		at, acts = s.at.Add(-3*time.Hour), 8
	}
	return s.stealAfter(at, acts, m, n)
}

// stealAfter is steal from an owner who does so many things from a time on.
func (s *scene) stealAfter(at time.Time, acts int, m *machine, n network) *session {
	var owner *session
	s.unrecorded(func() {
		owner = s.current(s.p, s.p.laptop, s.p.org.office, at.Add(-time.Minute))
		s.sitting(s.r, s.p, owner, at, acts)
	})
	return &session{id: owner.id, person: s.p, machine: m, net: n, born: owner.born, r: s.r, thief: true}
}

func (s *scene) abroad() string { return otherCountry(s.r, s.p.org.country) }

func (s *scene) hijackAbroad() {
	s.sitting(s.r, s.p, s.steal(s.stranger(), s.attacker(), false), s.at, 15+s.r.IntN(10))
}

func (s *scene) hijackIdle() {
	s.sitting(s.r, s.p, s.steal(s.stranger(), s.nets.home(s.r, s.abroad()), true), s.at, 15+s.r.IntN(10))
}

func (s *scene) hijackInCountry() {
	s.sitting(s.r, s.p, s.steal(s.stranger(), s.nets.rented(s.r, s.p.org.country), false), s.at, 15+s.r.IntN(10))
}

func (s *scene) hijackTwin() {
	s.sitting(s.r, s.p, s.steal(newMachine(s.r, s.p.laptop.program), s.nets.rented(s.r, s.p.org.country), false), s.at, 20)
}

func (s *scene) hijackOtherProgram() {
	other := map[string]program{"windows": firefoxWindows, "macos": chromeMac, "linux": chromeLinux}[s.p.laptop.os]
	switch s.p.laptop.family {
	case "firefox":
		other = map[string]program{"windows": chromeWindows, "linux": chromeLinux}[s.p.laptop.os]
	case "chrome":
		other = map[string]program{"windows": firefoxWindows, "macos": safariMac, "linux": firefoxLinux}[s.p.laptop.os]
	}
	s.sitting(s.r, s.p, s.steal(newMachine(s.r, other), s.nets.home(s.r, s.p.org.country), false), s.at, 20)
}

func (s *scene) hijackTool() {
	t := s.steal(newMachine(s.r, s.p.laptop.program), s.attacker(), false)
	t.lag, t.varied = s.p.laptop.lag, false
	t.disguise = func(l *look) { l.device, l.ja4 = "", python.ja4(0, fresh) }
	s.sitting(s.r, s.p, t, s.at, 20)
}

func (s *scene) staleCookie() {
	owner := s.work()
	s.unrecorded(func() { s.sitting(s.r, s.p, owner, s.at.Add(-2*time.Hour), 10) })
	t := &session{id: owner.id, person: s.p, machine: s.stranger(), net: s.attacker(), born: owner.born,
		r: s.r, thief: true}
	t.stale = s.at.Add(-time.Duration(30+s.r.IntN(60)) * time.Hour).Truncate(time.Second)
	s.sitting(s.r, s.p, t, s.at, 15)
}

func (s *scene) hijackDownload() {
	t := s.steal(s.stranger(), s.attacker(), false)
	at := s.sitting(s.r, s.p, t, s.at, 5)
	s.downloads(s.r, t, at, s.p.org.files, 80+s.r.IntN(50), 5*time.Second)
}

// listed notes that the network was a Tor exit, in days from the scene on.
func (s *scene) listed(n network, from, until int) network {
	s.tor = append(s.tor, TorInterval{Address: n.v4[0], From: s.at.AddDate(0, 0, from), Until: s.at.AddDate(0, 0, until)})
	return n
}

// exit is a Tor exit that was listed for days before and after.
func (s *scene) exit() network { return s.listed(s.nets.exit(), -9, 2) }

func (s *scene) torLogin() {
	s.sitting(s.r, s.p, s.signsIn(s.p, newMachine(s.r, firefoxWindows), s.exit(), s.at), s.at.Add(4*time.Second), 14)
}

func (s *scene) torCookie() {
	s.sitting(s.r, s.p, s.steal(newMachine(s.r, firefoxWindows), s.exit(), true), s.at, 12)
}
