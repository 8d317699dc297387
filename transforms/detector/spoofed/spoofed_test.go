// SPDX-License-Identifier: Apache-2.0

package spoofed_test

import (
	"slices"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector/detectortest"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/detector/spoofed"
)

var detector = spoofed.Detector{Config: spoofed.DefaultConfig()}

func known(rows ...[]*aerv1.BaselineFingerprint) *baseline.Index {
	return baseline.NewIndex(&aerv1.Baseline{Version: "b", Fingerprints: slices.Concat(rows...)})
}

const own, library, world = "t13d1717h2_c_144", "t13d1812h1_p_2", baseline.Everyone

// shows are rows of the organisation of detectortest's person, "O", or of another.
func shows(class, family, ja4 string, n uint32, org ...string) []*aerv1.BaselineFingerprint {
	return detectortest.Shows(append(org, "O")[0], class, family, ja4, n)
}

func TestALibraryThatClaimsToBeABrowser(t *testing.T) {
	firefox, python := shows("browser", "firefox", own, 3), shows("library", "python-requests", library, 2)
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
		{"a fingerprint of the organisation's libraries", claims, known(firefox, python), "act"},
		{"the family seen too seldom", claims, known(shows("browser", "firefox", own, 2), python), ""},
		{"the family known in five organisations", claims, known(shows("browser", "firefox", own, 5, world), python), "act"},
		{"the library of one account", claims, known(firefox, shows("library", "python-requests", library, 1)), ""},
		{"the library of five organisations", claims,
			known(firefox, shows("library", "python-requests", library, 5, world)), "act"},
		{"the library of four organisations", claims,
			known(firefox, shows("library", "python-requests", library, 4, world)), ""},
		{"the libraries of another tenant", claims,
			known(firefox, shows("library", "python-requests", library, 900, "O2")), ""},
		{"behind a proxy that gives everyone its own", claims,
			known(firefox, python, shows("browser", "edge", library, 4)), ""},
		{"the family has it as well", claims, known(firefox, python, shows("browser", "firefox", library, 4)), ""},
		{"five organisations have it as a browser", claims,
			known(firefox, python, shows("browser", "firefox", library, 5, world)), ""},
		{"another tenant shows it as a browser", claims,
			known(firefox, python, shows("browser", "firefox", library, 900, "O2")), "act"},
		{"one account shows it as a browser, of several that script", claims,
			known(firefox, python, shows("browser", "edge", library, 1)), "act"},
		{"one account shows it as a browser, of five organisations that script", claims,
			known(firefox, shows("library", "curl", library, 5, world), shows("browser", "edge", library, 1)), "act"},
		{"one account of each", claims, known(firefox, shows("library", "curl", library, 1),
			shows("browser", "edge", library, 1)), ""},
		{"a headless browser's", claims, known(firefox, shows("headless", "headless-chrome", library, 9)), ""},
		{"a fingerprint nobody has", claims, known(firefox), ""},
		{"a library that says so", detectortest.Python(), known(firefox, python), ""},
		{"no fingerprint", silent, known(firefox, python), ""},
		{"nothing known", claims, nil, ""},
	} {
		a := detectortest.JudgeEvent(t, detector,
			&evidence.EventInput{Event: detectortest.Event(0, c.client, "S", "file_viewed", "page"), Baseline: c.b})
		if got := detectortest.Strength(a); got != c.want {
			t.Errorf("%s: %q, want %q: %v", c.name, got, c.want, a)
		}
	}
}

