package fingerprint_test

import (
	"math"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector/detectortest"
	"github.com/aer-project/aer/transforms/detector/fingerprint"
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
		{"cookies cleared at the desk", [][]*aerv1.Event{past, signedIn}, with(func(c *aerv1.Client) { c.DeviceId = "D2" }), ""},
		{"fields that are missing", [][]*aerv1.Event{past, signedIn}, with(func(c *aerv1.Client) { c.DeviceId, c.Ja4, c.Asn, c.Country = "", "", 0, "" }), ""},
		{"another device abroad", [][]*aerv1.Event{past, signedIn}, with(func(c *aerv1.Client) { abroad(c); c.DeviceId = "D2" }), "log"},
		{"another device and system abroad", [][]*aerv1.Event{past, signedIn}, with(func(c *aerv1.Client) { abroad(c); c.DeviceId, c.Facts.Os = "D2", "windows" }), "act"},
		{"a stranger", [][]*aerv1.Event{past, signedIn}, stranger, "act"},
		{"a stranger in a session of the known client", [][]*aerv1.Event{past, foundOpen}, stranger, "act"},
		{"a stranger in a session of nobody known", [][]*aerv1.Event{foundOpen}, stranger, "log"},
	} {
		in := detectortest.Input(append(c.before, []*aerv1.Event{event(time.Hour, c.now, "file_viewed")})...)
		a := detector.Judge(in)
		if got := detectortest.Strength(a); got != c.want {
			t.Errorf("%s: %q, want %q: %v", c.name, got, c.want, a.GetEvidence().GetFormulaFilled())
		}
		if a != nil && (a.Evidence.Previous == nil || len(a.Evidence.Signs) == 0 || a.EpisodeKey != "S") {
			t.Errorf("%s: %v", c.name, a)
		}
	}
}

// A login binds anew: whoever proves the credentials owns the session from then on.
func TestALoginBindsAnew(t *testing.T) {
	laptop := with(func(c *aerv1.Client) { c.DeviceId, c.Facts.Os, c.UserAgent = "D2", "windows", "Firefox/144 W" })
	in := detectortest.Input(detectortest.Past(30), []*aerv1.Event{
		event(0, detectortest.Firefox(), "user_login"), event(time.Hour, laptop, "user_login"), event(2*time.Hour, laptop, "file_viewed"),
	})
	if a := detector.Judge(in); a != nil {
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
	for sensitivity, want := range map[string]float64{aerv1.SensitivityLow: 0, "": 0.8, aerv1.SensitivityHigh: 0.8 / 0.93} {
		in := detectortest.Input(detectortest.Past(30), []*aerv1.Event{cookie(0, -time.Minute), cookie(time.Minute, -time.Hour)})
		in.Sensitivity = sensitivity
		a := detector.Judge(in)
		if math.Abs(a.GetConfidence()-want) > 1e-9 || a != nil && !a.LogOnly {
			t.Errorf("%q: %v, want %v", sensitivity, a, want)
		}
	}
	in := detectortest.Input(detectortest.Past(30), []*aerv1.Event{cookie(0, -time.Minute), cookie(time.Minute, 0)})
	if a := detector.Judge(in); a != nil {
		t.Errorf("a renewed cookie: %v", a)
	}
}
