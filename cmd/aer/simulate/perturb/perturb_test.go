// SPDX-License-Identifier: Apache-2.0

package perturb

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

// event is a native event; its text has odd spacing and an unknown member, which must survive.
func event(n int, at time.Time) string {
	return fmt.Sprintf(
		`{"id":"e-%d", "time":%q,"org_id":"O","user_id":"U%d","x":[1,{"client":{}}],"client": {"device_id":"d%d" , "ip":"192.0.2.1","ja4":"t13d_\"q\"","asn":64500},"bytes":1.50}`,
		n, at.Format(time.RFC3339Nano), n%7, n)
}

// of runs text through run, as the files of paths would be.
func of(t interface{ Fatal(...any) }, c Config, files ...string) (string, Report) {
	m := &merged{}
	for n, text := range files {
		if err := m.add(fmt.Sprint("f", n), strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	r, err := run(c, m, &out, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), r
}

func lines(text string) []string { return strings.Split(strings.TrimSuffix(text, "\n"), "\n") }

func stream(n int, step time.Duration) []string {
	var all []string
	for i := range n {
		all = append(all, event(i, noon.Add(time.Duration(i)*step)))
	}
	return all
}

func joined(all []string) string { return strings.Join(all, "\n") + "\n" }

func TestNoDamageChangesNothing(t *testing.T) {
	text := joined(stream(500, time.Second)) + "\r\nno event\r\n" + `{"date_create":1,"actor":{}}` + "\n"
	got, r := of(t, Config{Seed: 1}, text)
	if want := strings.Replace(text, "\n\r\n", "\n", 1); got != want { // a blank line is no record
		t.Errorf("%d bytes became %d, or others", len(want), len(got))
	}
	if r.Read != 502 || r.Other != 2 || r.Written != 502 || r.OutOfOrder != 0 || r.Had["ja4"] != 500 ||
		r.Stripped["ja4"] != 0 {
		t.Errorf("%+v", r)
	}
}

// TestDefaultRates: 20,000 draws lie within five standard deviations of their rate.
func TestDefaultRates(t *testing.T) {
	const n = 20_000
	got, r := of(t, Default(), joined(stream(n, 300*time.Millisecond)))
	near := func(what string, count, of int, rate float64) {
		t.Helper()
		if off := math.Abs(float64(count) - rate*float64(of)); off > 5*math.Sqrt(rate*float64(of)) {
			t.Errorf("%s: %d of %d, want about %v", what, count, of, rate*float64(of))
		}
	}
	near("dropped", r.Dropped, n, DefaultDrop)
	near("duplicated", r.Duplicated, n, DefaultDuplicates)
	for _, name := range Stripped {
		near(name, r.Stripped[name], r.Written, DefaultStrip)
	}
	if len(lines(got)) != r.Written {
		t.Errorf("%d lines, %d reported", len(lines(got)), r.Written)
	}
	if r.DisorderMaxS < 100 || r.DisorderMaxS > DefaultDisorder.Seconds() {
		t.Errorf("disorder %v s, want close to two minutes", r.DisorderMaxS)
	}
	without := 0
	for _, l := range lines(got) {
		if !strings.Contains(l, `"ja4"`) {
			without++
		}
	}
	near("lines without ja4", without, len(lines(got)), DefaultStrip)
}

// TestConservation: whatever the rates, what was read is written, less what was dropped, plus what was duplicated, each
// line as it was but for removed fields; and nothing is further out of order than allowed.
func TestConservation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.Float64Range(0, 1)
		c := Config{
			Seed:       rapid.Uint64().Draw(t, "seed"),
			Disorder:   time.Duration(rapid.Int64Range(0, int64(MaxDisorder)).Draw(t, "disorder")),
			Duplicates: rate.Draw(t, "duplicates"), Drop: rate.Draw(t, "drop"), Strip: rate.Draw(t, "strip"),
		}
		in := stream(rapid.IntRange(1, 300).Draw(t, "n"),
			time.Duration(rapid.IntRange(0, 20_000).Draw(t, "step_ms"))*time.Millisecond)
		out, r := of(t, c, joined(in))
		if r.Read+r.Duplicated-r.Dropped != r.Written || r.Read != len(in) || r.Early != 0 {
			t.Fatalf("%+v", r)
		}
		want := map[string]int{} // by id
		for _, l := range in {
			f := c.fate([]byte(l))
			if !f.dropped {
				want[id(t, l)]++
			}
			if !f.dropped && f.duplicated {
				want[id(t, l)]++
			}
		}
		checkLines(t, c, out, in, want)
	})
}

func checkLines(t *rapid.T, c Config, out string, in []string, want map[string]int) {
	byID := map[string]string{}
	for _, l := range in {
		byID[id(t, l)] = l
	}
	newest := time.Time{}
	for _, l := range strings.Split(out, "\n") {
		if l == "" {
			continue
		}
		want[id(t, l)]--
		at := parsed(t, l)["time"].(string)
		when, err := time.Parse(time.RFC3339Nano, at)
		if err != nil {
			t.Fatal(err)
		}
		if newest.Sub(when) > c.Disorder {
			t.Fatalf("%v after %v: out of order by more than %v", when, newest, c.Disorder)
		}
		if when.After(newest) {
			newest = when
		}
		sameButFields(t, byID[id(t, l)], l)
	}
	for id, n := range want {
		if n != 0 {
			t.Fatalf("%s: %d missing", id, n)
		}
	}
}

// sameButFields says that after is before less some of the removable fields.
func sameButFields(t *rapid.T, before, after string) {
	a, b := parsed(t, before), parsed(t, after)
	for _, name := range Stripped {
		if _, kept := b["client"].(map[string]any)[name]; !kept {
			delete(a["client"].(map[string]any), name)
		}
	}
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	if !bytes.Equal(x, y) {
		t.Fatalf("changed more than fields:\n%s\n%s", before, after)
	}
}

