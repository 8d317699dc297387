// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"
)

// failer is what tests of every kind have.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// sameAsStrict checks that what quick says of raw, if it says anything, is what the parser says.
func sameAsStrict(t failer, raw []byte, opt Options) (decoded bool) {
	t.Helper()
	opt = opt.withDefaults()
	d, s := decoders.Get().(*decoder), decoders.Get().(*decoder)
	defer decoders.Put(d)
	defer func() {
		s.evs, s.dead = nil, nil
		decoders.Put(s)
	}()
	for range 2 { // the second time everything has been used before
		d.begin(Source{}, 0, opt)
		ev, end := d.quick(raw, 0)
		if ev == nil {
			return false
		}
		s.evs, s.dead = nil, nil
		s.begin(Source{}, 0, opt)
		f := frameObject(raw, 0)
		if !f.closed || f.end != end {
			t.Fatalf("%q ends at %d: the frame at %d", raw, end, f.end)
		}
		s.object(raw[:end], 0, f)
		if len(s.evs) != 1 || len(s.dead) != 0 {
			t.Fatalf("%q gives an event: strictly %d and %v", raw, len(s.evs), s.dead)
		}
		if diff := cmp.Diff(s.evs[0], ev, protocmp.Transform()); diff != "" {
			t.Fatalf("%q (-strict +quick):\n%s", raw, diff)
		}
		if d.bad != s.bad {
			t.Fatalf("%q leaves %v unread: strictly %v", raw, d.bad, s.bad)
		}
	}
	return true
}

// What quick says of anything is what the parser says.
func FuzzQuick(f *testing.F) {
	for _, s := range quickSeeds {
		f.Add([]byte(s), uint8(0))
	}
	f.Fuzz(func(t *testing.T, raw []byte, format uint8) {
		if len(raw) == 0 || raw[0] != '{' {
			return
		}
		sameAsStrict(t, raw, Options{Format: Format(format % 4), MaxBytes: 16 << 10})
	})
}

var quickSeeds = []string{
	benchNative, benchSlack, slackDownload, minimal,
	with(`"client":{"ip":"[2001:DB8::1]:443","user_agent":"a\u2013\\\/\"\ud83d\ude00","asn":"AS64500","country":"de"}`),
	with(`"bytes":1.5e3,"cookie_time":1700000000,"x":[1,-0.5E+3,[],{},null,true,false,"\u00e9é"]`),
	with(`"object":"F1","outcome":true,"user_type":"Guest","app_id":17,"actor_kind":"app"`),
	with(`"client":{"ip":{}},"object":[],"bytes":-1,"cookie_time":"x"`),
	with(`"x":{"a":1,"a":1}`), with(`"\u0061":1`), with(`"x":"\ud800"`), with("\"x\":\"\xff\""), with(`"x":01`), with(`"x":1.`),
	with(`"x":tru`), with(`"x":[1,]`), with(`"x":{"a" 1}`), with(`"date_create":1,"actor":{},"context":{}`),
	`{"event":` + minimal + `,"time":1}`,
	`{"id":"e","date_create":1762300800.25,"action":"api_method_called","actor":{"user":{"id":"U1","team":"T1"},"type":"user"},` +
		`"entity":{"type":"api_method","api_method":{"name":"files.list"}},"context":{"location":{"id":"T1","type":"workspace"},` +
		`"ua":"a","session_id":"1e5","app":"A1","acting_agent":{"id":"B1"}},"details":{"action_timestamp":1762300800123456,` +
		`"ja4":"T13D1516h2_8daaf6152771_e5627efa2ab1","acting_agent":true,"api_call_method":"x"},"action_timestamp":"x"}`,
	`{"id":"e","date_create":"2025-11-05 00:00:00","action":"message_posted","actor":{"type":"bot","bot":"B1"},` +
		`"entity":{"type":"message","message":{"team":"T1","channel":"C1","timestamp":"1.2"}},` +
		`"context":{"location":[],"session_id":1.056e+13,"ip_address":"::ffff:192.0.2.1"},"details":[]}`,
}

