// SPDX-License-Identifier: Apache-2.0

package fingerprint_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector/detectortest"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/detector/fingerprint"
	"github.com/aer-project/aer/transforms/enrich/useragent"
)

var detector = fingerprint.Detector{Config: fingerprint.DefaultConfig()}

// with is the person's own client, changed.
func with(change func(c *aerv1.Client)) *aerv1.Client {
	c := detectortest.Firefox()
	change(c)
	return c
}

func abroad(c *aerv1.Client) { c.Ip, c.Asn, c.Country = "203.0.113.9", 64501, "US" }

func event(after time.Duration, c *aerv1.Client, action string) *aerv1.Event {
	return detectortest.Event(after, c, "S", action, "page")
}

func TestContradictionsInASession(t *testing.T) {
	past := detectortest.Past(30)
	signedIn := []*aerv1.Event{event(0, detectortest.Firefox(), "user_login")}
	foundOpen := []*aerv1.Event{event(0, detectortest.Firefox(), "file_viewed")}
	stranger := with(func(c *aerv1.Client) {
		abroad(c)
		c.DeviceId, c.UserAgent, c.Ja4, c.Facts.Family, c.Facts.Os = "D2", "Chrome/141", "t13d1516h2_a_b", "chrome", "windows"
	})
	for _, c := range []struct {
		name   string
		before [][]*aerv1.Event
		now    *aerv1.Client
		want   string
	}{
		{"nothing changed", [][]*aerv1.Event{past, signedIn}, detectortest.Firefox(), ""},
		{"another network abroad", [][]*aerv1.Event{past, signedIn}, with(abroad), ""},
		{"an update", [][]*aerv1.Event{past, signedIn}, with(func(c *aerv1.Client) {
			c.UserAgent, c.Facts.Version, c.Ja4 = "Firefox/145", "145.0", "t13d1717h2_c_145"
		}), ""},
		{"an update on the journey", [][]*aerv1.Event{past, signedIn}, with(func(c *aerv1.Client) {
			abroad(c)
			c.UserAgent, c.Facts.Version, c.Ja4 = "Firefox/145", "145.0", "t13d1717h2_c_145"
		}), ""},
		{"an older version", [][]*aerv1.Event{past, signedIn}, with(func(c *aerv1.Client) {
			c.UserAgent, c.Facts.Version = "Firefox/140", "140.0"
		}), ""},
		{"its agent, copied along with the device, by another TLS stack abroad", [][]*aerv1.Event{past, signedIn},
			with(func(c *aerv1.Client) { abroad(c); c.Ja4 = "t13d1812h1_lib_x" }), "log"},
		{"a proxy that is switched on at the desk", [][]*aerv1.Event{past, signedIn},
			with(func(c *aerv1.Client) { c.Ja4 = "t13d1812h1_lib_x" }), ""},
		{"one on another network of the country", [][]*aerv1.Event{past, signedIn},
			with(func(c *aerv1.Client) { c.Ip, c.Asn, c.Ja4 = "203.0.113.9", 64501, "t13d1812h1_lib_x" }), ""},
		{"cookies cleared at the desk", [][]*aerv1.Event{past, signedIn},
			with(func(c *aerv1.Client) { c.DeviceId = "D2" }), ""},
		{"fields that are missing", [][]*aerv1.Event{past, signedIn},
			with(func(c *aerv1.Client) { c.DeviceId, c.Ja4, c.Asn, c.Country = "", "", 0, "" }), ""},
		{"another device abroad", [][]*aerv1.Event{past, signedIn},
			with(func(c *aerv1.Client) { abroad(c); c.DeviceId = "D2" }), "log"},
		{"another device and system abroad", [][]*aerv1.Event{past, signedIn},
			with(func(c *aerv1.Client) { abroad(c); c.DeviceId, c.Facts.Os = "D2", "windows" }), "act"},
		{"a stranger", [][]*aerv1.Event{past, signedIn}, stranger, "act"},
		{"a stranger in a session of the known client", [][]*aerv1.Event{past, foundOpen}, stranger, "act"},
		{"a stranger in a session of nobody known", [][]*aerv1.Event{foundOpen}, stranger, "log"},
	} {
		in := detectortest.Input(append(c.before, []*aerv1.Event{event(time.Hour, c.now, "file_viewed")})...)
		a := detectortest.Judge(t, detector, in)
		if got := detectortest.Strength(a); got != c.want {
			t.Errorf("%s: %q, want %q: %v", c.name, got, c.want, a.GetEvidence().GetFormulaFilled())
		}
		if a != nil && (a.Evidence.Previous == nil || len(a.Evidence.Signs) == 0 || a.EpisodeKey != "S") {
			t.Errorf("%s: %v", c.name, a)
		}
	}
}