func TestAFingerprintNobodyHas(t *testing.T) {
	rows := [][]*aerv1.BaselineFingerprint{shows("browser", "firefox", own, 40),
		shows("browser", "firefox", "t13d1717h2_c_143", 40), shows("browser", "chrome", "t13d1516h2_a_b", 40)}
	client := func(ja4, device, ip string) *aerv1.Client {
		c := detectortest.Firefox()
		c.Ja4, c.DeviceId, c.Ip = ja4, device, ip
		return c
	}
	chrome := func(ja4, device string, asn uint32) *aerv1.Client {
		c := client(ja4, device, "203.0.113.9")
		c.Asn, c.Facts.Family, c.Facts.Version, c.Facts.Hosting = asn, "chrome", "140.0", asn != 64500
		return c
	}
	const foreign = "t12d0909h2_x_y"
	integration := shows("library", "python-requests", foreign, 1)
	proxy := slices.Concat(shows("browser", "edge", foreign, 1), shows("browser", "chrome", foreign, 1),
		shows("official", "slack-desktop", foreign, 1))
	proxy[1].Users = 3 // three people in all, each with a program of their own
	proxy = slices.Delete(slices.Delete(proxy, 5, 6), 3, 4)
	for _, c := range []struct {
		name   string
		client *aerv1.Client
		days   int
		more   []*aerv1.BaselineFingerprint
		want   string
	}{
		{"everything new, and the own client spoke otherwise", client(foreign, "D2", "203.0.113.9"), 30, nil, "act"},
		{"the same, shown by one account before", client(foreign, "D2", "203.0.113.9"), 30,
			shows("browser", "firefox", foreign, 1), "act"},
		{"the same, shown by another tenant before", client(foreign, "D2", "203.0.113.9"), 30,
			shows("browser", "firefox", foreign, 900, "O2"), "act"},
		{"the same, shown by two people before", client(foreign, "D2", "203.0.113.9"), 30,
			shows("browser", "firefox", foreign, 2), ""},
		{"the same, behind a proxy of three people", client(foreign, "D2", "203.0.113.9"), 30, proxy, ""},
		{"one account with it under three names is no proxy", client(foreign, "D2", "203.0.113.9"), 30,
			slices.Concat(shows("browser", "edge", foreign, 1), shows("browser", "chrome", foreign, 1)[:1],
				shows("official", "slack-desktop", foreign, 1)[:1]), "act"},
		{"at the own desk", client(foreign, "D1", "192.0.2.1"), 30, nil, "witness"},
		{"at the own desk, from a new proxy's servers", proxied(client(foreign, "D1", "203.0.113.9")), 30, nil, "witness"},
		{"everything new, and no device named", client(foreign, "", "203.0.113.9"), 30, nil, "log"},
		{"no device named, at the own desk", client(foreign, "", "192.0.2.1"), 30, nil, ""},
		{"a new release on a new laptop", client("t13d1717h2_d_145", "D2", "203.0.113.9"), 30, nil, ""},
		{"a new release that one account showed under a library", client("t13d1717h2_d_145", "D2", "203.0.113.9"), 30,
			shows("library", "curl", "t13d1717h2_d_145", 1), ""},
		{"a new release that speaks quite otherwise, on a new laptop",
			newer(client("t13d1918h2_n_145", "D2", "203.0.113.9")), 30, nil, ""},
		{"a new release that speaks quite otherwise, from a new proxy's servers",
			proxied(newer(client("t13d1918h2_n_145", "D1", "203.0.113.9"))), 30, nil, ""},
		{"an HTTP/1.1 connection of the own program", client("t13d1715h1_c_9", "D2", "203.0.113.9"), 30, nil, ""},
		{"a young account", client(foreign, "D2", "203.0.113.9"), 3, nil, ""},
		{"the own client", client(own, "D1", "192.0.2.1"), 30, nil, ""},
		{"a program new to the account, at home", chrome(foreign, "D2", 64500), 30, nil, ""},
		{"a program new to the account, from servers", chrome(foreign, "D2", 64501), 30, nil, "act"},
		{"the same with a fingerprint of the family's kind", chrome("t13d1516h2_a_c", "D2", 64501), 30, nil, ""},
		{"the same that offers no HTTP/2", chrome("t12d0909h1_x_y", "", 64501), 30, nil, "act"},
		{"the same as the organisation's integration, naming no device", chrome(foreign, "", 64500), 30, integration, "act"},
		{"and naming one", chrome(foreign, "D2", 64500), 30, integration, ""},
	} {
		in := detectortest.Input(detectortest.Past(c.days),
			[]*aerv1.Event{detectortest.Event(0, c.client, "S", "user_login", "")})
		in.Baseline = known(append(rows, c.more)...)
		a := detectortest.Judge(t, detector, in)
		if got := detectortest.Strength(a); got != c.want {
			t.Errorf("%s: %q, want %q: %v", c.name, got, c.want, a.GetEvidence().GetFormulaFilled())
		}
	}
}

// TestASmallOrganisationHasNewReleases: three people, nobody else's knowledge, and the first of them to update.
func TestASmallOrganisationHasNewReleases(t *testing.T) {
	for _, print := range []string{"t13d1717h2_c_145", "t13d1918h2_n_145"} {
		c := newer(detectortest.Firefox())
		c.Ja4, c.DeviceId, c.Ip = print, "D2", "203.0.113.9"
		ev := detectortest.Event(0, c, "S", "user_login", "")
		in := detectortest.Input(detectortest.Past(30), []*aerv1.Event{ev})
		in.Baseline = known(shows("browser", "firefox", own, 3), shows("library", "curl", print, 1))
		if a, b := detectortest.JudgeEvent(t, detector, &evidence.EventInput{Event: ev, Baseline: in.Baseline}),
			detectortest.Judge(t, detector, in); a != nil || detectortest.Strength(b) == "act" {
			t.Errorf("%s: %v, %v", print, a, b.GetEvidence().GetFormulaFilled())
		}
	}
}

