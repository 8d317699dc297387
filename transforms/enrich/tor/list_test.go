// SPDX-License-Identifier: Apache-2.0

package tor

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// file is an exit list on disk whose modification times the test sets.
type file struct {
	t    testing.TB
	path string
}

func newFile(t testing.TB) *file { return &file{t, filepath.Join(t.TempDir(), "exits")} }

func (f *file) write(content string, mtime time.Time) {
	f.t.Helper()
	if err := os.WriteFile(f.path, []byte(content), 0o600); err != nil {
		f.t.Fatal(err)
	}
	if err := os.Chtimes(f.path, mtime, mtime); err != nil {
		f.t.Fatal(err)
	}
}

func (f *file) list(opts Options) *List { return NewList(Source{Path: f.path}, opts) }

func load(t testing.TB, l *List, now time.Time) {
	t.Helper()
	if _, err := l.Load(now); err != nil {
		t.Fatal(err)
	}
}

var (
	noon = when("2022-05-01 12:00:00")
	one  = addr("192.0.2.1")
	two  = addr("192.0.2.2")
)

func after(hours float64) time.Time { return noon.Add(time.Duration(hours * float64(time.Hour))) }

func wantListed(t *testing.T, l *List, addr string, hours float64, want bool) {
	t.Helper()
	a := one
	if addr == "two" {
		a = two
	}
	if _, ok := l.Listed(a, after(hours)); ok != want {
		t.Errorf("%s listed at %+.2f h: %v, want %v", addr, hours, ok, want)
	}
}

// Hourly snapshots: one stays, two leaves after the second.
func TestSnapshotsAccumulate(t *testing.T) {
	f := newFile(t)
	l := f.list(Options{})
	f.write("192.0.2.1\n192.0.2.2\n", noon)
	load(t, l, noon)
	wantListed(t, l, "one", -2.9, true) // what waited before the start
	wantListed(t, l, "one", -3.1, false)
	wantListed(t, l, "one", 5, true) // no later snapshot says otherwise
	for h := 1.0; h <= 8; h++ {
		content := "192.0.2.1\n"
		if h == 1 {
			content += "192.0.2.2\n"
		}
		f.write(content, after(h))
		load(t, l, after(h))
	}
	wantListed(t, l, "one", 0.5, true) // late events are judged by their own time
	wantListed(t, l, "one", 8.5, true)
	wantListed(t, l, "two", 0.5, true)
	wantListed(t, l, "two", 3.9, true) // flapping is not leaving
	wantListed(t, l, "two", 4.1, false)
	if until, _ := l.Listed(one, after(1)); !until.Equal(after(8)) {
		t.Errorf("one was last confirmed at %v, want %v", until, after(8))
	}
	if s := l.Status(after(8)); s.Addresses != 2 || s.Intervals != 2 || !s.AsOf.Equal(after(8)) || s.Stale ||
		s.Format != FormatBulk {
		t.Errorf("status %+v", s)
	}
}

func TestSnapshotOfANewExitSaysNothingAboutBefore(t *testing.T) {
	f := newFile(t)
	l := f.list(Options{})
	f.write("192.0.2.1\n", noon)
	load(t, l, noon)
	f.write("192.0.2.1\n192.0.2.2\n", after(2))
	load(t, l, after(2))
	wantListed(t, l, "two", 1.9, false)
	wantListed(t, l, "two", 2, true)
}

// The list was not renewed for longer than the grace: who is listed before and after was so in between.
func TestSnapshotsBridgeAnOutage(t *testing.T) {
	f := newFile(t)
	l := f.list(Options{})
	f.write("192.0.2.1\n192.0.2.2\n", noon)
	load(t, l, noon)
	wantListed(t, l, "one", 5.5, true)
	f.write("192.0.2.1\n", after(10))
	load(t, l, after(10))
	wantListed(t, l, "one", 5.5, true)
	wantListed(t, l, "two", 2.5, true)
	wantListed(t, l, "two", 5.5, false)
}

func TestOlderSnapshotAddsToThePastOnly(t *testing.T) {
	f := newFile(t)
	l := f.list(Options{})
	f.write("192.0.2.1\n", noon)
	load(t, l, noon)
	f.write("192.0.2.1\n", after(10))
	load(t, l, after(10))
	f.write("192.0.2.2\n", after(5))
	load(t, l, after(10))
	wantListed(t, l, "two", 5.5, true)
	wantListed(t, l, "two", 10, false)
	wantListed(t, l, "one", 12, true)
	if s := l.Status(after(10)); !s.AsOf.Equal(after(10)) {
		t.Errorf("as of %v, want the newest snapshot", s.AsOf)
	}
}

func TestStaleness(t *testing.T) {
	f := newFile(t)
	l := f.list(Options{})
	if !l.Stale(noon) || !l.Status(noon).Stale {
		t.Error("a list that was never read is fresh")
	}
	f.write("192.0.2.1\n", noon)
	load(t, l, noon)
	for _, tt := range []struct {
		hours float64
		want  bool
	}{{-3.1, true}, {-2.9, false}, {0, false}, {5.9, false}, {6, false}, {6.1, true}, {100, true}} {
		if got := l.Stale(after(tt.hours)); got != tt.want {
			t.Errorf("stale at %+.1f h: %v, want %v", tt.hours, got, tt.want)
		}
	}
	wantListed(t, l, "one", 100, true) // stale, not gone: findings log
	f.write("192.0.2.1\n", after(99))
	load(t, l, after(99))
	if l.Stale(after(100)) {
		t.Error("stale after a refresh")
	}
}