// at is a client of the user agent, as the enrichment tells it, from a network.
func at(ua, device, ja4, network string) *aerv1.Client {
	c, facts := detectortest.Firefox(), useragent.Classify(ua)
	c.UserAgent, c.DeviceId, c.Ja4 = ua, device, ja4
	c.Facts = &aerv1.ClientFacts{Class: facts.Class, Family: facts.Family, Version: facts.Version, Os: facts.OS}
	switch network {
	case "train":
		c.Ip, c.Asn = "198.51.100.7", 64510
	case "abroad":
		abroad(c)
	case "vps":
		abroad(c)
		c.Facts.Hosting = true
	case "unknown": // an address of which nothing is known
		c.Ip, c.Asn, c.Country = "203.0.113.9", 0, ""
	}
	return c
}

const (
	chromeUA = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 " +
		"Safari/537.36"
	newerUA = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 " +
		"Safari/537.36"
	linuxUA = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
	edgeUA  = chromeUA + " Edg/141.0.0.0"
	padUA   = "Mozilla/5.0 (iPad; CPU OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.2 " +
		"Mobile/15E148 Safari/604.1"
	macUA = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.2 " +
		"Safari/605.1.15"
	appUA  = "NoteChat/7.4.1 (Android 15; Pixel 8)"
	viewUA = "Mozilla/5.0 (Linux; Android 15; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 " +
		"Chrome/131.0.6778.81 Mobile Safari/537.36"

	fresh, resumed, webSocket, quic, foreign = "t13d1516h2_aaa_1", "t13d1517h2_aaa_2", "t13d1515h1_aaa_3",
		"q13d0312h3_bbb_4", "t13d3112h2_ccc_5"
	ja3, otherJA3 = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
)

// A session outlives updates of its tablet: what says Macintosh is compared with the tablet as it is by then. Nobody
// becomes the tablet's by naming its new version from another device, or another system.
func TestShapesOfAnUpdatedClient(t *testing.T) {
	version := func(ua, device, to, ja4 string) *aerv1.Client {
		return at(strings.NewReplacer("18.2", to, "18_2", strings.ReplaceAll(to, ".", "_")).Replace(ua), device, ja4, "train")
	}
	bound := at(padUA, "D1", fresh, "")
	updated := []*aerv1.Client{version(padUA, "D1", "27.0", foreign)}
	for _, c := range []struct {
		name string
		seen []*aerv1.Client
		now  *aerv1.Client
		want string
	}{
		{"desktop mode after an update", updated, version(macUA, "D1", "27.0", foreign), ""},
		{"before any update", nil, version(macUA, "D1", "27.0", foreign), "log"},
		{"another device", updated, version(macUA, "D2", "27.0", foreign), "act"},
		{"another program", updated, at(chromeUA, "D1", foreign, "train"), "act"},
		{"a tablet of another device that was updated", []*aerv1.Client{version(padUA, "D2", "27.0", foreign)},
			version(macUA, "D1", "27.0", foreign), "log"},
	} {
		events := []*aerv1.Event{event(0, bound, "user_login")}
		for i := range 6 {
			seen := append(slices.Clone(c.seen), c.now)
			events = append(events, event(time.Hour+time.Duration(i)*10*time.Minute, seen[i%len(seen)], "file_viewed"))
		}
		a := detectortest.Judge(t, detector,
			detectortest.Input(detectortest.Past(30), append(events, event(3*time.Hour, c.now, "file_viewed"))))
		if got := detectortest.Strength(a); got != c.want {
			t.Errorf("%s: %q, want %q: %v", c.name, got, c.want, a.GetEvidence().GetFormulaFilled())
		}
	}
}

