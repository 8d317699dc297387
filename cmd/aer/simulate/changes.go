// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/aer-project/aer/cmd/aer/evaluate"
)

// changeOrganisations decides what happens to whole organisations, each at a time of its own, and who in them is
// attacked meanwhile. Environments change in organisations of their own.
func (w *world) changeOrganisations() {
	r := w.random("changes")
	w.poison()
	bySize := slices.Clone(w.orgs)
	slices.SortStableFunc(bySize, func(a, b *org) int { return len(b.people) - len(a.people) })
	large, small := bySize[:(len(bySize)+4)/2], bySize[(len(bySize)+4)/2:]
	r.Shuffle(len(large), func(i, j int) { large[i], large[j] = large[j], large[i] })
	for i, change := range []func(*rand.Rand, *org){w.proxy, w.vpnVendor, w.clientVersion, w.identityProvider} {
		change(r, large[i])
	}
	for i, change := range []func(*rand.Rand, *org){w.proxy, w.clientReplaced} {
		change(r, small[i])
	}
	large = large[4:]
	w.drain(r, large[0])
	w.campaign(r, large[len(large)-1])
	w.busyDay(r, large[0])
	w.comingPrint(r)
}

// workday draws one on which nothing else happens to the organisation, nor the days before and after if there is room.
func workday(r *rand.Rand, o *org) int {
	for try := 0; ; try++ {
		d := LearnDays + r.IntN(QualityDays-LearnDays-2)
		crowded := o.changedAround(d) || o.changedAround(d+2)
		if weekend(d) || weekend(d+1) || slices.Contains(o.taken, d) || crowded && try < 100 {
			continue
		}
		o.taken = append(o.taken, d)
		return d
	}
}

// change notes what becomes of an organisation and labels what its people do for two days.
func (w *world) change(o *org, from time.Time, kind, note string, apply func(time.Time, *session, *look),
	touches func(*person) bool) {
	o.changes = append(o.changes, change{from, apply})
	w.spans = append(w.spans, span{kind, note, o, from, from.Add(48 * time.Hour), touches})
}

func desktop(os string) bool { return os == "windows" || os == "macos" || os == "linux" }

func everybody(p *person) bool { return true }

// gateway is a secure web gateway: its own network and its own way of saying hello, whoever is behind it.
func gateway(r *rand.Rand, asn uint32, country string) func(time.Time, *session, *look) {
	ja4 := inspecting.ja4(r.IntN(1000), fresh)
	var addresses []string
	for range 4 {
		addresses = append(addresses, fmt.Sprintf("198.51.100.%d", 1+r.IntN(250)))
	}
	return func(_ time.Time, s *session, l *look) {
		if desktop(s.os) {
			l.ip, l.asn, l.country, l.ja4 = addresses[s.r.IntN(len(addresses))], asn, country, ja4
		}
	}
}

// proxy rolls out a gateway that opens TLS; on that day somebody is attacked from outside, on the next from behind it.
func (w *world) proxy(r *rand.Rand, o *org) {
	d := workday(r, o)
	outside, inside := w.victim(r, o), w.victim(r, o)
	w.change(o, w.clock(o, d, 9), "proxy_rollout",
		"from nine o'clock, one TLS print and one network for all desktop clients",
		gateway(r, asnZscaler, o.country), everybody)
	w.duringRollout(r, outside, d)
	w.behindCause(r, inside, d+1)
}

// victim casts somebody of an organisation for an attack.
func (w *world) victim(r *rand.Rand, o *org) *person {
	for range 10_000 {
		if p := o.people[r.IntN(len(o.people))]; !p.cast && p.joined == 0 && p.downloads == 0 && p.vpn == nil {
			p.cast = true
			return p
		}
	}
	panic("an organisation without anybody to attack: " + o.id)
}

// attack is a scene that is cast already.
func (w *world) attack(r *rand.Rand, kind string, expected []string, p *person, d int, hour float64, note string,
	do func(*scene)) *scene {
	s := &scene{world: w, part: part{kind: kind, expected: expected}, variant: variant{note: note, do: do}, r: r, p: p,
		d: d, at: w.clock(p.org, d, hour)}
	w.scenes[d] = append(w.scenes[d], s)
	return s
}

func (w *world) duringRollout(r *rand.Rand, p *person, d int) {
	w.attack(r, "hijack_during_rollout", expectFingerprint, p, d, 10+2*r.Float64(),
		"stolen cookie, from a rented server abroad, on the morning of the roll-out", (*scene).hijackAbroad)
}

func (w *world) behindCause(r *rand.Rand, p *person, d int) {
	w.attack(r, "thief_behind_common_cause", expectFingerprint, p, d, 11+2*r.Float64(),
		"stolen cookie on another machine, from behind the organisation's own new gateway", func(s *scene) {
			t := s.steal(s.stranger(), s.p.org.office, false)
			t.inside = true
			s.sitting(s.r, s.p, t, s.at, 18)
		})
}

// vpnVendor: everybody's desktop has always left through one vendor's VPN, and leaves through another's from a morning
// on.
func (w *world) vpnVendor(r *rand.Rand, o *org) {
	d := workday(r, o)
	inside := w.victim(r, o)
	through := func(n network) func(time.Time, *session, *look) {
		return func(_ time.Time, s *session, l *look) {
			if desktop(s.os) {
				l.from(s.r, n)
			}
		}
	}
	before := network{v4: []string{"198.51.100.252", "198.51.100.253"}, asn: asnDigitalOcean, country: o.country}
	after := network{v4: []string{"198.51.100.20", "198.51.100.21", "198.51.100.22"}, asn: asnNetskope,
		country: otherCountry(r, o.country)}
	o.changes = append(o.changes, change{w.day(0).AddDate(0, 0, -1), through(before)})
	w.change(o, w.clock(o, d, 8.5), "vpn_vendor_change",
		"everybody's VPN leaves through another vendor, in another country", through(after), everybody)
	w.behindCause(r, inside, d+1)
}

