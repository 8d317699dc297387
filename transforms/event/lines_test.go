// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// drain writes what a stream gives: ids of events, and source, offset and reason of dead letters.
func drain(next func() (*aerv1.Event, *aerv1.DeadLetter, bool)) string {
	var out []string
	for {
		ev, dead, ok := next()
		switch {
		case !ok:
			return strings.Join(out, " ")
		case dead != nil:
			out = append(out, dead.Source+":"+dead.Offset+":"+dead.Reason)
		default:
			out = append(out, ev.Id)
		}
	}
}

func TestLines(t *testing.T) {
	text := numbered(1) + "\n\n" + numbered(2) + "\r\n{\"id\":\nnonsense\n[" + numbered(3) + ",1]\n \t\n" + numbered(4)
	const want = "e-1 e-2 f:4:bad_json f:5:unknown_format e-3 f:6#1:unknown_format e-4"
	for name, in := range map[string]string{"plain": text, "gzip": gzipped(t, text), "zstd": zstded(t, text),
		"two gzip parts": gzipped(t, text[:70]) + gzipped(t, text[70:])} {
		for how, r := range map[string]io.Reader{"at once": strings.NewReader(in),
			"byte by byte": iotest.OneByteReader(strings.NewReader(in))} {
			t.Run(name+"/"+how, func(t *testing.T) {
				l := NewLines(r, "f", Options{})
				if got := drain(l.Next); got != want || l.Err() != nil {
					t.Errorf("got  %s, %v\nwant %s", got, l.Err(), want)
				}
				if l.BytesRead() != int64(len(in)) {
					t.Errorf("%d bytes read of %d", l.BytesRead(), len(in))
				}
			})
		}
	}
}

