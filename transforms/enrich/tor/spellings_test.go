// SPDX-License-Identifier: Apache-2.0

package tor

import (
	"fmt"
	"strings"
	"testing"
)

// addresses of a listing as text, in order.
func addresses(l *Listing) string {
	var out []string
	for _, iv := range l.Intervals {
		out = append(out, iv.Addr.String())
	}
	return strings.Join(out, " ")
}

// What mirrors and scripts make of a list of two exits is the same two exits.
func TestParseSpellings(t *testing.T) {
	const two = "192.0.2.1 2001:db8::1"
	for name, c := range map[string]struct {
		content string
		format  Format
		want    string
	}{
		"comments in line":        {"192.0.2.1 # one\n2001:db8::1 ; the other\n", FormatBulk, two},
		"comments without spaces": {"192.0.2.1#one\n2001:db8::1;the other\n", FormatBulk, two},
		"comments of all kinds":   {"; a\n# b\n// c\n192.0.2.1\n  ; d\n2001:db8::1", FormatBulk, two},
		"carriage returns":        {"\xef\xbb\xbf192.0.2.1\r\n\r\n2001:db8::1\r\n", FormatBulk, two},
		"ports":                   {"192.0.2.1:9001\n[2001:db8::1]:443\n", FormatBulk, two},
		"networks of one":         {"192.0.2.1/32\n2001:db8::1/128\n", FormatBulk, two},
		"mapped":                  {"::ffff:192.0.2.1\n2001:db8::1\n", FormatBulk, two},
		"a banner":                {"Exits of today\n-----\n192.0.2.1\n2001:db8::1\n", FormatBulk, two},
		"CSV with a header":       {"fingerprint,ipaddr,port\nAB,192.0.2.1,443\nCD,2001:db8::1,9001\n", FormatCSV, two},
		"CSV, quoted": {"\"Router Name\",\"IP Address\"\n\"a, b # c\",\"192.0.2.1\"\n\"d\",\"2001:db8::1\"\n",
			FormatCSV, two},
		"CSV with semicolons":  {"ip;name\n192.0.2.1;a\n2001:db8::1;b\n", FormatCSV, two},
		"CSV without a header": {"AB,443,192.0.2.1\nCD,443,2001:db8::1\n", FormatCSV, two},
		"CSV of one column":    {"ip\n192.0.2.1\n2001:db8::1\n", FormatCSV, two},
		"CSV, quotes only":     {"\"192.0.2.1\"\n\"2001:db8::1\"\n", FormatBulk, two},
		"CSV with tabs":        {"name\tip\tport\na\t192.0.2.1\t1\nb\t2001:db8::1\t2\n", FormatCSV, two},
		"CSV, both families":   {"name,ipv4,ipv6\na,192.0.2.1,2001:db8::1\n", FormatCSV, two},
		"CSV of all relays": {
			"name,address,flags\na,192.0.2.1,Exit Running\nb,192.0.2.9,Guard Running\nc,2001:db8::1,\"Fast,Exit\"\n" +
				"d,192.0.2.8,BadExit\n", FormatCSV, two},
		"CSV with a column for exits": {"IP Address,Flag - Exit\n192.0.2.1,1\n192.0.2.9,0\n2001:db8::1,1\n", FormatCSV, two},
		"TSV with a header":           {"address\tfrom\tuntil\n192.0.2.1\t1\t2\n2001:db8::1\t1\t2\n", FormatTSV, two},
		"TorDNSEL with IPv6": {"ExitNode A\nExitAddress [2001:db8::1] 2022-05-01 10:05:12\n",
			FormatTorDNSEL, "2001:db8::1"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := Parse("list", strings.NewReader(c.content), FormatAuto, mtime)
			if err != nil {
				t.Fatal(err)
			}
			if got := addresses(l); got != c.want || l.Format != c.format {
				t.Errorf("%s: %s, want %s: %s", l.Format, got, c.format, c.want)
			}
		})
	}
}

// A few wrong lines cost themselves, and are told; one more costs the list.
func TestParseBearsBadLines(t *testing.T) {
	list := func(good, bad int) string {
		var b strings.Builder
		for i := range good {
			fmt.Fprintf(&b, "198.18.%d.%d\n", i/250, i%250)
		}
		for i := range bad {
			fmt.Fprintf(&b, "Thu %d\n", i)
		}
		return b.String()
	}
	for _, c := range []struct {
		good, bad int
		refused   bool
	}{{1, 0, false}, {1, 3, false}, {200, 3, false}, {200, 4, true}, {1000, 10, false}, {1000, 11, true}} {
		l, err := Parse("list", strings.NewReader(list(c.good, c.bad)), FormatAuto, mtime)
		if (err != nil) != c.refused {
			t.Errorf("%d good, %d bad: %v", c.good, c.bad, err)
		}
		if err != nil {
			continue
		}
		if len(l.Intervals) != c.good || l.Problems.Bad != c.bad || l.Problems.Lines != c.good+c.bad {
			t.Errorf("%d good, %d bad: %d intervals, %+v", c.good, c.bad, len(l.Intervals), l.Problems)
		}
		if w := l.Problems.Warnings("list"); c.bad > 0 &&
			w[0] != fmt.Sprintf(`list:%d: "Thu 0" is not an IP address, want one address a line: left out`, c.good+1) ||
			len(w) != min(c.bad, 4) {
			t.Errorf("warnings %q", w)
		}
	}
}