// clientVersion: the administrators install a new version of the programs that share an engine, within three hours.
func (w *world) clientVersion(r *rand.Rand, o *org) {
	d := workday(r, o)
	from := w.clock(o, d, 9)
	revision := 50 + r.IntN(50)
	outside := w.victim(r, o)
	apply := func(at time.Time, s *session, l *look) {
		late := w.random("installed "+s.person.id).Float64() * 3
		if s.engine.name == blink.name && at.After(from.Add(time.Duration(late*float64(time.Hour)))) {
			l.agent, l.ja4 = s.userAgent("149.0.0.0"), s.engine.ja4(revision, s.shape())
		}
	}
	w.change(o, from, "client_rollout", "a new version of every Chromium-based program is installed in mid-session", apply,
		everybody)
	w.duringRollout(r, outside, d)
}

// clientReplaced: everybody is given another browser one morning, and signs in with it.
func (w *world) clientReplaced(r *rand.Rand, o *org) {
	d := workday(r, o)
	w.change(o, w.clock(o, d, 7), "client_rollout",
		"everybody is given another program and signs in with it", nil, everybody)
	w.mornings = append(w.mornings, morning{d, func() {
		for _, p := range o.people {
			kind := map[string]program{"windows": edgeWindows, "macos": chromeMac, "linux": chromeLinux}[p.laptop.os]
			if p.laptop.family == kind.family {
				kind = map[string]program{"windows": firefoxWindows, "macos": slackMac, "linux": firefoxLinux}[p.laptop.os]
			}
			m := newMachine(w.random("replaced "+p.id), kind)
			m.lag = 0
			p.laptop = m
		}
	}})
}

// identityProvider: overnight all sessions end; everybody signs in anew, many after a refusal or two.
func (w *world) identityProvider(r *rand.Rand, o *org) {
	d := workday(r, o)
	from := w.clock(o, d, 5)
	w.change(o, from, "identity_provider_change",
		"all sessions were ended overnight; everybody signs in anew, many after a refusal or two", nil, everybody)
	o.ended = append(o.ended, from)
	w.mornings = append(w.mornings, morning{d, func() {
		for _, p := range o.people {
			if d >= p.joined && !p.away[d] {
				w.invalidated(r, p, from)
				w.refuse(r, p, w.clock(o, d, 7.4), 8*time.Minute, r.IntN(3), []network{o.office}, []*machine{p.laptop})
			}
		}
	}})
}

func (w *world) invalidated(r *rand.Rand, p *person, at time.Time) {
	s := &session{person: p, machine: &machine{program: program{releases: fixed}}, r: r, program: true, thief: true,
		net: network{v4: []string{"127.0.0.1"}}}
	w.emit(s, at, act{action: "user_session_invalidated", objectType: "user", id: p.id},
		func(l *look) { *l = look{ip: l.ip} })
}

// drain tries to spend the organisation's budget with log-ins that are refused, and then comes with a password that
// works.
func (w *world) drain(r *rand.Rand, o *org) {
	d := workday(r, o)
	thief := w.victim(r, o)
	s := w.attack(r, "thief_after_draining", expectTor, thief, d, 14,
		"signs in through Tor right after everybody's accounts were tried through it", func(s *scene) {
			exits := several(2, s.exit)
			m := newMachine(s.r, firefoxWindows)
			s.unrecorded(func() {
				for _, p := range o.people {
					if p != s.p && p.joined <= s.d {
						s.record(evaluate.Incident{Kind: "breaker_draining",
							Note: "refused log-ins through Tor, for everybody within minutes"}, p, func() {
							s.refuse(s.r, p, s.at.Add(-8*time.Minute), 7*time.Minute, 2+s.r.IntN(3), exits, []*machine{m})
						})
					}
				}
			})
			s.sitting(s.r, s.p, s.signsIn(s.p, m, exits[0], s.at), s.at.Add(2*time.Second), 14)
		})
	s.respond = true
}

// campaign is one attacker with the cookies of several people of an organisation, from one place.
func (w *world) campaign(r *rand.Rand, o *org) {
	d := workday(r, o)
	n := w.nets.rented(r, otherCountry(r, o.country))
	for i := range 5 {
		s := w.attack(r, "campaign", expectFingerprint, w.victim(r, o), d, 11+float64(i)*0.12,
			"one attacker with the cookies of several people, from one place", func(s *scene) {
				s.sitting(s.r, s.p, s.steal(s.stranger(), n, false), s.at, 14)
			})
		s.respond = true
	}
}

func (w *world) busyDay(r *rand.Rand, o *org) {
	o.busy = workday(r, o)
	w.spans = append(w.spans, span{"org_busy_day", "everybody has four times as much to do", o, w.day(o.busy),
		w.day(o.busy + 1), everybody})
}

// comingPrint labels some of those whose browser is updated to the release whose print the poisoner had shown under a
// library.
func (w *world) comingPrint(r *rand.Rand) {
	from := w.day(chromes[2].day)
	labelled := 0
	for _, i := range r.Perm(len(w.orgs)) {
		o := w.orgs[i]
		if len(o.changes) > 0 || o.busy != 0 {
			continue
		}
		w.spans = append(w.spans,
			span{"print_poisoning", "the browser is updated to one whose print a foreign organisation had shown under a library",
				o, from,
				from.AddDate(0, 0, 5), func(p *person) bool { return !p.cast && p.laptop.engine.name == blink.name }})
		if labelled++; labelled == w.Each {
			return
		}
	}
}