// Files that people or their tools have laid out are read as what they are; what is cut off costs only itself.
func TestLinesSpread(t *testing.T) {
	indent := func(text string) string {
		var out bytes.Buffer
		if err := json.Indent(&out, []byte(text), "", "  "); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	a, b := numbered(1), numbered(2)
	page := `{"ok":true,"entries":[` + strings.Replace(slackDownload, "0123a45b-6c7d-8900-e12f-3456789gh0i1", "s-1", 1) +
		`],"response_metadata":{"next_cursor":""}}`
	many := make([]string, DefaultMaxBatch+1)
	for i := range many {
		many[i] = a
	}
	for name, c := range map[string]struct{ text, want string }{
		"records":                   {indent(a) + "\n" + indent(b) + "\n", "e-1 e-2"},
		"a page":                    {indent(page), "s-1"},
		"an array":                  {"\xef\xbb\xbf" + indent("["+a+","+b+"]") + "\r\n", "e-1 e-2"},
		"an array, a record a line": {"[\n" + a + ",\n" + b + "\n]\n", "e-1 e-2"},
		"a long array": {indent("[" + strings.Join(many, ",") + "]"),
			strings.TrimSpace(strings.Repeat("e-1 ", len(many)))},
		"cut off in a string":      {indent(a)[:12] + "\n" + b, "f:1:bad_json f:2:unknown_format e-2"},
		"cut off after a comma":    {`{"id":"x",` + "\n" + b, "f:1:bad_json e-2"},
		"cut off at the end":       {b + "\n{\n  \"id\": \"x\",\n", "e-2 f:2:bad_json"},
		"one of several is broken": {"[\n" + a + ",\n{\"id\": 5},\n" + b + "\n]\n", "e-1 f:3:unknown_format e-2"},
		"a text sequence":          {"\x1e" + a + "\n\x1e" + indent(b) + "\n", "e-1 e-2"},
		"after records": {indent(a) + "\nnonsense\n" + b,
			fmt.Sprintf("e-1 f:%d:unknown_format e-2", strings.Count(indent(a), "\n")+2)},
	} {
		t.Run(name, func(t *testing.T) {
			if got := drain(NewLines(strings.NewReader(c.text), "f", Options{}).Next); got != c.want {
				t.Errorf("got  %.300s\nwant %.300s", got, c.want)
			}
		})
	}
}

func TestLinesEmpty(t *testing.T) {
	for _, in := range []string{"", "\n", gzipped(t, ""), zstded(t, "")} {
		l := NewLines(strings.NewReader(in), "f", Options{})
		if got := drain(l.Next); got != "" || l.Err() != nil {
			t.Errorf("%q gives %s, %v", in, got, l.Err())
		}
	}
}

func TestLinesOverLongLine(t *testing.T) {
	long := `{"id":"` + strings.Repeat("x", 20<<20) + `"}`
	l := NewLines(strings.NewReader(numbered(1)+"\n"+long+"\n"+numbered(2)+"\n"+long), "f", Options{})
	var dead []*aerv1.DeadLetter
	events := 0
	for ev, d := range l.All() {
		if ev != nil {
			events++
		} else {
			dead = append(dead, d)
		}
	}
	if events != 2 || len(dead) != 2 || l.Err() != nil {
		t.Fatalf("%d events, %d dead letters, %v", events, len(dead), l.Err())
	}
	for i, d := range dead {
		if d.Reason != ReasonTooLarge || int(d.Size) != len(long) || len(d.Raw) != rawMax || !d.Truncated ||
			d.Offset != fmt.Sprint(2+2*i) {
			t.Errorf("reason %s, size %d, kept %d, offset %s", d.Reason, d.Size, len(d.Raw), d.Offset)
		}
	}
}

func TestLinesLimitIsExact(t *testing.T) {
	for _, n := range []int{len(minimal) - 1, len(minimal)} {
		l := NewLines(strings.NewReader(minimal+"\n"), "f", Options{MaxMessageBytes: n})
		if got, fits := drain(l.Next), n == len(minimal); (got == "e-1") != fits {
			t.Errorf("limit %d of %d: %s", n, len(minimal), got)
		}
	}
}

func TestLinesBrokenCompression(t *testing.T) {
	text := strings.Repeat(minimal+"\n", 50_000)
	for name, pack := range packers {
		in := pack(t, text)
		l := NewLines(strings.NewReader(in[:len(in)/2]), "f", Options{})
		got := strings.Fields(drain(l.Next))
		if len(got) < 1000 || !strings.HasSuffix(got[len(got)-1], ":"+ReasonBadCompression) || l.Err() != nil {
			t.Errorf("%s: %d results, the last %s, error %v", name, len(got), got[len(got)-1], l.Err())
		}
	}
	for _, in := range []string{"\x1f\x8b", "\x1f\x8bxxxxxxxxxxxxxxxx", "\x28\xb5\x2f\xfd", "\x28\xb5\x2f\xfdxxxx"} {
		l := NewLines(strings.NewReader(in), "f", Options{})
		if got := drain(l.Next); got != "f:1:bad_compression" || l.Err() != nil {
			t.Errorf("%q gives %s, %v", in, got, l.Err())
		}
	}
}

func TestLinesReadError(t *testing.T) {
	broken := errors.New("disk on fire")
	for name, in := range map[string]string{"plain": numbered(1) + "\n", "gzip": gzipped(t, numbered(1)+"\n")[:60]} {
		l := NewLines(io.MultiReader(strings.NewReader(in), iotest.ErrReader(broken)), "f", Options{})
		got := drain(l.Next)
		if !errors.Is(l.Err(), broken) || !strings.Contains(l.Err().Error(), "reading f at line") {
			t.Errorf("%s: error %v", name, l.Err())
		}
		if strings.Contains(got, "bad_compression") {
			t.Errorf("%s: a fault of the machine became a dead letter: %s", name, got)
		}
	}
}

// timed gives a record with the id and seconds after a fixed time.
func timed(id string, second int) string {
	when := at("2026-11-22T10:00:00Z").Add(time.Duration(second) * time.Second).Format(time.RFC3339)
	return fmt.Sprintf(`{"id":%q,"time":%q,"org_id":"O1","user_id":"U1","action":"api_call"}`, id, when)
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFilesMerge(t *testing.T) {
	a := writeFile(t, "a", timed("a1", 1)+"\n"+timed("a4", 4)+"\nx\n"+timed("a5", 5)+"\n")
	b := writeFile(t, "b.gz", gzipped(t, timed("b2", 2)+"\n"+timed("b4", 4)+"\n"+timed("b9", 9)+"\n"))
	c := writeFile(t, "c.zst", zstded(t, "bad\n"+timed("c3", 3)+"\n"))
	empty := writeFile(t, "empty", "")
	f, err := OpenFiles([]string{a, b, empty, c}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := drain(f.Next)
	want := fmt.Sprintf("%s:1:unknown_format a1 b2 c3 a4 %s:3:unknown_format b4 a5 b9", c, a)
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if read, total := f.Progress(); read != total || total == 0 {
		t.Errorf("%d of %d bytes", read, total)
	}
	if err := errors.Join(f.Err(), f.Close()); err != nil {
		t.Error(err)
	}
}

func TestOpenFilesRefuses(t *testing.T) {
	good := writeFile(t, "a", minimal)
	for _, path := range []string{filepath.Join(t.TempDir(), "none"), t.TempDir()} {
		if _, err := OpenFiles([]string{good, path}, Options{}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v", path, err)
		}
	}
}

func TestMergeStopsWhenAsked(t *testing.T) {
	f := Merge(NewLines(strings.NewReader(numbered(1)+"\n"+numbered(2)), "f", Options{}))
	for range f.All() {
		break
	}
	if got := drain(f.Next); got != "e-2" {
		t.Errorf("after the first: %s", got)
	}
}

// Any order within the delay is put right, and nothing is lost or doubled in any case.
func TestReorder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const delay = 20
		arrivals := rapid.SliceOfN(rapid.IntRange(0, 300), 0, 60).Draw(t, "arrival")
		lag := rapid.SliceOfN(rapid.IntRange(0, delay), len(arrivals), len(arrivals)).Draw(t, "lag")
		var in []*aerv1.Event
		latest := 0
		for i := range arrivals { // arrival times that only go forward; each event happened at most delay before
			latest += arrivals[i]
			ev, _ := Decode([]byte(timed(fmt.Sprintf("e%03d", i), latest-lag[i])), Source{}, Options{})
			in = append(in, ev...)
		}
		stream := func(yield func(*aerv1.Event, *aerv1.DeadLetter) bool) {
			for _, ev := range in {
				if !yield(ev, nil) {
					return
				}
			}
		}
		limit := rapid.IntRange(0, 5).Draw(t, "limit")
		seen := map[string]bool{}
		var last *aerv1.Event
		for ev := range Reorder(stream, delay*time.Second, limit) {
			if seen[ev.Id] {
				t.Fatalf("%s twice", ev.Id)
			}
			seen[ev.Id] = true
			if limit == 0 && last != nil && Compare(last, ev) > 0 { // 0 is the default, which is not reached
				t.Fatalf("%s after %s", ev.Id, last.Id)
			}
			last = ev
		}
		if len(seen) != len(in) {
			t.Fatalf("%d of %d events", len(seen), len(in))
		}
	})
}

func TestReorderPassesDeadLettersAndStops(t *testing.T) {
	l := NewLines(strings.NewReader(timed("b", 2)+"\nx\n"+timed("a", 1)+"\n"), "f", Options{})
	var got []string
	for ev, dead := range Reorder(l.All(), time.Minute, 0) {
		if dead != nil {
			got = append(got, "dead")
		} else {
			got = append(got, ev.Id)
		}
		if len(got) == 2 {
			break
		}
	}
	if strings.Join(got, " ") != "dead a" {
		t.Error(got)
	}
}

func BenchmarkLines(b *testing.B) {
	text := bytes.Repeat([]byte(benchNative+"\n"), 1000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		for ev := range NewLines(bytes.NewReader(text), "f", Options{}).All() {
			if ev == nil {
				b.Fatal("dead letter")
			}
		}
	}
}