// TorDNSEL says itself when it was taken: a mirror that copies an old file every hour is stale all the same.
func TestStalenessByContent(t *testing.T) {
	f := newFile(t)
	l := f.list(Options{})
	f.write(torDNSEL, after(20))
	load(t, l, after(20))
	if !l.Stale(after(20)) {
		t.Error("an old list with a new modification time is fresh")
	}
	if l.Stale(when("2022-05-01 15:00:00")) {
		t.Error("not valid in its own time")
	}
	if _, ok := l.Listed(addr("198.51.100.2"), when("2022-05-01 10:30:00")); ok {
		t.Error("a relay that left yesterday is listed today")
	}
}

func TestClockAheadDoesNotKeepAListFresh(t *testing.T) {
	f := newFile(t)
	l := f.list(Options{})
	f.write("192.0.2.1\n", after(1000))
	load(t, l, time.Time{}) // at the start the time is not known
	load(t, l, noon)
	if !l.Stale(after(7)) {
		t.Error("a list from the future is fresh for ever")
	}
}

func TestHistoryIsNotStaleInsideItsPeriod(t *testing.T) {
	f := newFile(t)
	l := f.list(Options{})
	f.write(fmt.Sprintf("192.0.2.1\t%d\t%d\n192.0.2.2\t%d\t%d\n", after(0).Unix(), after(10).Unix(), after(900).Unix(),
		after(1000).Unix()), noon)
	load(t, l, noon) // the clock of a replay does not bound a history
	for _, tt := range []struct {
		hours float64
		want  bool
	}{{-1, true}, {0, false}, {500, false}, {1005, false}, {1007, true}} {
		if got := l.Stale(after(tt.hours)); got != tt.want {
			t.Errorf("stale at %+.0f h: %v, want %v", tt.hours, got, tt.want)
		}
	}
	wantListed(t, l, "one", 5, true)
	wantListed(t, l, "one", 12, true)
	wantListed(t, l, "one", 14, false) // a former exit
	wantListed(t, l, "two", 14, false) // not yet one
	wantListed(t, l, "two", 950, true)
}

func TestLastGoodStays(t *testing.T) {
	f := newFile(t)
	l := f.list(Options{})
	if _, err := l.Load(noon); err == nil || !strings.Contains(err.Error(), "opening Tor exit list") {
		t.Errorf("missing file: %v", err)
	}
	f.write("192.0.2.1\n", noon)
	load(t, l, noon)
	if changed, err := l.Load(noon); changed || err != nil {
		t.Errorf("unchanged file: %v, %v", changed, err)
	}
	f.write("<html>502</html>\n", after(1))
	if _, err := l.Load(after(1)); err == nil || !strings.Contains(err.Error(), f.path+":1:") {
		t.Errorf("broken file: %v, want its name and line", err)
	}
	wantListed(t, l, "one", 1, true)
	if err := os.Remove(f.path); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Load(after(2)); err == nil {
		t.Error("no error for a file that went away")
	}
	wantListed(t, l, "one", 2, true)
	f.write("192.0.2.1\n192.0.2.2\n", after(3))
	if changed, err := l.Load(after(3)); !changed || err != nil {
		t.Errorf("mended file: %v, %v", changed, err)
	}
	wantListed(t, l, "two", 3, true)
}

// A year of hourly snapshots in which every exit is new each day takes no more memory than the retention.
func TestRetentionBoundsMemory(t *testing.T) {
	l := NewList(Source{}, Options{Retention: 48 * time.Hour})
	for h := range 24 * 30 {
		now := after(float64(h))
		listing, err := Parse("list", strings.NewReader(fmt.Sprintf("198.18.%d.1\n", h/24)), FormatBulk, now)
		if err != nil {
			t.Fatal(err)
		}
		next, err := l.merge(l.state.Load(), listing, now)
		if err != nil {
			t.Fatal(err)
		}
		l.state.Store(next)
	}
	if s := l.Status(noon); s.Intervals > 4 {
		t.Errorf("%d intervals are kept, want those of 48 h", s.Intervals)
	}
}

// A snapshot that lost most of its exits is taken for a part of one, until there is nothing better.
func TestSnapshotCutOff(t *testing.T) {
	exits := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "198.18.0.%d\n", i)
		}
		return b.String()
	}
	for name, c := range map[string]struct {
		before, next int
		hours        float64
		refused      bool
	}{
		"a part of it": {200, 99, 1, true}, "half of it": {200, 100, 1, false}, "a small list": {99, 1, 1, false},
		"the old one is stale": {200, 99, 7, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFile(t)
			l := f.list(Options{})
			f.write(exits(c.before), noon)
			load(t, l, noon)
			f.write(exits(c.next), after(c.hours))
			changed, err := l.Load(after(c.hours))
			if changed == c.refused || (err != nil) != c.refused {
				t.Fatalf("changed %t, error %v", changed, err)
			}
			if err != nil && (!strings.Contains(err.Error(), "a part of it seems to be missing") ||
				l.Status(noon).Addresses != c.before) {
				t.Errorf("%v, %+v", err, l.Status(noon))
			}
		})
	}
}

func TestStatusNamesBadLines(t *testing.T) {
	f := newFile(t)
	l := f.list(Options{})
	f.write("192.0.2.1\nThu\n", noon)
	load(t, l, noon)
	if w := l.Status(noon).Warnings(); len(w) != 1 || !strings.Contains(w[0], `:2: "Thu" is not an IP address`) {
		t.Errorf("warnings %q", w)
	}
	f.write("192.0.2.1\na\nb\nc\nd\n", after(1))
	if _, err := l.Load(after(1)); err == nil {
		t.Error("a list that is mostly wrong was taken")
	}
	wantListed(t, l, "one", 1, true)
	f.write("192.0.2.1\n", after(2))
	load(t, l, after(2))
	if w := l.Status(noon).Warnings(); len(w) != 0 {
		t.Errorf("warnings %q about a list without bad lines", w)
	}
}
