package spoofed_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector/detectortest"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/detector/spoofed"
)

var detector = spoofed.Detector{Config: spoofed.DefaultConfig()}

func known(rows ...*aerv1.BaselineFingerprint) *baseline.Index {
	return baseline.NewIndex(&aerv1.Baseline{Version: "b", Fingerprints: rows})
}

func row(class, family, ja4 string, n uint32) *aerv1.BaselineFingerprint {
	return &aerv1.BaselineFingerprint{Class: class, Family: family, Ja4: ja4, Users: 3, Observations: n}
}

const own, library = "t13d1717h2_c_144", "t13d1812h1_p_2"

// one is a row of a single person.
func one(r *aerv1.BaselineFingerprint) *aerv1.BaselineFingerprint {
	r = proto.CloneOf(r)
	r.Users = 1
	return r
}

func TestALibraryThatClaimsToBeABrowser(t *testing.T) {
	firefox, python := row("browser", "firefox", own, 30), row("library", "python-requests", library, 2)
	claims := detectortest.Firefox()
	claims.Ja4 = library
	silent := detectortest.Firefox()
	silent.Ja4 = ""
	for _, c := range []struct {
		name   string
		client *aerv1.Client
		b      *baseline.Index
		want   string
	}{
		{"a library's fingerprint", claims, known(firefox, python), "act"},
		{"the family seen too seldom", claims, known(row("browser", "firefox", own, 29), python), ""},
		{"the library seen once", claims, known(firefox, row("library", "python-requests", library, 1)), ""},
		{"behind a proxy that gives everyone its own", claims, known(firefox, python, row("browser", "edge", library, 4)), ""},
		{"the family has it as well", claims, known(firefox, python, row("browser", "firefox", library, 4)), ""},
		{"one account shows it as a browser, of several that script", claims, known(firefox, python, one(row("browser", "edge", library, 4))), "act"},
		{"one account of each", claims, known(firefox, one(python), one(row("browser", "edge", library, 4))), ""},
		{"a fingerprint nobody has", claims, known(firefox), ""},
		{"a library that says so", detectortest.Python(), known(firefox, python), ""},
		{"no fingerprint", silent, known(firefox, python), ""},
		{"nothing known", claims, nil, ""},
	} {
		a := detector.JudgeEvent(&evidence.EventInput{Event: detectortest.Event(0, c.client, "S", "file_viewed", "page"), Baseline: c.b})
		if got := detectortest.Strength(a); got != c.want {
			t.Errorf("%s: %q, want %q: %v", c.name, got, c.want, a)
		}
	}
}

func TestAFingerprintNobodyHas(t *testing.T) {
	rows := known(row("browser", "firefox", own, 400), row("browser", "firefox", "t13d1717h2_c_143", 400), row("browser", "chrome", "t13d1516h2_a_b", 400))
	client := func(ja4, device, ip string) *aerv1.Client {
		c := detectortest.Firefox()
		c.Ja4, c.DeviceId, c.Ip = ja4, device, ip
		return c
	}
	for _, c := range []struct {
		name   string
		client *aerv1.Client
		days   int
		want   string
	}{
		{"everything new, and the own client spoke otherwise", client("t12d0909h1_x_y", "D2", "203.0.113.9"), 30, "act"},
		{"at the own desk", client("t12d0909h1_x_y", "D1", "192.0.2.1"), 30, ""},
		{"a new release on a new laptop", client("t13d1717h2_c_145", "D2", "203.0.113.9"), 30, ""},
		{"a young account", client("t12d0909h1_x_y", "D2", "203.0.113.9"), 3, ""},
		{"the own client", client(own, "D1", "192.0.2.1"), 30, ""},
	} {
		in := detectortest.Input(detectortest.Past(c.days), []*aerv1.Event{detectortest.Event(0, c.client, "S", "user_login", "")})
		in.Baseline = rows
		a := detector.Judge(in)
		if got := detectortest.Strength(a); got != c.want {
			t.Errorf("%s: %q, want %q: %v", c.name, got, c.want, a.GetEvidence().GetFormulaFilled())
		}
	}
}

// The slow lane says again what the fast lane said, in the same episode, and whose device it was.
func TestTheSlowLaneSaysWhoseDeviceItWas(t *testing.T) {
	rows := known(row("browser", "firefox", own, 400), row("library", "python-requests", library, 20))
	for device, usual := range map[string]bool{"D1": true, "D2": false} {
		c := detectortest.Firefox()
		c.Ja4, c.DeviceId = library, device
		ev := detectortest.Event(0, c, "S", "file_viewed", "page")
		fast := detector.JudgeEvent(&evidence.EventInput{Event: ev, Baseline: rows})
		in := detectortest.Input(detectortest.Past(30), []*aerv1.Event{ev})
		in.Baseline = rows
		slow := detector.Judge(in)
		if fast == nil || slow == nil || fast.EpisodeKey != slow.EpisodeKey || fast.Severity != slow.Severity || fast.Magnitude != slow.Magnitude || fast.Id == slow.Id {
			t.Fatalf("fast %v\nslow %v", fast, slow)
		}
		if fast.Evidence.DeviceUsual || slow.Evidence.DeviceUsual != usual {
			t.Errorf("device %s: %t", device, slow.Evidence.DeviceUsual)
		}
		if len(fast.NewThings) != 1 || !proto.Equal(fast.NewThings[0], slow.NewThings[0]) || fast.NewThings[0].Key != library {
			t.Errorf("%v, %v", fast.NewThings, slow.NewThings)
		}
	}
}
