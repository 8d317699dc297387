// SPDX-License-Identifier: Apache-2.0

package tor

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func TestLookupsDuringLoad(t *testing.T) {
	f := newFile(t)
	l := f.list(Options{})
	f.write("192.0.2.1\n", noon)
	load(t, l, noon)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 2000 {
				if _, ok := l.Listed(one, after(1)); !ok {
					t.Error("not listed in between")
					return
				}
				l.Stale(noon)
			}
		})
	}
	for i := range 20 {
		f.write("192.0.2.1\n", noon.Add(time.Duration(i)*time.Minute))
		load(t, l, after(1))
	}
	wg.Wait()
}

// The shared history: intervals merge, and exits are judged by time.
func TestSharedHistory(t *testing.T) {
	path := sharedPath(t, "data/devset/tor_exits.tsv.gz")
	l := NewList(Source{Path: path}, Options{})
	load(t, l, time.Time{})
	s := l.Status(time.Time{})
	if s.Format != FormatTSV || s.Addresses < 10_000 || s.Intervals < s.Addresses {
		t.Errorf("status %+v", s)
	}
	until, ok := l.Listed(addr("1.157.218.216"), at(1566460000))
	if !ok || !until.Equal(at(1566466209)) {
		t.Errorf("an exit in its time: %v, %v", until, ok)
	}
	if _, ok := l.Listed(addr("1.157.218.216"), at(1566466209+4*3600)); ok {
		t.Error("a former exit is listed")
	}
}

func sharedPath(t *testing.T, rel string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test's directory")
		}
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(dir, "..", "shared", filepath.FromSlash(rel))
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no shared data: %v", err)
	}
	return path
}
