// SPDX-License-Identifier: Apache-2.0

package event

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAddress(t *testing.T) {
	for want, spellings := range map[string][]string{
		"198.51.100.9": {
			"198.51.100.9", " 198.51.100.9\t", `"198.51.100.9"`, "198.51.100.9:51812", "198.51.100.9:", "[198.51.100.9]",
			"[198.51.100.9]:80", "::ffff:198.51.100.9",
			"::ffff:c633:6409", "::FFFF:198.51.100.9", "[::ffff:198.51.100.9]:443", "::ffff:198.51.100.9:8443",
			"64:ff9b::198.51.100.9", "64:ff9b::c633:6409",
			"/198.51.100.9:51812", "198.51.100.9/32", `for="198.51.100.9:4711"`, "198.51.100.9%3A51812", "%22198.51.100.9%22",
		},
		"2001:db8::7": {
			"2001:db8::7", "2001:DB8::7", "2001:0db8:0:0:0:0:0:7", "[2001:db8::7]", "[2001:db8::7]:443", "[2001:db8::7]:",
			"2001:db8:0:0:0:0:0:7:50718", "2001:db8::7%eth0",
			"[2001:db8::7%25eth0]:443", `for="[2001:db8::7]:4711"`, "2001:db8::7/128", "%5B2001%3Adb8%3A%3A7%5D",
		},
		"::1":              {"::1", "localhost", "[::1]:8080"},
		"64:ff9b::a01:203": {"64:ff9b::10.1.2.3"}, // stands for no public address
		"":                 {"", " ", "-", "null", `"-"`, "unknown", "(null)", "N/A", "None", "undefined", "0"},
	} {
		for _, s := range spellings {
			if got, ok := address(s); got != want || !ok {
				t.Errorf("%q is %q, %t, want %q", s, got, ok, want)
			}
		}
	}
	for _, s := range []string{
		"198.51.100.9, 10.0.0.1", "198.51.100.9,198.51.100.9", "198.51.100.9 10.0.0.1", "1.23.45.678", "198.51.100.009",
		"198.51.100.9:99999999", "198.51.100.9:http", "198.51.100.0/24",
		"2001:db8::7:8:9:10:11:12:13", "[2001:db8::7", "[2001:db8::7]x", "host.example", "3325256713",
		"::ffff:198.51.100.9:1:2", strings.Repeat("1", 500),
	} {
		if got, ok := address(s); ok || got != s {
			t.Errorf("%q is the address %q", s, got)
		}
	}
}

// Every address comes out of every wrapping as itself.
func TestAddressInAnyWrapping(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a netip.Addr
		if rapid.Bool().Draw(t, "v4") {
			a = netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "bytes")))
		} else {
			a = netip.AddrFrom16([16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "bytes"))).Unmap()
		}
		if a.Is4() && a.IsUnspecified() {
			return // zeros with something around them only say that there is nothing
		}
		port := rapid.Uint16().Draw(t, "port")
		forms := []string{a.String(), a.StringExpanded(), strings.ToUpper(a.String()), fmt.Sprintf("[%s]:%d", a, port),
			fmt.Sprintf(" %s ", a), netip.AddrPortFrom(a, port).String()}
		want, ok := address(a.String())
		for _, form := range forms {
			if got, good := address(form); got != want || !ok || !good {
				t.Errorf("%q is %q, want %q", form, got, want)
			}
		}
		if again, _ := address(want); again != want {
			t.Errorf("%q becomes %q the second time", want, again)
		}
	})
}

