// SPDX-License-Identifier: Apache-2.0

package tor

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aer-project/aer/transforms/lists"
)

func when(s string) time.Time {
	t, err := time.Parse(torTime, s)
	if err != nil {
		panic(err)
	}
	return t
}

func unix(s string) int64 { return when(s).Unix() }

const (
	bulk = "# exits\n192.0.2.1\n\n198.51.100.2\r\n2001:db8::1\n[2001:db8::2]\n"

	torDNSEL = `ExitNode 0011BD2485AD45D984EC4159C88FC066E5E3300E
Published 2022-05-01 06:02:33
LastStatus 2022-05-01 10:00:00
ExitAddress 192.0.2.1 2022-05-01 10:05:12
ExitNode 0020D2485AD45D984EC4159C88FC066E5E3300EE
Published 2022-04-30 01:02:03
LastStatus 2022-04-30 12:00:00
ExitAddress 198.51.100.2 2022-04-30 11:00:00
ExitAddress 198.51.100.3 2022-04-30 09:00:00
`
	onionoo = `{"version":"8.0","build_revision":"x","relays_published":"2022-05-01 11:00:00","relays":[
 {"nickname":"exit","or_addresses":["192.0.2.9:9001"],"exit_addresses":["192.0.2.1","2001:db8::1"],"last_seen":"2022-05-01 11:00:00","running":true,"flags":["Exit","Running"]},
 {"nickname":"middle","or_addresses":["203.0.113.5:443"],"last_seen":"2022-05-01 11:00:00","running":true,"flags":["Guard","Running"]},
 {"nickname":"gone","exit_addresses":["198.51.100.2"],"last_seen":"2022-04-28 03:00:00","running":false}
],"bridges_published":"2022-05-01 10:00:00","bridges":[]}`

	history = "192.0.2.1\t1566459007\t1566466209\n# a comment\n2001:db8::1\t1548864005\t1548867605\n"
)

var mtime = when("2022-05-01 12:34:56")

