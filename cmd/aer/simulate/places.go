// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"fmt"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// networkLookAlikes change where a person seems to be.
var networkLookAlikes = []part{
	{kind: "private_relay", away: true, fits: onWebkit, variants: []variant{
		{note: "a private relay is switched on in mid-session: every few requests another provider and country",
			do: (*scene).relay},
	}},
	{kind: "dual_stack", variants: []variant{
		{note: "a phone takes turns between IPv4 and IPv6 within seconds", do: (*scene).dualStack},
		{note: "a laptop at home does, with a tunnel for IPv6 whose exit is in another country", do: (*scene).tunnel},
	}},
	{kind: "carrier_pool", variants: []variant{
		{note: "each request of a phone leaves by another address of the carrier's pool", do: (*scene).pool},
		{note: "a phone abroad takes turns between Wi-Fi there and its carrier at home", do: (*scene).homeRouted},
	}},
	{kind: "mobile_roaming", away: true,
		variants: []variant{{note: "a phone changes networks on the train", do: (*scene).roaming}}},
	{kind: "vpn_toggle", away: true,
		variants: []variant{{note: "a private VPN is switched on and off for the first time",
			do: func(s *scene) { s.toggle(at(fmt.Sprintf("198.51.100.%d", 1+s.r.IntN(250)), asnM247, s.abroad()), 5) }}}},
	{kind: "travel", away: true, variants: []variant{
		{note: "works from another country on the own laptop, after signing in", do: func(s *scene) { s.travel(true) }},
		{note: "works from another country on the own laptop, in yesterday's session",
			do: func(s *scene) { s.travel(false) }},
	}},
	{kind: "former_tor_exit", away: true,
		variants: []variant{{note: "the home's address was a Tor exit until two weeks ago", do: (*scene).formerExit}}},
	{kind: "external_person", prepare: func(s *scene) { s.p.kind = aerv1.UserExternal }, variants: []variant{
		{note: "somebody of another organisation signs in through Tor: not this organisation's to sign out",
			do: (*scene).torLogin},
	}},
	{kind: "nat_shared_ip", away: true,
		variants: []variant{{note: "a conference: the address of many others", do: (*scene).conference}}},
}

func onWebkit(p *person) bool {
	return p.laptop.engine.name == webkit.name || p.phone.engine.name == webkit.name
}

// hop does n actions, each from the next of the networks.
func (s *scene) hop(t *session, n int, nets ...network) {
	at := s.at
	for i := range n {
		t.net = nets[i%len(nets)]
		s.emit(t, at, s.p.ordinaryAct(s.r))
		at = at.Add(pause(s.r) / 2)
	}
}

func (s *scene) relay() {
	m := s.p.laptop
	if m.engine.name != webkit.name {
		m = s.p.phone
	}
	t := s.current(s.p, m, s.p.home, s.at)
	nets := []network{s.p.home}
	for i, asn := range []uint32{asnCloudflare, asnAkamai, asnFastly} {
		country := s.p.org.country
		if i == 1 {
			country = otherCountry(s.r, country)
		}
		n := at(fmt.Sprintf("198.51.100.%d", 1+s.r.IntN(250)), asn, country)
		n.v6 = []string{ipv6(s.r, relayIPv6+i)}
		nets = append(nets, n, n)
	}
	s.hop(t, 28, nets...)
}

func (s *scene) dualStack() {
	v4, v6 := s.nets.mobile(s.r, s.p.org.country), s.nets.mobile(s.r, s.p.org.country)
	v4.v6 = nil
	v6.v4, v6.v6, v6.asn = nil, []string{ipv6(s.r, mobileIPv6)}, v4.asn
	s.hop(s.current(s.p, s.p.phone, v4, s.at), 30, v4, v6)
}

func (s *scene) tunnel() {
	v4 := s.p.home
	v4.v6 = nil
	v6 := network{v6: []string{ipv6(s.r, tunnelIPv6)}, asn: 6939, country: "US"}
	s.hop(s.work(v4), 30, v4, v6)
}

func (s *scene) pool() {
	t := s.current(s.p, s.p.phone, s.p.mobile, s.at)
	n := network{asn: s.p.mobile.asn, country: s.p.org.country}
	for _, c := range s.nets.carriers[s.p.org.country] {
		if c.asn == n.asn {
			for range 12 {
				n.v4 = append(n.v4, c.ip(s.r))
			}
		}
	}
	s.hop(t, 30, n)
}

func (s *scene) homeRouted() {
	t := s.current(s.p, s.p.phone, s.p.mobile, s.at)
	s.hop(t, 30, s.p.mobile, s.nets.home(s.r, s.abroad()))
}

func (s *scene) roaming() {
	t := s.current(s.p, s.p.phone, s.p.mobile, s.at)
	at := s.at
	for range 4 {
		t.net = s.nets.mobile(s.r, s.p.org.country)
		at = s.sitting(s.r, s.p, t, at, 6)
	}
}

// toggle switches a VPN on and off at home, for n actions each time.
func (s *scene) toggle(vpn network, n int) {
	t, at := s.work(s.p.home), s.at
	for i := range 4 {
		t.net = []network{s.p.home, vpn}[i%2]
		at = s.sitting(s.r, s.p, t, at, n)
	}
}

func (s *scene) travel(signsIn bool) {
	away := s.nets.home(s.r, s.abroad())
	if signsIn {
		s.sitting(s.r, s.p, s.login(s.p, s.p.laptop, away, s.at), s.at.Add(time.Second), 15)
		return
	}
	s.sitting(s.r, s.p, s.work(away), s.at, 15)
}

func (s *scene) formerExit() {
	home := s.nets.home(s.r, s.p.org.country)
	home.v6 = nil
	s.listed(home, -40, -14)
	s.sitting(s.r, s.p, s.work(home), s.at.Add(time.Second), 12)
}

func (s *scene) conference() {
	s.sitting(s.r, s.p, s.work(at("198.51.100.251", 64777, s.p.org.country)), s.at, 15)
}
