// SPDX-License-Identifier: Apache-2.0

package enrich

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/enrich/tor"
)

func isTor(e *Enricher, ip string, at time.Time) bool {
	ev := event(at, &aerv1.Client{Ip: ip})
	e.Enrich(ev)
	return ev.Client.Facts.Tor
}

func refresh(t *testing.T, e *Enricher, now time.Time, wantChanged bool, wantErr string) {
	t.Helper()
	changed, err := e.Refresh(now)
	if changed != wantChanged || (err == nil) != (wantErr == "") || err != nil && !strings.Contains(err.Error(), wantErr) {
		t.Errorf("Refresh = %v, %v, want %v and an error with %q", changed, err, wantChanged, wantErr)
	}
}

func TestRefresh(t *testing.T) {
	path := writeFile(t, filepath.Join(t.TempDir(), "bulk"), "192.0.2.1\n", noon)
	e := newEnricher(t, func(c *Config) {
		c.Tor, c.RefreshJitter = []tor.Source{{Path: path}}, 0
	})
	minutes := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }
	refresh(t, e, noon, false, "") // unchanged since New

	writeFile(t, path, "192.0.2.1\n192.0.2.2\n", minutes(50))
	refresh(t, e, minutes(59), false, "") // not yet time
	if isTor(e, "192.0.2.2", minutes(59)) {
		t.Error("a file was read before its time")
	}
	refresh(t, e, minutes(60), true, "")
	if !isTor(e, "192.0.2.2", minutes(61)) {
		t.Error("the new exit is not known")
	}

	writeFile(t, path, "<html>\n", minutes(110))
	refresh(t, e, minutes(120), false, path+":1:")
	if !isTor(e, "192.0.2.2", minutes(121)) {
		t.Error("the last good list is gone")
	}
	s := e.Status(minutes(121))
	if s.Failures != 1 || s.Err == nil || !s.NextRefresh.Equal(minutes(125)) || !s.LastRefresh.Equal(minutes(120)) {
		t.Errorf("status %+v, want a failure and a retry in 5 minutes", s)
	}
	refresh(t, e, minutes(124), false, "")
	refresh(t, e, minutes(125), false, path)
	if s := e.Status(minutes(50 + 361)); !s.TorStale || s.Failures != 2 {
		t.Errorf("status %+v, want the alarm 6 h after the last good list", s)
	}
	writeFile(t, path, "192.0.2.1\n", minutes(400))
	refresh(t, e, minutes(400), true, "")
	if s := e.Status(minutes(401)); s.TorStale || s.Failures != 0 || s.Err != nil {
		t.Errorf("status %+v, want all well again", s)
	}
}

func TestStartWithoutLists(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bulk")
	c := DefaultConfig()
	c.Tor = []tor.Source{{Path: path}}
	if _, err := New(c); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("New = %v, want an error that names the file", err)
	}
	c.StartWithoutLists = true
	e, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	ev := event(noon, &aerv1.Client{Ip: "192.0.2.1", UserAgent: chrome})
	e.Enrich(ev)
	if f := ev.Client.Facts; !f.TorStale || f.Tor || f.Class != aerv1.ClassBrowser {
		t.Errorf("facts %v, want the class and that Tor is not known", f)
	}
	if s := e.Status(noon); !s.TorStale || s.Err == nil || s.Failures != 1 {
		t.Errorf("status %+v, want the alarm", s)
	}
	writeFile(t, path, "192.0.2.1\n", noon)
	refresh(t, e, noon, true, "")
	if !isTor(e, "192.0.2.1", noon) {
		t.Error("the list was not read when it came")
	}
}

// What was left out of a list in use is in the status.
func TestStatusNamesBadLines(t *testing.T) {
	dir := t.TempDir()
	e := newEnricher(t, func(c *Config) {
		c.Tor = []tor.Source{{Path: writeFile(t, filepath.Join(dir, "exits"), "192.0.2.1\nThu\n", noon)}}
		c.Network.HostingFile = writeFile(t, filepath.Join(dir, "hosting"), "64500\n-----\n", noon)
	})
	if w := e.Status(noon).Warnings; len(w) != 2 || !strings.Contains(w[0], "exits:2:") ||
		!strings.Contains(w[1], "hosting:2:") {
		t.Errorf("warnings %q", w)
	}
	if !isTor(e, "192.0.2.1", noon) || !e.resolver.Hosting(64500, "") {
		t.Error("the good lines are not in use")
	}
}

// A broken file does not keep the others from being refreshed.
func TestRefreshGoesOnAfterAFailure(t *testing.T) {
	dir := t.TempDir()
	a := writeFile(t, filepath.Join(dir, "a"), "192.0.2.1\n", noon)
	b := writeFile(t, filepath.Join(dir, "b"), "192.0.2.2\n", noon)
	hosting := writeFile(t, filepath.Join(dir, "hosting"), "64500\n", noon)
	e := newEnricher(t, func(c *Config) {
		c.Tor = []tor.Source{{Path: a}, {Path: b}}
		c.Network.HostingFile = hosting
	})
	if err := os.Remove(a); err != nil {
		t.Fatal(err)
	}
	writeFile(t, b, "192.0.2.3\n", noon.Add(time.Minute))
	writeFile(t, hosting, "64501\n", noon.Add(time.Minute))
	refresh(t, e, noon.Add(time.Hour), true, a)
	if !isTor(e, "192.0.2.1", noon) || !isTor(e, "192.0.2.3", noon.Add(time.Hour)) {
		t.Error("want the last good of one list and the new content of the other")
	}
	ev := event(noon, &aerv1.Client{Asn: 64501})
	if e.Enrich(ev); !ev.Client.Facts.Hosting {
		t.Error("the list of hosting providers was not refreshed")
	}
}

func TestJitter(t *testing.T) {
	c := DefaultConfig()
	seen := map[time.Duration]bool{}
	for _, worker := range []string{"", "worker-1", "worker-2", "worker-3"} {
		c.WorkerID = worker
		for attempt := range uint64(50) {
			j := jitter(c, attempt)
			if j != jitter(c, attempt) {
				t.Fatal("the jitter is not repeatable")
			}
			if limit := time.Duration(c.RefreshJitter * float64(c.RefreshEvery)); j < 0 || j >= limit {
				t.Errorf("jitter %v, want 0 to %v", j, limit)
			}
			seen[j.Truncate(time.Minute)] = true
		}
	}
	if len(seen) < 10 {
		t.Errorf("the jitter takes %d values of 12 minutes, want it spread", len(seen))
	}
}

func TestEnrichDuringRefresh(t *testing.T) {
	path := writeFile(t, filepath.Join(t.TempDir(), "bulk"), "192.0.2.1\n", noon)
	e := newEnricher(t, func(c *Config) { c.Tor = []tor.Source{{Path: path}} })
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 1000 {
				if !isTor(e, "192.0.2.1", noon) {
					t.Error("a listed exit was missed")
					return
				}
				e.Status(noon)
			}
		})
	}
	for h := range 20 {
		now := noon.Add(time.Duration(h) * time.Hour)
		writeFile(t, path, "192.0.2.1\n", now)
		if _, err := e.Refresh(now); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
}