// pieces are what makes or breaks JSON and values.
var pieces = []string{
	`"`, `\`, `{`, `}`, `[`, `]`, `,`, `:`, ` `, "\n", "\t", "\x00", "\x1f", "\x7f", "\x80", "\xc3\xa9", "\xed\xa0\x80",
	`\u0061`, `\ud83d\ude00`, `\ud800`, `\u12`, `\/`, `\x22`, `null`, `true`, `fals`, `0`, `-`, `-1`, `1e5`, `.5`, `1.5`, `00`, `{}`,
	`[]`, `""`, `"id":"x",`, `"time":1,`, `"user_id":"u",`, `"entries":[],`, `"x":1,`, `"x":{"id":2},`, `"type":"bot",`,
	`"session_id":"x",`, `"cookie_time":1,`, `"date_create":1,`, `"ip_address":"x",`, `"actor":{},`, `"ua":null,`, `"bytes":"-1",`, `"event":{},`, `NaN`, `U`, `USLACK`, `unknown`, `XX`,
}

// Seeds with pieces put in, taken out and doubled: most are broken, many in ways that nobody thought of.
func TestQuickIsStrict(t *testing.T) {
	decoded := 0
	rapid.Check(t, func(t *rapid.T) {
		for range 20 {
			raw := []byte(rapid.SampledFrom(quickSeeds).Draw(t, "seed"))
			for range rapid.IntRange(1, 3).Draw(t, "changes") {
				raw = change(t, raw)
			}
			if raw[0] == '{' && sameAsStrict(t, raw, Options{}) {
				decoded++
			}
		}
	})
	if decoded == 0 {
		t.Error("no changed record was decoded at all")
	}
}

// change makes one change to raw, not to its first byte.
func change(t *rapid.T, raw []byte) []byte {
	at := rapid.IntRange(1, max(1, len(raw)-1)).Draw(t, "at")
	to := min(len(raw), at+rapid.IntRange(0, 12).Draw(t, "length"))
	at = min(at, to)
	switch rapid.IntRange(0, 2).Draw(t, "how") {
	case 0:
		return bytes.Join([][]byte{raw[:at], raw[to:]}, []byte(rapid.SampledFrom(pieces).Draw(t, "piece")))
	case 1:
		return bytes.Join([][]byte{raw[:to], raw[at:]}, nil)
	}
	return bytes.Join([][]byte{raw[:at], raw[at:]}, []byte(rapid.SampledFrom(pieces).Draw(t, "piece")))
}

// What is usual must be quick: a record that silently takes the long way costs four times as much.
func TestQuickTakesTheUsual(t *testing.T) {
	for _, raw := range []string{
		minimal, benchNative, benchSlack, slackDownload,
		with(`"client":{"user_agent":"Mozilla\/5.0 \u2013 é"},"note":"\ud83d\ude00\"","tags":["a",{"b":[null,1.5e-3]}]`),
		with(`"client":{"ip":"-","country":"XX"},"bytes":null,"outcome":"weird"`),
	} {
		if !sameAsStrict(t, []byte(raw), Options{}) {
			t.Errorf("%s is left to the parser", raw)
		}
	}
}

// What only the parser can tell is left to it.
func TestQuickLeavesTheOdd(t *testing.T) {
	var many strings.Builder
	for i := range namesMax + 1 {
		fmt.Fprintf(&many, `"n%d":0,`, i)
	}
	for name, raw := range map[string]string{
		"a name twice":           with(`"x":{"a":1,"b":2,"a":1}`),
		"a long name twice":      with(`"session_id":"s","x":1,"session_id":"s"`),
		"a name of nothing":      with(`"":1,"x":1,"":1`),
		"an escape in a name":    with(`"\u0078":1`),
		"very many names":        with(many.String() + `"last":0`),
		"nesting":                with(`"x":` + strings.Repeat("[", DefaultMaxDepth) + strings.Repeat("]", DefaultMaxDepth)),
		"a long record":          with(`"x":"` + strings.Repeat("x", DefaultMaxBytes) + `"`),
		"an envelope":            `{"time":1,"event":` + minimal + `}`,
		"a page":                 `{"entries":[` + benchSlack + `]}`,
		"both formats":           with(`"date_create":1,"actor":{},"context":{}`),
		"a byte that is no text": with("\"x\":\"\xff\""),
		"a raw tab":              with("\"x\":\"\t\""),
		"half a surrogate":       with(`"x":"\ud800"`),
		"a number with a zero":   with(`"x":01`),
		"a comma too many":       with(`"x":[1,]`),
		"no id":                  `{"time":1,"org_id":"o","user_id":"u","action":"a"}`,
		"cut off":                minimal[:len(minimal)-1],
	} {
		if sameAsStrict(t, []byte(raw), Options{}) {
			t.Errorf("%s: read quickly", name)
		}
	}
}

// The events that were made for development are decoded in one pass, as the parser would.
func TestQuickOnTheDevset(t *testing.T) {
	file, err := os.Open(shared(t, "data/devset/events.ndjson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(plain)
	for n := 1; lines.Scan() && n <= 5_000; n++ {
		if !sameAsStrict(t, lines.Bytes(), Options{}) {
			t.Fatalf("line %d is left to the parser: %s", n, lines.Bytes())
		}
	}
}