func TestPlaceholders(t *testing.T) {
	for _, s := range []string{
		"", "-", "--", " - ", `"-"`, "null", "NULL", `"null"`, "(null)", "none", "None", "nil", "<nil>", "undefined",
		"unknown", "Unknown", "N/A", "n/a", "0", "000", "-1", `""`, "''",
		"00000000-0000-0000-0000-000000000000", "00000000000000000000000000000000", "0.0", "unavailable", "Not Provided",
		"empty", "false", "*", "XX", "xx", "TBD", "anonymous",
	} {
		ev := one(t, with(fmt.Sprintf(`"session_id":%[1]q,"app_id":%[1]q,"api_method":%[1]q,"object":{"type":"file","id":%[1]q},"outcome":%[1]q,"user_type":%[1]q,
			"client":{"device_id":%[1]q,"ja3":%[1]q,"ja4":%[1]q,"country":%[1]q,"platform":%[1]q,"user_agent":%[1]q,"asn":%[1]q}`, s)), Options{})
		equal(t, ev, one(t, minimal, Options{}))
	}
	for _, s := range []string{"nullable", "unknown-device-7", "0a", "x", "10", "emptyhanded", "f", "XXL", "anonymous-7",
		"00000000-0000-0000-0000-000000000001"} {
		if ev := one(t, with(fmt.Sprintf(`"client":{"device_id":%q}`, s)), Options{}); ev.Client.DeviceId != s {
			t.Errorf("device %q became %q", s, ev.Client.DeviceId)
		}
	}
	// The largest UUID names no machine either. NA is a word for nothing, and Namibia.
	ev := one(t, with(`"client":{"device_id":"FFFFFFFF-ffff-ffff-ffff-ffffffffffff","country":"na","platform":"NA"}`),
		Options{})
	if c := ev.Client; c.DeviceId != "" || c.Country != "NA" || c.Platform != "" {
		t.Errorf("%v", c)
	}
}

// Logs write the spaces of a user agent in ways of their own; what has spaces is left alone.
func TestUserAgentsOfLogs(t *testing.T) {
	const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
	for s, want := range map[string]string{
		agent: agent, strings.ReplaceAll(agent, " ", "%20"): agent, strings.ReplaceAll(agent, " ", "%2520"): agent,
		url.PathEscape(agent):               agent,
		strings.ReplaceAll(agent, " ", "+"): agent, "curl/8.7.1": "curl/8.7.1", "a+b/1": "a+b/1", "x%zz%20": "x%zz%20",
		"app/1 (a%20b)": "app/1 (a%20b)", "%20-%20": "",
	} {
		if ev := one(t, with(fmt.Sprintf(`"client":{"user_agent":%q}`, s)), Options{}); ev.Client.UserAgent != want {
			t.Errorf("%q became %q, want %q", s, ev.Client.UserAgent, want)
		}
	}
}

func TestOneSpelling(t *testing.T) {
	const id = "5d3c2b1a-00ff-4abc-8def-0123456789ab"
	for _, s := range []string{id, strings.ToUpper(id), "{" + id + "}", "urn:uuid:" + id,
		"URN:UUID:" + strings.ToUpper(id), ` "` + id + `" `, strings.ReplaceAll(id, "-", "")} {
		ev := one(t, with(fmt.Sprintf(`"client":{"device_id":%[1]q},"object":{"id":%[1]q},"session_id":%[1]q`, s)), Options{})
		if ev.Client.DeviceId != id || ev.Object.Id != id {
			t.Errorf("%q is the device %q and the object %q", s, ev.Client.DeviceId, ev.Object.Id)
		}
		// The platform that is asked to end a session may know one spelling only.
		if got := ev.SessionId; got != strings.Trim(s, ` "`) {
			t.Errorf("the session %q became %q", s, got)
		}
	}
	for s, want := range map[string]string{
		"t13d1516h2_8daaf6152771_e5627efa2ab1": "t13d1516h2_8daaf6152771_e5627efa2ab1",
		"T13D1516H2_8DAAF6152771_E5627EFA2AB1": "t13d1516h2_8daaf6152771_e5627efa2ab1",
		// The published example of the raw form, and what it stands for.
		"t13d1516h2_002f,0035,009c,009d,1301,1302,1303,c013,c014,c02b,c02c,c02f,c030,cca8,cca9_0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01_0403,0804,0401,0503,0805,0501,0806,0601": "t13d1516h2_8daaf6152771_e5627efa2ab1",
		"q13d0310h3_55b375c5d22e_cd85d2d88918": "q13d0310h3_55b375c5d22e_cd85d2d88918",
		"t13d":                                 "", "d8f0a3": "", "no fingerprint": "", "a,b,c,d,e,f": "",
		// Of another make.
		"x13d1516h2_8daaf6152771_e5627efa2ab1": "x13d1516h2_8daaf6152771_e5627efa2ab1",
		"64240_2-1-3-1-1-4_1460_8":             "64240_2-1-3-1-1-4_1460_8", "811F0479912B7B3B": "811f0479912b7b3b",
	} {
		if got, ok := ja4(s); got != want || ok != (want != "") {
			t.Errorf("JA4 %q is %q, %t, want %q", s, got, ok, want)
		}
	}
	for s, want := range map[string]string{
		"E7D705A3286E19EA42F587B344EE6865": "e7d705a3286e19ea42f587b344ee6865",
		// The published example of the text, and what it stands for.
		"769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0": "ada70206e40642a3e4461f35503241d5",
		"abc": "", "e7d705a3 286e19ea": "",
		"E7D705A3286E19EA42F587B344EE6865E7D705": "e7d705a3286e19ea42f587b344ee6865e7d705",
		"811f0479912b7b3b":                       "811f0479912b7b3b",
	} {
		if got, ok := ja3(s); got != want || ok != (want != "") {
			t.Errorf("JA3 %q is %q, %t, want %q", s, got, ok, want)
		}
	}
}

