// SPDX-License-Identifier: Apache-2.0

package fingerprint_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector/detectortest"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/profile"
)

// seat is where a connection comes out.
type seat struct {
	ip, country string
	asn         uint32
	hosting     bool
}

func drawSeat() *rapid.Generator[seat] {
	return rapid.Custom(func(t *rapid.T) seat {
		net, host := rapid.IntRange(0, 3).Draw(t, "network"), rapid.IntRange(1, 3).Draw(t, "host")
		ip := fmt.Sprintf("203.0.%d.%d", 100+net, host)
		if rapid.Bool().Draw(t, "IPv6") {
			ip = fmt.Sprintf("2001:db8:%x::%x", net, host)
		}
		return seat{
			ip:      rapid.SampledFrom([]string{"192.0.2.1", ip, ip, ip, ""}).Draw(t, "ip"),
			country: rapid.SampledFrom([]string{"DE", "NL", "US", "BR", ""}).Draw(t, "country"),
			asn:     rapid.SampledFrom([]uint32{0, 64500, 64501, 64502, 64503}).Draw(t, "asn"),
			hosting: rapid.IntRange(0, 3).Draw(t, "hosting") == 0,
		}
	})
}

// connection is the owner's own client by another way, in one of the shapes of its TLS stack, with fields missing here
// and there and another version now and then.
func connection(t *rapid.T, s seat) *aerv1.Client {
	c := detectortest.Firefox()
	c.Ip, c.Country, c.Asn, c.Facts.Hosting = s.ip, s.country, s.asn, s.hosting
	c.Ja4 = rapid.SampledFrom([]string{c.Ja4, c.Ja4, "t13d1718h2_c_resumed", "t13d1716h1_c_old", "q13d0312h3_q_quic",
		"0123456789abcdef0123456789abcdef", ""}).Draw(t, "tls")
	if rapid.IntRange(0, 4).Draw(t, "device") == 0 {
		c.DeviceId = ""
	}
	if v := rapid.SampledFrom([]string{"144.0", "144.0", "144.0", "143.0", "145.0"}).Draw(t, "version"); v != "144.0" {
		c.UserAgent, c.Facts.Version = "Firefox/"+v, v
	}
	return c
}

// TestNetworksNeverActAlone: one client may come from wherever and however often, with what is missing missing; no
// combination of the signs of networks acts, at any sensitivity. With another device on top, some do.
func TestNetworksNeverActAlone(t *testing.T) {
	seen, acted, logged := map[string]bool{}, false, false
	property := func(rt *rapid.T) {
		past := detectortest.Past(rapid.SampledFrom([]int{0, 3, 12}).Draw(rt, "days known"))
		seats := rapid.SliceOfN(drawSeat(), 1, 5).Draw(rt, "seats")
		sensitivity := rapid.SampledFrom([]string{aerv1.SensitivityLow, aerv1.SensitivityMedium, aerv1.SensitivityHigh}).Draw(
			rt, "sensitivity")
		var index *baseline.Index
		if rapid.Bool().Draw(rt, "baseline") {
			index = baseline.NewIndex(
				&aerv1.Baseline{Fingerprints: []*aerv1.BaselineFingerprint{{Class: "browser", Family: "firefox",
					Ja4: "t13d1717h2_c_144", Users: 9, Observations: 90}}})
		}
		intruder := rapid.IntRange(0, 3).Draw(rt, "another device") == 0
		p := profile.New("O", "U")
		judge := func(ev *aerv1.Event) *aerv1.Anomaly {
			s := activity.Summarise(ev, activity.DefaultWindowMS)
			profile.Apply(p, s)
			return detector.Judge(&evidence.Input{Profile: p, Slice: s, Baseline: index, Choice: evidence.Chosen(sensitivity)})
		}
		for _, ev := range past {
			judge(ev)
		}
		var after time.Duration
		for i := range rapid.IntRange(2, 24).Draw(rt, "events") {
			after += rapid.SampledFrom([]time.Duration{10 * time.Second, 30 * time.Second, time.Minute, time.Hour,
				9 * time.Hour}).Draw(rt, "gap")
			c := connection(rt, rapid.SampledFrom(seats).Draw(rt, "seat"))
			if intruder && i > 4 && i%2 == 1 {
				c.DeviceId, c.UserAgent, c.Facts.Family, c.Facts.Os, c.Ja4 = "D9", "Chrome/141", "chrome", "windows", ""
			}
			action := "file_viewed"
			if i == 0 && rapid.Bool().Draw(rt, "login") {
				action = "user_login"
			}
			a := judge(detectortest.Event(after, c, "S", action, "page"))
			for _, s := range a.GetEvidence().GetSigns() {
				seen[s.Code] = true
			}
			strength := detectortest.Strength(a)
			if strength == "act" && !intruder {
				rt.Fatalf("at %s: %s", sensitivity, a.Evidence.FormulaFilled)
			}
			acted, logged = acted || strength == "act", logged || strength == "log" && !intruder
		}
	}
	for range 10 { // the combinations are many
		rapid.Check(t, property)
	}
	for _, code := range []string{"asn_new", "asn_hosting", "country_new", "place_new", "fork_network", "device_gone",
		"version_downgrade", "versions_alternate"} {
		if !seen[code] {
			t.Errorf("%s never came up: this test says nothing about it", code)
		}
	}
	if !acted || !logged {
		t.Errorf("acted on an intruder %v, logged a network %v: this test says nothing", acted, logged)
	}
}