func TestParse(t *testing.T) {
	tests := []struct {
		name, content string
		want          Listing
	}{
		{"bulk", bulk, Listing{Format: FormatBulk, AsOf: mtime, Intervals: []Interval{
			{Addr: addr("192.0.2.1"), From: mtime.Unix(), Until: mtime.Unix()},
			{Addr: addr("198.51.100.2"), From: mtime.Unix(), Until: mtime.Unix()},
			{Addr: addr("2001:db8::1"), From: mtime.Unix(), Until: mtime.Unix()},
			{Addr: addr("2001:db8::2"), From: mtime.Unix(), Until: mtime.Unix()},
		}}},
		{"TorDNSEL", torDNSEL, Listing{Format: FormatTorDNSEL, AsOf: when("2022-05-01 10:05:12"), Intervals: []Interval{
			{Addr: addr("192.0.2.1"), From: unix("2022-05-01 10:00:00"), Until: unix("2022-05-01 10:05:12")},
			{Addr: addr("198.51.100.2"), From: unix("2022-04-30 11:00:00"), Until: unix("2022-04-30 12:00:00")},
			{Addr: addr("198.51.100.3"), From: unix("2022-04-30 09:00:00"), Until: unix("2022-04-30 12:00:00")},
		}}},
		{"Onionoo", onionoo, Listing{Format: FormatOnionoo, AsOf: when("2022-05-01 11:00:00"), Intervals: []Interval{
			{Addr: addr("192.0.2.1"), From: unix("2022-05-01 11:00:00"), Until: unix("2022-05-01 11:00:00")},
			{Addr: addr("2001:db8::1"), From: unix("2022-05-01 11:00:00"), Until: unix("2022-05-01 11:00:00")},
			{Addr: addr("198.51.100.2"), From: unix("2022-04-28 03:00:00"), Until: unix("2022-04-28 03:00:00")},
		}}},
		{"a history in commas",
			"address,from,until\n192.0.2.1,1566459007,1566466209\n2001:db8::1,2019-01-30T16:00:05Z,2019-01-30T17:00:05Z\n",
			Listing{
				Format: FormatTSV, AsOf: at(1566466209), CoveredFrom: at(1548864005), Intervals: []Interval{
					{Addr: addr("192.0.2.1"), From: 1566459007, Until: 1566466209},
					{Addr: addr("2001:db8::1"), From: 1548864005, Until: 1548867605},
				}}},
		{"a table of ports", "192.0.2.1,443,9030\n", Listing{Format: FormatCSV, AsOf: mtime, Intervals: []Interval{
			{Addr: addr("192.0.2.1"), From: mtime.Unix(), Until: mtime.Unix()},
		}}},
		{"TSV", history, Listing{Format: FormatTSV, AsOf: at(1566466209), CoveredFrom: at(1548864005), Intervals: []Interval{
			{Addr: addr("192.0.2.1"), From: 1566459007, Until: 1566466209},
			{Addr: addr("2001:db8::1"), From: 1548864005, Until: 1548867605},
		}}},
	}
	for _, tt := range tests {
		for _, form := range []struct {
			name, content string
			format        Format
		}{
			{"detected", tt.content, FormatAuto},
			{"given", tt.content, tt.want.Format},
			{"compressed", compress(t, tt.content), FormatAuto},
			{"with a byte order mark", "\xef\xbb\xbf" + tt.content, FormatAuto},
		} {
			t.Run(tt.name+"/"+form.name, func(t *testing.T) {
				got, err := Parse("list", strings.NewReader(form.content), form.format, mtime)
				if err != nil {
					t.Fatal(err)
				}
				if got.Problems.Bad > 0 {
					t.Errorf("%d bad lines: %q", got.Problems.Bad, got.Problems.First)
				}
				got.Problems = lists.Problems{}
				if diff := cmp.Diff(&tt.want, got, sameAddr); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestParseErrors(t *testing.T) {
	long := strings.Repeat("x", 64<<10)
	tests := []struct {
		name, content string
		format        Format
		want          string
	}{
		{"empty", "", "", "list: the list is empty"},
		{"only comments", "# nothing\n\n", "", "list: the list is empty"},
		{"an error page", "<html><body>502 Bad Gateway</body></html>\n", "",
			`list:1: "<html><body>502 Bad Gateway</body></html>" is the begin of a web page (HTML)`},
		{"an error page that begins with a comment", "# moved\n<!DOCTYPE html>\n", "",
			"list:2: \"<!DOCTYPE html>\" is the begin of a web page"},
		{"prose", "The list is under maintenance,\nplease come back.\n", "",
			`list:1: "The list is under maintenance," is no exit list`},
		{"bulk: too much is wrong", "192.0.2.1\n192.0.2.\n192.0.2.0/24\n127.0.0.1\nThu\n", "",
			`list:2: "192.0.2." is not an IP address, want one address a line (4 of 5 lines are wrong: more than 3 are not borne)`},
		{"bulk: no exits", "# none\n", FormatBulk, "names no exit address"},
		{"bulk: long line", "192.0.2.1\n" + long, "", "list:2: reading: the line has more than 65536 bytes"},
		{"TorDNSEL: bad time", "ExitNode A\nLastStatus yesterday\n", "", `list:2: LastStatus: "yesterday" is not a time`},
		{"TorDNSEL: bad published", "ExitNode A\nPublished x\n", "", "list:2: Published:"},
		{"TorDNSEL: bad address", "ExitNode A\nExitAddress x 2022-05-01 10:05:12\n", "",
			`list:2: ExitAddress: "x" is not an IP address`},
		{"TorDNSEL: no time", "ExitNode A\nExitAddress 192.0.2.1\n", "", "list:2: ExitAddress"},
		{"TorDNSEL: bad exit time", "ExitNode A\nExitAddress 192.0.2.1 now\n", "", "list:2: ExitAddress:"},
		{"TorDNSEL: no node", "ExitAddress 192.0.2.1 2022-05-01 10:05:12\n", "",
			"list:1: ExitAddress before the first ExitNode"},
		{"TorDNSEL: no fingerprint", "ExitNode\n", "", "list:1: ExitNode without a fingerprint"},
		{"TorDNSEL: unknown line", "ExitNode A\nEntryNode B\n", "", `list:2: "EntryNode" is unknown`},
		{"Onionoo: cut off", onionoo[:200], "", "list: reading Onionoo details"},
		{"JSON of something else", `{"relays":[]}`, "", "list: the JSON has no relays_published"},
		{"Onionoo: bad time", `{"relays_published":"today","relays":[]}`, "", "list: relays_published"},
		{"Onionoo: bad last_seen",
			`{"relays_published":"2022-05-01 11:00:00","relays":[{"last_seen":"x","exit_addresses":["192.0.2.1"]}]}`, "",
			"list: relays[0]: last_seen"},
		{"Onionoo: bad address", `{"relays_published":"2022-05-01 11:00:00","relays":[{"exit_addresses":["x"]}]}`, "",
			"list: relays[0]: exit_addresses"},
		{"Onionoo: no exit", `{"relays_published":"2022-05-01 11:00:00","relays":[{"or_addresses":["192.0.2.1:1"]}]}`, "",
			"names no exit address"},
		{"TSV: one field", "192.0.2.1\n", FormatTSV, "list:1: 1 fields separated by tabs, want 3"},
		{"TSV: bad address", "x\t1\t2\n", "", `list:1: "x" is not an IP address`},
		{"TSV: bad from", "192.0.2.1\tone\t2\n", "", `list:1: from "one" is not a time in Unix seconds`},
		{"TSV: milliseconds", "192.0.2.1\t1566459007000\t1566466209000\n", "", "list:1: from"},
		{"TSV: bad until", "192.0.2.1\t1\t-2\n", "", "list:1: until"},
		{"TSV: ends before it begins", "192.0.2.1\t2\t1\n", "", "list:1: until 1 is before from 2"},
		{"broken gzip", "\x1f\x8bxx", "", "list: decompressing"},
		{"cut gzip", compress(t, history)[:40], "", "list:"},
		{"CSV: no exits", "nickname,ip,exit\na,192.0.2.1,0\n", "", "names no exit address"},
		{"CSV: no addresses", "nickname,ip\na,b\n", "", `list:2: "a,b" has no address in its column`},
		{"unknown format", bulk, "xml", `format "xml" is unknown, want one of bulk`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse("list", strings.NewReader(tt.content), tt.format, mtime)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func compress(t testing.TB, content string) string {
	t.Helper()
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	if _, err := zw.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{bulk, torDNSEL, onionoo, history, "", "\x1f\x8b", "{", "ExitNode", "1\t2\t3",
		"192.0.2.1\t1\t", "a,ip\nb,192.0.2.1:1", "\"192.0.2.1\";x"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		l, err := Parse("list", bytes.NewReader(content), FormatAuto, mtime)
		if err != nil {
			return
		}
		if len(l.Intervals) == 0 {
			t.Fatal("a good listing without intervals")
		}
		if l.Snapshot() {
			return // its times are bounded by List against the clock
		}
		if _, err := NewSet(l.Intervals, DefaultGrace); err != nil {
			t.Fatalf("a good history makes no set: %v", err)
		}
	})
}
