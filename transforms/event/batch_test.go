// SPDX-License-Identifier: Apache-2.0

package event

import (
	"fmt"
	"strings"
	"testing"
)

// numbered gives a native record with the id e-n.
func numbered(n int) string { return strings.Replace(minimal, "e-1", fmt.Sprintf("e-%d", n), 1) }

// outcome writes what came of a message in a line: the ids of events, then offset and reason of dead letters.
func outcome(raw string, opt Options) string {
	evs, dead := Decode([]byte(raw), Source{Offset: "m"}, opt)
	var out []string
	for _, ev := range evs {
		out = append(out, ev.Id)
	}
	for _, d := range dead {
		out = append(out, d.Offset+":"+d.Reason)
	}
	return strings.Join(out, " ")
}

func TestBatches(t *testing.T) {
	a, b, c := numbered(1), numbered(2), numbered(3)
	slack := `{"id":"s-1","date_create":1659021752,"action":"user_login","actor":{"type":"user","user":{"id":"W1","team":"T1"}}}`
	for name, tc := range map[string]struct{ raw, want string }{
		"array":              {"[" + a + "," + b + "," + c + "]", "e-1 e-2 e-3"},
		"array over lines":   {"[\n  " + a + ",\n  " + b + "\n]\n", "e-1 e-2"},
		"array of one":       {"[" + a + "]", "e-1"},
		"empty array":        {" [ ] ", ""},
		"NDJSON":             {a + "\n" + b + "\r\n\n" + c + "\n", "e-1 e-2 e-3"},
		"without line feeds": {a + b, "e-1 e-2"},
		"mixed formats":      {a + "\n" + slack, "e-1 s-1"},
		"page": {`{"entries":[` + slack + "," + slack +
			`],"response_metadata":{"next_cursor":"x"}}`, "s-1 s-1"},
		"page with entries last": {`{"ok":true,"response_metadata":{"next_cursor":""}, "entries" : [` +
			slack + `]}`, "s-1"},
		"empty page":                  {`{"entries":[]}`, ""},
		"pages":                       {`{"entries":[` + slack + `]}` + "\n" + `{"entries":[` + slack + `]}`, "s-1 s-1"},
		"array of pages":              {`[{"entries":[` + slack + `]}]`, "s-1"},
		"native with entries":         {strings.TrimSuffix(a, "}") + `,"entries":[1]}`, "e-1"},
		"native with Slack-like name": {`{"context":"x",` + a[1:], "e-1"},

		"bad record":     {"[" + a + `,{"time":"x"},` + c + "]", "e-1 e-3 m#1:bad_field"},
		"duplicate name": {"[" + a + `,{"time":"x","time":"x"},` + c + "]", "e-1 e-3 m#1:duplicate_key"},
		"invalid UTF-8":  {"[" + a + `,{"time":"` + "\xff" + `"},` + c + "]", "e-1 e-3 m#1:bad_encoding"},
		"not an object": {"[1," + a + `,"x,]",null,` + b + ",[[],{}]," + c + "]",
			"e-1 e-2 e-3 m#0:unknown_format m#2:unknown_format m#3:unknown_format m#5:unknown_format"},
		"NaN":                    {"[NaN," + a + "]", "e-1 m#0:bad_json"},
		"mismatched brackets":    {"[" + a + `,{"time":[}},` + c + "]", "e-1 e-3 m#1:bad_json"},
		"trailing comma":         {"[" + a + ",]", "e-1 m#1:bad_json"},
		"missing comma":          {"[" + a + " " + b + "," + c + "]", "e-1 m#1:bad_json"},
		"array cut off":          {"[" + a + "," + b[:40], "e-1 m#1:bad_json"},
		"array cut between":      {"[" + a + "," + b, "e-1 e-2 m#2:bad_json"},
		"array cut after comma":  {"[" + a + ",", "e-1 m#1:bad_json m#2:bad_json"},
		"only a bracket":         {"[", "m#0:bad_json m#1:bad_json"},
		"more after the array":   {"[" + a + "] x", "e-1 m#1:bad_json"},
		"bad line":               {a + "\n" + b[:40] + "\n" + c, "e-1 e-3 m#1:bad_json"},
		"line with open string":  {a + "\n" + `{"id":"` + "\n" + c + "\n", "e-1 e-3 m#1:bad_json"},
		"line without braces":    {a + "\nhello, world\n" + c, "e-1 e-3 m#1:bad_json"},
		"first line is words":    {"hello\n" + c, "e-3 m#0:bad_json"},
		"page cut off":           {`{"entries":[` + slack + `,{"id":"x`, "s-1 m#1:bad_json"},
		"page cut after entries": {`{"entries":[` + slack + `],"response_metadata":{"ne`, "s-1 m#1:bad_json"},
		"page with two entries":  {`{"entries":[` + slack + `],"entries":[]}`, "m:duplicate_key"},
		"page without array":     {`{"entries":{}}`, "m:bad_field"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := outcome(tc.raw, Options{}); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestBatchLimits(t *testing.T) {
	a := numbered(1)
	if got := outcome("["+a+","+a+","+a+"]", Options{MaxBatch: 2}); got != "e-1 e-1 m#2:too_large" {
		t.Error(got)
	}
	if got := outcome(a+"\n"+a+"\n"+a, Options{MaxBatch: 2}); got != "e-1 e-1 m#2:too_large" {
		t.Error(got)
	}
	if got := outcome("["+a+",{\"x\":\""+strings.Repeat("x", 500)+"\"},"+a+"]",
		Options{MaxBytes: 200}); got != "e-1 e-1 m#1:too_large" {
		t.Error(got)
	}
	page := `{"entries":[` +
		strings.Repeat(`{"id":"s","date_create":1659021752,"action":"a","actor":{"user":{"id":"W","team":"T"}}},`, 9998)
	page += `{"id":"last","date_create":1659021752,"action":"a","actor":{"user":{"id":"W","team":"T"}}}]}`
	evs, dead := Decode([]byte(page), Source{}, Options{})
	if len(evs) != 9999 || len(dead) != 0 {
		t.Errorf("the largest page gives %d events and %d dead letters", len(evs), len(dead))
	}
}

func TestFormatIsObeyed(t *testing.T) {
	slack := `{"id":"s-1","date_create":1659021752,"action":"user_login","actor":{"type":"user","user":{"id":"W1","team":"T1"}}}`
	for _, c := range []struct {
		format    Format
		raw, want string
	}{
		{Native, numbered(1), "e-1"},
		{Native, slack, "m:missing_field"},
		{Native, `{"entries":[` + numbered(1) + `]}`, "e-1"},
		{Native, "hello", "m:bad_json"},
		{Slack, slack, "s-1"},
		{Slack, `{"entries":[` + slack + `]}`, "s-1"},
		{Slack, numbered(1), "m:missing_field"},
		{Slack, "[]", ""},
	} {
		if got := outcome(c.raw, Options{Format: c.format}); got != c.want {
			t.Errorf("%s as %s: %s, want %s", c.raw, c.format, got, c.want)
		}
	}
}

func TestParseFormat(t *testing.T) {
	for _, f := range []Format{Auto, Native, Slack, Proto} {
		if got, err := ParseFormat(f.String()); got != f || err != nil {
			t.Errorf("%s reads back as %s, %v", f, got, err)
		}
	}
	if _, err := ParseFormat("xml"); err == nil || !strings.Contains(err.Error(), "native") {
		t.Errorf("error %v does not say what would be right", err)
	}
}

// Broken lines must not make decoding quadratic: a message of many is read in one go after the first.
func TestManyBrokenLinesAreQuick(t *testing.T) {
	raw := strings.Repeat(`{"id":"`+strings.Repeat("x", 10_000)+"\n", 1500)
	evs, dead := Decode([]byte(raw), Source{}, Options{})
	if len(evs) != 0 || len(dead) != DefaultMaxBatch+1 {
		t.Errorf("%d dead letters", len(dead))
	}
}