// Two clients take turns in a session, every thirty seconds: what is one client in two shapes, and what is two clients.
func TestShapesTakingTurns(t *testing.T) {
	for _, c := range []struct {
		name       string
		own, other *aerv1.Client
		want       string
	}{
		{"fresh and resumed, on a VPN", at(chromeUA, "D1", fresh, ""), at(chromeUA, "D1", resumed, "vps"), ""},
		{"WebSocket on the train", at(chromeUA, "", fresh, ""), at(chromeUA, "", webSocket, "train"), ""},
		{"QUIC through a VPN", at(chromeUA, "", fresh, ""), at(chromeUA, "", quic, "vps"), ""},
		{"JA3, which says little", at(macUA, "D1", ja3, ""), at(macUA, "D1", otherJA3, "vps"), ""},
		{"a JA3 beside a JA4", at(macUA, "D1", fresh, ""), at(macUA, "D1", otherJA3, "vps"), ""},
		{"another TLS stack", at(chromeUA, "", fresh, ""), at(chromeUA, "", foreign, "unknown"), "log"},
		{"another TLS stack from a rented server", at(chromeUA, "D1", fresh, ""), at(chromeUA, "D1", foreign, "vps"), "act"},

		{"desktop mode on the train", at(padUA, "D1", fresh, ""), at(macUA, "D1", fresh, "train"), ""},
		{"without a device id, on two networks of one country", at(padUA, "", fresh, ""), at(macUA, "", fresh, "train"), ""},
		{"and between two countries, which the network alone explains", at(padUA, "", fresh, ""),
			at(macUA, "", fresh, "abroad"), "log"},
		{"a thief's Mac and an iPad", at(padUA, "D1", fresh, ""), at(macUA, "D2", fresh, "train"), "act"},
		{"a thief's Mac that hides its device", at(padUA, "", fresh, ""), at(macUA, "", foreign, "train"), "act"},

		{"an application and its web view on the train", at(appUA, "D1", fresh, ""), at(viewUA, "", foreign, "train"), ""},
		{"its HTTP stack through a VPN", at(appUA, "D1", fresh, ""), at("okhttp/4.12.0", "", foreign, "vps"), ""},
		{"such a stack in a browser's session", at(chromeUA, "D1", fresh, ""),
			at("okhttp/4.12.0", "", foreign, "abroad"), "act"},
		{"a web view on a stranger's phone", at(appUA, "D1", fresh, ""), at(viewUA, "D2", foreign, "train"), "act"},

		{"a stranger of whom only the program is known", at(chromeUA, "", "", ""), at(edgeUA, "", "", "unknown"), "act"},
		{"only the system", at(chromeUA, "", "", ""), at(linuxUA, "", "", "unknown"), "act"},
		{"only the device", at(chromeUA, "D1", "", ""), at(chromeUA, "D2", "", "unknown"), "act"},
		{"only another version, back and forth", at(chromeUA, "", "", ""), at(newerUA, "", "", "train"), "log"},
		{"nothing but the place", at(chromeUA, "", "", ""), at(chromeUA, "", "", "train"), ""},
		{"nothing but the country, and the other one at home", at(chromeUA, "", "", ""),
			at(chromeUA, "", "", "abroad"), "log"},
	} {
		events := []*aerv1.Event{event(0, c.own, "user_login")}
		for i := range 8 {
			events = append(events, event(time.Minute+time.Duration(i)*30*time.Second,
				[]*aerv1.Client{c.own, c.other}[i%2], "file_viewed"))
		}
		past := detectortest.Past(30)
		for _, ev := range past {
			was := ev.Client
			ev.Client = proto.CloneOf(c.own)
			ev.Client.Ip, ev.Client.Asn, ev.Client.Country = was.Ip, was.Asn, was.Country
		}
		a := detectortest.Judge(t, detector, detectortest.Input(past, events))
		if got := detectortest.Strength(a); got != c.want {
			t.Errorf("%s: %q, want %q: %v", c.name, got, c.want, a.GetEvidence().GetFormulaFilled())
		}
	}
}

// A traveller's phone alternates between the hotel's network and the exit of its operator at home: neither is where the
// session began. Where the owner had settled in another place at home before a stranger came from abroad, it is worth a
// line in the log.
func TestRoamingByTheOperatorAtHome(t *testing.T) {
	hotel, operator := with(abroad), with(func(c *aerv1.Client) { c.Ip, c.Asn = "198.51.100.7", 64510 })
	for _, c := range []struct {
		name    string
		clients []*aerv1.Client
		want    string
	}{
		{"with every connection", []*aerv1.Client{operator, hotel, operator, hotel, operator, hotel}, ""},
		{"now and then", []*aerv1.Client{hotel, hotel, operator, operator, hotel, hotel, operator, operator, hotel, hotel,
			operator, operator, hotel, hotel, operator, operator,
			hotel, hotel, operator, operator, hotel, hotel, operator, operator, hotel, hotel, operator, operator, hotel}, ""},
		{"at home again", []*aerv1.Client{hotel, hotel, operator, operator, hotel, operator}, ""},
		{"a stranger abroad, the owner settled elsewhere", []*aerv1.Client{operator, operator, operator, hotel,
			operator, hotel}, "log"},
	} {
		events := []*aerv1.Event{event(0, detectortest.Firefox(), "user_login")}
		for i, cl := range c.clients {
			events = append(events, event(5*time.Hour+time.Duration(i)*30*time.Second, cl, "file_viewed"))
			a := detectortest.Judge(t, detector, detectortest.Input(detectortest.Past(30), events))
			if got := detectortest.Strength(a); got != "" && c.want == "" || i == len(c.clients)-1 && got != c.want {
				t.Errorf("%s, %d: %q: %s", c.name, i, got, a.GetEvidence().GetFormulaFilled())
			}
		}
	}
}