func parsed(t interface{ Fatalf(string, ...any) }, l string) map[string]any {
	var v map[string]any
	if err := json.Unmarshal([]byte(l), &v); err != nil {
		t.Fatalf("%v in %s", err, l)
	}
	return v
}

func id(t *rapid.T, l string) string { return parsed(t, l)["id"].(string) }

// TestReadOrderDoesNotMatter: split into files, or out of order within the tolerance, the same comes out.
func TestReadOrderDoesNotMatter(t *testing.T) {
	in := stream(3000, 500*time.Millisecond)
	want, _ := of(t, Default(), joined(in))
	var even, odd, back []string
	for i, l := range in {
		if i%2 == 0 {
			even = append(even, l)
		} else {
			odd = append(odd, l)
		}
	}
	for i := 0; i < len(in); i += 600 { // five minutes each, backwards
		part := slices.Clone(in[i:min(i+600, len(in))])
		slices.Reverse(part)
		back = append(back, part...)
	}
	for name, files := range map[string][]string{"two files": {joined(even), joined(odd)},
		"backwards in part": {joined(back)}} {
		if got, _ := of(t, Default(), files...); got != want {
			t.Errorf("%s: other output", name)
		}
	}
	other := Default()
	other.Seed = 2
	if got, _ := of(t, other, joined(in)); got == want {
		t.Error("the seed does not matter")
	}
}

// TestOneRateLeavesTheOthersAlone: what is dropped at 2 % is dropped at 10 % too, and the duplicates are the same ones.
func TestOneRateLeavesTheOthersAlone(t *testing.T) {
	little, much := Default(), Default()
	much.Drop = 0.10
	for _, l := range stream(5000, time.Second) {
		a, b := little.fate([]byte(l)), much.fate([]byte(l))
		if a.dropped && !b.dropped || a.duplicated != b.duplicated || a.delay != b.delay || !slices.Equal(a.strip, b.strip) {
			t.Fatalf("%+v and %+v", a, b)
		}
	}
}

func TestWithout(t *testing.T) {
	cases := []struct{ client, want string }{
		{`{"device_id":"d","ip":"i","ja4":"j","asn":1}`, `{"ip":"i"}`},
		{`{ "device_id" : "d" , "ip" : "i" }`, `{"ip" : "i" }`},
		{`{"ip":"i" , "ja4":"}\","}`, `{"ip":"i"}`},
		{`{"ja4":null}`, `{}`},
		{`{}`, `{}`},
		{`{"ip":"i","facts":{"ja4":1}}`, `{"ip":"i","facts":{"ja4":1}}`},
	}
	for _, c := range cases {
		raw := func(client string) string {
			return `{"time":"2026-11-02T12:00:00+01:00","user_id":"U","client":` + client + `,"z":1}`
		}
		m, err := parse([]byte(raw(c.client)))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(m.without([]byte(raw(c.client)), Stripped)); got != raw(c.want) {
			t.Errorf("got  %s\nwant %s", got, raw(c.want))
		}
		if !m.time.Equal(noon.Add(-time.Hour)) {
			t.Errorf("time %v", m.time)
		}
	}
}

func TestOthersAreNoEvents(t *testing.T) {
	for _, raw := range []string{``, `[]`, `1`, `{`, `{}`, `{"time":"2026-11-02T12:00:00Z"}`, `{"user_id":"U"}`,
		`{"time":1,"user_id":"U"}`,
		`{"time":"yesterday","user_id":"U"}`, `{"time":"2026-11-02T12:00:00Z","user_id":"U"} {}`,
		`{"time":"2026-11-02T12:00:00Z","user_id":"U","client":{]}`} {
		if _, err := parse([]byte(raw)); err == nil {
			t.Errorf("%s passed for an event", raw)
		}
	}
	m := &merged{}
	if err := m.add("f", strings.NewReader("no\nevent\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := run(Default(), m, io.Discard, nil); err == nil || !strings.Contains(err.Error(), "none of 2 lines") {
		t.Errorf("got %v", err)
	}
}

// TestHoldingIsBounded: when more waits than may, the first leaves early and nothing is lost.
func TestHoldingIsBounded(t *testing.T) {
	var out bytes.Buffer
	o := &output{w: &out, c: Default(), report: Report{Had: map[string]int{}, Stripped: map[string]int{}}}
	o.bytes = heldMaxBytes // as if so much were waiting
	for _, l := range stream(5, time.Second) {
		m, err := parse([]byte(l))
		if err != nil {
			t.Fatal(err)
		}
		if err := o.take(line{raw: []byte(l), at: m.time, event: m}); err != nil {
			t.Fatal(err)
		}
	}
	if o.report.Early == 0 || o.report.Written != o.report.Read-o.report.Dropped+o.report.Duplicated || len(o.held) != 0 {
		t.Errorf("%+v, %d held", o.report, len(o.held))
	}
}

func TestValidate(t *testing.T) {
	for _, c := range []Config{{Drop: -0.1}, {Drop: 1.1}, {Strip: math.NaN()}, {Duplicates: 2}, {Disorder: -1},
		{Disorder: MaxDisorder + 1}} {
		if c.Validate() == nil {
			t.Errorf("%+v is valid", c)
		}
	}
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(event(1, noon)))
	f.Add([]byte(`{"time":"2026-11-02T12:00:00Z","user_id":"U","client":{"asn":1,"ja4":"x"}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := parse(raw)
		if err != nil {
			return
		}
		if got := m.without(raw, Stripped); !json.Valid(got) && json.Valid(raw) {
			t.Errorf("%q became %q", raw, got)
		}
	})
}