func TestCountry(t *testing.T) {
	for s, want := range map[string]string{
		"DE": "DE", "de": "DE", " Nl ": "NL", `"FR"`: "FR", "UK": "GB", "XK": "XK", "NA": "NA", "NO": "NO", "-": "", "XX": "",
		"ZZ": "", "zz": "", "T1": "", "t1": "", "--": "", "A1": "", "A2": "", "O1": "",
		"EU": "", "AP": "", "QZ": "", "XA": "",
	} {
		if got, ok := country(s); got != want || !ok {
			t.Errorf("%q is %q, %t, want %q", s, got, ok, want)
		}
	}
	for _, s := range []string{"DEU", "Germany", "D", "D1", "YY", "ÄÖ", "276"} {
		if got, ok := country(s); got != "" || ok {
			t.Errorf("%q is %q, %t, want that it is noted", s, got, ok)
		}
	}
}

func TestWordsForOutcomes(t *testing.T) {
	for s, want := range map[string]string{
		"OK": "ok", "success": "ok", "Allowed": "ok", "200": "ok", "true": "ok", "Blocked": "denied", "403": "denied",
		"unauthorized": "denied", "FAILURE": "error", "failed": "error",
		"500": "error", "throttled": "rate_limited", "Too Many Requests": "rate_limited", "429": "rate_limited", "-": "",
	} {
		if got, ok := outcomeWord(s); got != want || !ok {
			t.Errorf("%q is %q, %t, want %q", s, got, ok, want)
		}
	}
	for _, s := range []string{"fine", "7", "999", "maybe"} {
		if got, ok := outcomeWord(s); got != "" || ok {
			t.Errorf("%q is %q", s, got)
		}
	}
}

// The canonical form of a value is its own canonical form.
func TestCanonicalIsStable(t *testing.T) {
	for name, form := range map[string]func(string) (string,
		bool){"address": address, "country": country, "ja3": ja3, "ja4": ja4, "outcome": outcomeWord} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ "\[]?[0-9a-fA-FtX.:,_%-]{0,40}[ "\]]?(:[0-9]+)?`)).Draw(t,
					"text")
				once, _ := form(s)
				if twice, _ := form(once); twice != once {
					t.Errorf("%q becomes %q, then %q", s, once, twice)
				}
			})
		})
	}
}

// The glance that spares most texts a closer look never changes the answer.
func TestOrdinary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.StringN(1, -1, -1),
			rapid.StringMatching(`["' ]?(null|NONE|unknown|Undefined|n/a|nil|0+|-+|not set|NaN|[a-z0-9-]{1,6})["' ]?`)).Draw(t,
			"text")
		if s != "" && ordinary(s) && (placeholder(s) || bare(s) != s) {
			t.Errorf("%q is ordinary", s)
		}
	})
}
