// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"fmt"
	"strings"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// TestWhoIsTheOffender: who comes an hour after a reset in a new session is recognised by what the first finding knew
// of them, where that is strange to the user, and told by it; who shares nothing, or only what is the user's own, is
// not.
func TestWhoIsTheOffender(t *testing.T) {
	other := func() *aerv1.Client {
		return &aerv1.Client{Ip: "203.0.113.9", Asn: 64999, DeviceId: "D-other", Ja4: "K", UserAgent: "ua"}
	}
	client := func(change func(*aerv1.Client)) func(first, next *aerv1.Evidence) {
		return func(_, next *aerv1.Evidence) { change(next.Client) }
	}
	at := func(first, next string) func(a, b *aerv1.Evidence) {
		return func(a, b *aerv1.Evidence) { a.Client.Ip, b.Client.Ip = first, next }
	}
	for name, c := range map[string]struct {
		change func(first, next *aerv1.Evidence)
		how    string // empty: nobody is recognised
	}{
		"nothing in common": {client(func(*aerv1.Client) {}), ""},
		"the device":        {client(func(c *aerv1.Client) { c.DeviceId = "D-thief" }), `device "D-thief"`},
		"the device, which the profile has learnt since": {func(_, next *aerv1.Evidence) {
			next.Client.DeviceId, next.ClientUsual, next.NetworkUsual = "D-thief", true, true
		}, `device "D-thief"`},
		"the device was the user's own": {func(first, next *aerv1.Evidence) {
			first.ClientUsual, next.Client.DeviceId = true, "D-thief"
		}, ""},
		"neither has a device": {func(first, next *aerv1.Evidence) {
			first.Client.DeviceId, next.Client.DeviceId = "", ""
		}, ""},
		"print and program": {client(func(c *aerv1.Client) { c.Ja4, c.Facts = "J", &aerv1.ClientFacts{Family: "firefox"} }),
			`TLS fingerprint "J" of "firefox"`},
		"the print of another program": {client(func(c *aerv1.Client) { c.Ja4 = "J" }), ""},
		"print and program, usual by now": {func(_, next *aerv1.Evidence) {
			next.Client.Ja4, next.Client.Facts, next.ClientUsual = "J", &aerv1.ClientFacts{Family: "firefox"}, true
		}, ""},
		"the neighbourhood":            {at("198.51.100.7", "198.51.100.250"), "network 198.51.100.0/24"},
		"the next one":                 {at("198.51.100.7", "198.51.101.7"), ""},
		"the neighbourhood, version 6": {at("2001:db8:7:1::1", "2001:db8:7:ffff::2"), "network 2001:db8:7::/48"},
		"the next one, version 6":      {at("2001:db8:7::1", "2001:db8:8::1"), ""},
		"what is no address":           {at("unknown", "unknown"), ""},
		"the network was the user's own": {func(first, next *aerv1.Evidence) {
			first.NetworkUsual, next.Client.Ip, next.Client.Asn = true, "198.51.100.8", 64666
		}, ""},
		"the provider": {client(func(c *aerv1.Client) { c.Asn = 64666 }), "AS64666"},
		"the provider, usual by now": {func(_, next *aerv1.Evidence) {
			next.Client.Asn, next.NetworkUsual = 64666, true
		}, ""},
		"neither has a provider": {func(first, next *aerv1.Evidence) { first.Client.Asn, next.Client.Asn = 0, 0 }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			first, next := anomalyAt(0, aerv1.TypeTor, "S1"), anomalyAt(60, aerv1.TypeTor, "S2")
			next.Evidence.Client = other()
			c.change(first.Evidence, next.Evidence)
			h := &aerv1.UserHistory{}
			apply(h, first)
			d := apply(h, next)
			if c.how == "" {
				if d.GetOutcome() != aerv1.Decision_RESPOND {
					t.Errorf("%s: %s", d.GetOutcome(), d.GetReason())
				}
				return
			}
			says := "A new session has the offender's " + c.how + ", known from the anomaly that led to the reset at " +
				"2026-11-22T00:00:00Z. Responding again."
			if d.GetOutcome() != aerv1.Decision_PERSISTING || d.Reason != says || d.Recommendation != adviceReset {
				t.Errorf("%s: %q, want %q", d.GetOutcome(), d.GetReason(), says)
			}
		})
	}
}

// An offender who comes back is remembered for two more days, by what they first had: what else they bring is not held
// against the next who has it. One who stays away is forgotten.
func TestOffendersWhoReturnAreRemembered(t *testing.T) {
	for _, returns := range []bool{true, false} {
		h := &aerv1.UserHistory{}
		apply(h, anomalyAt(0, aerv1.TypeTor, "S1"))
		if returns {
			again := anomalyAt(40*60, aerv1.TypeTor, "S2")
			again.Evidence.Client = &aerv1.Client{DeviceId: "D-thief", Ip: "203.0.113.9"}
			apply(h, again)
		}
		neighbour := anomalyAt(70*60, aerv1.TypeTor, "S3")
		neighbour.EpisodeKey, neighbour.Evidence.Client = "3", &aerv1.Client{DeviceId: "D-kim", Ip: "203.0.113.9"}
		if d := apply(h, neighbour); d.GetOutcome() != aerv1.Decision_RESPOND {
			t.Errorf("returns: %t: the next who has the new address: %s, %s", returns, d.GetOutcome(), d.GetReason())
		}
		last := anomalyAt(80*60, aerv1.TypeTor, "S4")
		last.EpisodeKey, last.Evidence.Client = "4", &aerv1.Client{DeviceId: "D-thief", Ip: "192.0.2.1"}
		if d := apply(h, last); (d.GetOutcome() == aerv1.Decision_PERSISTING) != returns {
			t.Errorf("returns: %t: after 80 h: %s, %s", returns, d.GetOutcome(), d.GetReason())
		}
	}
}

// Ending sessions again does not keep out who holds the password: it is tried MaxPersisting times a day, then people
// are told, once, what to do.
func TestRespondingAgainIsGivenUp(t *testing.T) {
	for name, c := range map[string]struct {
		step   int // to the next session
		advice string
	}{
		"the offender returns":    {1, adviceReset},
		"the old session goes on": {0, adviceRevocation},
	} {
		h := &aerv1.UserHistory{}
		apply(h, anomalyAt(0, aerv1.TypeTor, "S0"))
		for i := range 6 {
			a := anomalyAt(float64(60+60*i), aerv1.TypeTor, fmt.Sprint("S", c.step*(i+1)))
			a.EpisodeKey = a.Id
			d := apply(h, a)
			want, told := aerv1.Decision_PERSISTING, true
			if i >= MaxPersisting {
				want, told = aerv1.Decision_COOLDOWN, i == MaxPersisting
				if says := "Responding again has not helped (2 times in 24 h). No more sessions are ended."; !strings.HasSuffix(
					d.GetReason(), says) {
					t.Errorf("%s, %d: %q", name, i, d.GetReason())
				}
			}
			if d.GetOutcome() != want || d.GetEscalate() != told || d.GetRecommendation() != c.advice {
				t.Errorf("%s, %d: %s, told: %t, %q", name, i, d.GetOutcome(), d.GetEscalate(), d.GetReason())
			}
		}
	}
}