// TestARolloutNeverActsAlone: what a proxy, a VPN or a client's update does to the owner's own device in its own
// session, a new TLS stack and new networks with all their addresses, waits for company: at no sensitivity does it act.
// A second device that takes turns does, which shows that the property says something.
func TestARolloutNeverActsAlone(t *testing.T) {
	seen, acted := map[string]bool{}, false
	rapid.Check(t, func(rt *rapid.T) {
		past := detectortest.Past(rapid.SampledFrom([]int{3, 12}).Draw(rt, "days known"))
		p := profile.New("O", "U")
		sensitivity := rapid.SampledFrom([]string{aerv1.SensitivityLow, aerv1.SensitivityMedium, aerv1.SensitivityHigh}).Draw(
			rt, "sensitivity")
		judge := func(ev *aerv1.Event) *aerv1.Anomaly {
			s := activity.Summarise(ev, activity.DefaultWindowMS)
			profile.Apply(p, s)
			return detector.Judge(&evidence.Input{Profile: p, Slice: s, Choice: evidence.Chosen(sensitivity)})
		}
		for _, ev := range past {
			judge(ev)
		}
		judge(detectortest.Event(0, detectortest.Firefox(), "S", "user_login", ""))
		seats := rapid.SliceOfN(drawSeat(), 1, 12).Draw(rt, "gateway")
		intruder := rapid.IntRange(0, 3).Draw(rt, "another device") == 0
		after := time.Hour
		for i := range rapid.IntRange(2, 24).Draw(rt, "events") {
			after += rapid.SampledFrom([]time.Duration{5 * time.Second, 30 * time.Second, 9 * time.Minute,
				9 * time.Hour}).Draw(rt, "gap")
			c, s := detectortest.Firefox(), rapid.SampledFrom(seats).Draw(rt, "seat")
			c.Ip, c.Country, c.Asn, c.Facts.Hosting = s.ip, s.country, s.asn, s.hosting
			c.Ja4 = rapid.SampledFrom([]string{"t13d1911h2_gateway_1", "t13d1911h2_gateway_1", "t13d1912h2_gateway_2"}).Draw(rt,
				"tls")
			if intruder && i%2 == 1 {
				c.DeviceId, c.UserAgent, c.Facts.Family, c.Facts.Os = "D9", "Chrome/141", "chrome", "windows"
			}
			a := judge(detectortest.Event(after, c, "S", "file_viewed", "page"))
			for _, s := range a.GetEvidence().GetSigns() {
				seen[s.Code] = true
			}
			if detectortest.Strength(a) != "act" {
				continue
			}
			if acted = true; !intruder {
				rt.Fatalf("at %s: %s", sensitivity, a.Evidence.FormulaFilled)
			}
		}
	})
	if !acted || !seen["fork"] {
		t.Errorf("acted on an intruder %v, of %v: this test says nothing", acted, seen)
	}
}