// One bad relay, or one bad line in a block, costs itself in the other formats too.
func TestParseBearsBadEntries(t *testing.T) {
	for name, c := range map[string]struct{ content, want, warning string }{
		"TorDNSEL": {torDNSEL + "ExitNode B\nExitAddress 203.0.113.300 2022-05-01 10:05:12\n",
			"192.0.2.1 198.51.100.2 198.51.100.3", "list:11: ExitAddress"},
		"Onionoo": {strings.Replace(onionoo, `"192.0.2.1",`, `"192.0.2.1","?",`, 1), "192.0.2.1 2001:db8::1 198.51.100.2",
			"list: relays[0]: exit_addresses"},
		"TSV": {history + "192.0.2.7\n", "192.0.2.1 2001:db8::1", "list:4: 1 fields"},
		"CSV": {"ip,name\n192.0.2.1,a\n-,b\n", "192.0.2.1", `list:3: "-,b" has no address`},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := Parse("list", strings.NewReader(c.content), FormatAuto, mtime)
			if err != nil {
				t.Fatal(err)
			}
			if w := l.Problems.Warnings("list"); addresses(l) != c.want || len(w) != 1 || !strings.HasPrefix(w[0], c.warning) {
				t.Errorf("%s, warnings %q", addresses(l), w)
			}
		})
	}
}

// An exit that no scan has seen leaves by what it listens on; a relay that is no exit does not count.
func TestParseOnionooWithoutScan(t *testing.T) {
	const head = `{"relays_published":"2022-05-01 11:00:00","relays":[`
	or := `"or_addresses":["192.0.2.1:9001","[2001:db8::1]:9001"]`
	for name, c := range map[string]struct{ relay, want string }{
		"exit":                    {`"flags":["Exit","Running"],"running":true`, "192.0.2.1"},
		"exit, running not asked": {`"flags":["Exit"]`, "192.0.2.1"},
		"by IPv6 too": {`"flags":["Exit"],"running":true,"exit_policy_v6_summary":{"accept":["443"]}`,
			"192.0.2.1 2001:db8::1"},
		"by IPv6, but for mail": {`"flags":["Exit"],"running":true,"exit_policy_v6_summary":{"reject":["25"]}`,
			"192.0.2.1 2001:db8::1"},
		"never by IPv6": {`"flags":["Exit"],"running":true,"exit_policy_v6_summary":{"reject":["1-65535"]}`,
			"192.0.2.1"},
		"scanned": {`"flags":["Exit"],"running":true,"exit_addresses":["198.51.100.1"]`, "198.51.100.1"},
		"scanned, and by IPv6": {
			`"flags":["Exit"],"running":true,"exit_addresses":["198.51.100.1"],"exit_policy_v6_summary":{"accept":["80"]}`,
			"198.51.100.1 2001:db8::1"},
		"exit that is down": {`"flags":["Exit"],"running":false`, ""},
		"no exit":           {`"flags":["Guard","Running"],"running":true`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := Parse("list", strings.NewReader(head+"{"+or+","+c.relay+"}]}"), FormatAuto, mtime)
			if c.want == "" {
				if err == nil || !strings.Contains(err.Error(), "names no exit address") {
					t.Errorf("%v, %v", l, err)
				}
				return
			}
			if err != nil || addresses(l) != c.want {
				t.Errorf("%v, error %v, want %s", l, err, c.want)
			}
		})
	}
}

// What has no end is still listed, after the file was written too.
func TestHistoryStillListed(t *testing.T) {
	for name, content := range map[string]string{"0": "192.0.2.1\t1566459007\t0\n", "empty": "192.0.2.1\t1566459007\t\n",
		"the tab is lost": "192.0.2.1\t1566459007\n"} {
		t.Run(name, func(t *testing.T) {
			l, err := Parse("list", strings.NewReader(content+"198.51.100.2\t1566459007\t1566466209\n"), FormatAuto, mtime)
			if err != nil {
				t.Fatal(err)
			}
			if !l.AsOf.Equal(mtime) || l.Format != FormatTSV {
				t.Errorf("%s as of %v, want the time of the file", l.Format, l.AsOf)
			}
			set, err := NewSet(l.Intervals, DefaultGrace)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []struct {
				addr string
				at   int64
				ok   bool
			}{{"192.0.2.1", 1566459006, false}, {"192.0.2.1", 1566459007, true}, {"192.0.2.1", mtime.Unix() + 100_000, true},
				{"198.51.100.2", mtime.Unix(), false}} {
				if _, ok := set.Listed(addr(want.addr), at(want.at)); ok != want.ok {
					t.Errorf("%s listed at %d: %t", want.addr, want.at, ok)
				}
			}
		})
	}
}