// A stranger's fingerprint does not become the owner's by being shown, however often in one visit; what the owner has
// shown before is.
func TestWhoseFingerprintItIs(t *testing.T) {
	owner := func(ja4 string) *aerv1.Client { return at(chromeUA, "D1", ja4, "") }
	before := func(d int) *aerv1.Event {
		return detectortest.Event(time.Duration(-d)*24*time.Hour, owner(foreign), "P", "file_viewed", "page")
	}
	present := []*aerv1.Event{event(0, owner(fresh), "user_login")}
	for i := range 40 {
		present = append(present,
			event(time.Duration(i+1)*20*time.Second, []*aerv1.Client{at(chromeUA, "D1", foreign, "vps"),
				owner(fresh)}[i%2], "file_viewed"))
	}
	present = present[:40] // the last is the stranger's
	for _, c := range []struct {
		name string
		past []*aerv1.Event
		b    *baseline.Index
		want string
	}{
		{"nobody's", nil, nil, "act"},
		{"the owner's of other days", []*aerv1.Event{before(9), before(4)}, nil, ""},
		{"the family's", nil,
			baseline.NewIndex(&aerv1.Baseline{Fingerprints: detectortest.Shows("O", "browser", "chrome", foreign, 9)}), ""},
		{"another family's", nil,
			baseline.NewIndex(&aerv1.Baseline{Fingerprints: detectortest.Shows("O", "library", "curl", foreign, 9)}), "act"},
	} {
		in := detectortest.Input(detectortest.Past(30), c.past, present)
		in.Baseline = c.b
		if a := detectortest.Judge(t, detector, in); detectortest.Strength(a) != c.want {
			t.Errorf("%s: %q, want %q: %v", c.name, detectortest.Strength(a), c.want, a.GetEvidence().GetFormulaFilled())
		}
	}
}

// A login binds anew: whoever proves the credentials owns the session from then on.
func TestALoginBindsAnew(t *testing.T) {
	laptop := with(func(c *aerv1.Client) { c.DeviceId, c.Facts.Os, c.UserAgent = "D2", "windows", "Firefox/144 W" })
	in := detectortest.Input(detectortest.Past(30), []*aerv1.Event{
		event(0, detectortest.Firefox(), "user_login"), event(time.Hour, laptop, "user_login"),
		event(2*time.Hour, laptop, "file_viewed"),
	})
	if a := detectortest.Judge(t, detector, in); a != nil {
		t.Errorf("%v", a.Evidence.FormulaFilled)
	}
}

// An old cookie is a weak sign by itself, and follows the sensitivity like all others.
func TestStaleCookie(t *testing.T) {
	cookie := func(after, issued time.Duration) *aerv1.Event {
		ev := event(after, detectortest.Firefox(), "file_viewed")
		ev.CookieTime = aerv1.Time(detectortest.Now.Add(issued))
		return ev
	}
	for sensitivity, want := range map[string]float64{aerv1.SensitivityLow: 0, "": 0.8,
		aerv1.SensitivityHigh: 0.8 / 0.93} {
		in := detectortest.Input(detectortest.Past(30),
			[]*aerv1.Event{cookie(0, -time.Minute), cookie(time.Minute, -time.Hour)})
		in.Choice = evidence.Chosen(sensitivity)
		a := detectortest.Judge(t, detector, in)
		if math.Abs(a.GetConfidence()-want) > 1e-9 || a != nil && !a.LogOnly {
			t.Errorf("%q: %v, want %v", sensitivity, a, want)
		}
	}
	in := detectortest.Input(detectortest.Past(30), []*aerv1.Event{cookie(0, -time.Minute), cookie(time.Minute, 0)})
	if a := detectortest.Judge(t, detector, in); a != nil {
		t.Errorf("a renewed cookie: %v", a)
	}
}
