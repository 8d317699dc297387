// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func TestAVersionThatHasEndedSaysSo(t *testing.T) {
	x := NewIndex(version("a", 0, 24))
	for _, c := range []struct {
		after time.Duration
		want  string
	}{
		{0, ""}, {24 * time.Hour, ""}, {30 * time.Hour, ""}, // the next version may come some hours late
		{31 * time.Hour, "judged by the baseline valid until 2026-03-03, 7 hours old: no newer one was known"},
		{24 * 4 * time.Hour, "judged by the baseline valid until 2026-03-03, 3 days old: no newer one was known"},
	} {
		if got := x.StaleNote(monday.Add(c.after)); got != c.want {
			t.Errorf("%v after its begin: %q, want %q", c.after, got, c.want)
		}
	}
	if NewIndex(version("open", 0, 0)).StaleBy(monday.AddDate(9, 0, 0)) != 0 {
		t.Error("a version without an end is never stale")
	}
}

// TestWatchTellsEachChangeOnce, and events that come late change nothing.
func TestWatchTellsEachChangeOnce(t *testing.T) {
	var heard []string
	w := Watch(NewVersions([]*aerv1.Baseline{version("a", 0, 24), version("b", 24, 48)}), func(c Change) {
		heard = append(heard, string(c.Condition))
		if !strings.Contains(c.String(), c.Time.Format(time.RFC3339)) {
			t.Errorf("%q does not say when", c)
		}
	})
	for _, h := range []int{-2, -1, 0, 5, -1, 30, 60, 61, 3, 100, 20} {
		w.At(monday.Add(time.Duration(h) * time.Hour))
	}
	if want := []string{"missing", "fresh", "stale"}; !slices.Equal(heard, want) {
		t.Errorf("heard %v, want %v", heard, want)
	}
	if w.Condition() != Stale {
		t.Errorf("the condition is %s", w.Condition())
	}
}

// TestWatchIsSafe for many goroutines: changes alternate, however lookups interleave. Run with -race.
func TestWatchIsSafe(t *testing.T) {
	var heard []Condition
	w := Watch(NewVersions([]*aerv1.Baseline{version("a", 0, 24)}), func(c Change) { heard = append(heard, c.Condition) })
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for h := range 400 {
				w.At(monday.Add(time.Duration(h) * 10 * time.Minute))
			}
		})
	}
	wg.Wait()
	if !slices.Equal(heard, []Condition{Stale}) {
		t.Errorf("heard %v", heard)
	}
}

// TestFollowKeepsTheLastGood drives a file through everything that can happen to it, with ticks that the test gives.
func TestFollowKeepsTheLastGood(t *testing.T) {
	path := filepath.Join(t.TempDir(), "baselines")
	whole := encoded(t, version("a", 0, 24), version("b", 24, 48))
	if err := os.WriteFile(path, encoded(t, version("a", 0, 24)), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFile(path + ".none"); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("no file: %v", err)
	}
	f, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ticks, told := make(chan time.Time), make(chan string, 1)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		f.Follow(ctx, ticks, func(changed bool, err error) {
			switch {
			case err != nil:
				told <- "failed"
			case changed:
				told <- "changed"
			default:
				told <- "well again"
			}
		})
	})
	tick := func() string {
		ticks <- time.Time{}
		ticks <- time.Time{} // taken only when the first has been dealt with; an unchanged file says nothing
		select {
		case s := <-told:
			return s
		default:
			return ""
		}
	}
	at := func() string { return f.At(monday.Add(30 * time.Hour)).Version() }
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		what string
		put  []byte // nil = remove
		want string
		sees string
	}{
		{"truncated", whole[:len(whole)/2], "failed", "a"}, {"still truncated", whole[:len(whole)/2], "", "a"},
		{"garbage", []byte("garbage"), "failed", "a"}, {"gone", nil, "failed", "a"}, {"emptied", []byte{}, "failed", "a"},
		{"replaced", whole, "changed", "b"},
		{"gone again", nil, "failed", "b"}, {"the same again", whole, "changed", "b"}, {"an older one", old, "changed", "a"},
	} {
		if c.put == nil {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		} else if c.want != "" {
			next := path + ".next"
			if err := os.WriteFile(next, c.put, 0o644); err != nil {
				t.Fatal(err)
			}
			when := monday.Add(time.Duration(i) * time.Second)
			if err := os.Chtimes(next, when, when); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(next, path); err != nil {
				t.Fatal(err)
			}
		}
		if got := tick(); got != c.want || at() != c.sees {
			t.Errorf("%s: %q and version %s, want %q and %s", c.what, got, at(), c.want, c.sees)
		}
	}
	cancel()
	wg.Wait()
}