// TestDevicesWithoutNames: where no client names its device, none is missing; behind a new proxy nobody is a stranger.
func TestDevicesWithoutNames(t *testing.T) {
	past := detectortest.Past(30)
	for _, ev := range past {
		ev.Client.DeviceId = ""
	}
	c := proxied(detectortest.Firefox())
	c.Ja4, c.Ip, c.DeviceId = "t12d0909h2_x_y", "203.0.113.9", ""
	in := detectortest.Input(past, []*aerv1.Event{detectortest.Event(0, c, "S", "user_login", "")})
	in.Baseline = known(shows("browser", "firefox", own, 40))
	if a := detectortest.Judge(t, detector, in); detectortest.Strength(a) != "witness" {
		t.Errorf("%v", a.GetEvidence().GetFormulaFilled())
	}
}

// TestAProxyOnTheOwnDeviceWaits: the first people of a roll-out are not signed out, however sensitive their
// organisation is; a stranger with the same fingerprint is, and so is a library's on whatever device.
func TestAProxyOnTheOwnDeviceWaits(t *testing.T) {
	const gateway = "t12d0909h2_x_y"
	library := shows("library", "curl", "t12d0909h2_x_z", 3)
	for _, c := range []struct {
		name, device string
		more         []*aerv1.BaselineFingerprint
		want         string
	}{{"own", "D1", nil, "log"}, {"a stranger's", "D2", nil, "act"}, {"not named", "", nil, "log"},
		{"own, but a library begins like that", "D1", library, "act"}} {
		client := detectortest.Firefox()
		client.Ja4, client.Ip, client.Asn, client.DeviceId = gateway, "203.0.113.9", 64501, c.device
		in := detectortest.Input(detectortest.Past(30),
			[]*aerv1.Event{detectortest.Event(0, client, "S", "file_viewed", "page")})
		in.Baseline, in.Choice = known(append(shows("browser", "firefox", own, 40), c.more...)), evidence.Chosen(aerv1.SensitivityHigh)
		a := detectortest.Judge(t, detector, in)
		if got := detectortest.Strength(a); got != c.want {
			t.Errorf("%s: %q, want %q: %s", c.name, got, c.want, a.GetEvidence().GetFormulaFilled())
		}
	}
}

// TestAWitnessSpeaksOnce: who has a new fingerprint on the own device without a finding says so once, with the network
// if that is new as well; the organisation's stage does not have to hear of every request.
func TestAWitnessSpeaksOnce(t *testing.T) {
	const foreign = "t12d0909h2_x_y"
	c := detectortest.Firefox()
	c.Ja4, c.Ip, c.Asn = foreign, "203.0.113.9", 64501
	var events []*aerv1.Event
	for i, want := range []string{"witness", "", ""} {
		events = append(events, detectortest.Event(time.Duration(i)*time.Minute, c, "S", "file_viewed", "page"))
		in := detectortest.Input(detectortest.Past(30), events)
		in.Baseline = known(shows("browser", "firefox", own, 40))
		a := detectortest.Judge(t, detector, in)
		if got := detectortest.Strength(a); got != want {
			t.Errorf("%d: %q, want %q", i, got, want)
		}
		if a != nil && (len(a.NewThings) != 2 || a.NewThings[0].Key != foreign || a.NewThings[1].Key != "AS64501") {
			t.Errorf("%v", a.NewThings)
		}
	}
}

// TestALostDeviceName: in a session that named its device before, or where names are lost now and then, none is
// missing. Where the name tells of a proxy or of a thief, its absence tells neither: it is logged.
func TestALostDeviceName(t *testing.T) {
	c := detectortest.Firefox()
	c.Ja4, c.DeviceId, c.Ip = "t12d0909h2_x_y", "", "203.0.113.9"
	named, owner := detectortest.Firefox(), detectortest.Firefox()
	named.Ja4 = c.Ja4
	lossy := detectortest.Past(30)
	for i := 0; i < len(lossy); i += 10 {
		lossy[i].Client.DeviceId = ""
	}
	before := func(c *aerv1.Client) []*aerv1.Event {
		return append(detectortest.Past(30), detectortest.Event(-time.Minute, c, "S", "user_login", ""))
	}
	for _, v := range []struct {
		name string
		past []*aerv1.Event
		want string
	}{
		{"named before in the session", before(named), ""}, {"one of ten lost", lossy, ""},
		{"the owner's session, with the owner's device", before(owner), "log"},
	} {
		in := detectortest.Input(v.past, []*aerv1.Event{detectortest.Event(0, c, "S", "file_viewed", "page")})
		in.Baseline = known(shows("browser", "firefox", own, 40))
		if a := detectortest.Judge(t, detector, in); detectortest.Strength(a) != v.want {
			t.Errorf("%s: %v", v.name, a.GetEvidence().GetFormulaFilled())
		}
	}
}

// newer is the release that came out today.
func newer(c *aerv1.Client) *aerv1.Client {
	c.Facts.Version = "145.0"
	return c
}

// proxied comes from servers in a network that the person was never seen in.
func proxied(c *aerv1.Client) *aerv1.Client {
	c.Asn, c.Facts.Hosting = 64501, true
	return c
}
