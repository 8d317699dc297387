// SPDX-License-Identifier: Apache-2.0

package kv_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/sinktest"
)

var ctx = context.Background()

func TestEngines(t *testing.T) { sinktest.Engines(t, suite) }

func suite(t *testing.T, open sinktest.Open[kv.Store]) {
	t.Run("what was written is kept", func(t *testing.T) {
		s, reopen := open(t)
		put(t, s, "a", "1", "b", "", "c", "3")
		sinktest.Must(t, s.Update(ctx, func(tx kv.Tx) error { return tx.Put("b", []byte("nil"), nil) }))
		sinktest.Must(t, s.Update(ctx, func(tx kv.Tx) error {
			return errors.Join(tx.Delete("b", []byte("a")), tx.Delete("b", []byte("none")), tx.Delete("other", []byte("none")))
		}))
		wantAll(t, reopen(), kv.Range{}, "b=", "c=3", "nil=")
	})
	t.Run("a transaction sees its own writes, and leaves none if it fails", func(t *testing.T) {
		s, _ := open(t)
		put(t, s, "a", "1", "b", "2")
		boom := errors.New("boom")
		change := func(tx kv.Tx) error {
			sinktest.Must(t, errors.Join(tx.Put("b", []byte("c"), []byte("3")), tx.Delete("b", []byte("a")),
				tx.Put("b", []byte("b"), []byte("9"))))
			if tx.Get("b", []byte("a")) != nil || string(tx.Get("b", []byte("b"))) != "9" {
				t.Error("a transaction does not see what it wrote")
			}
			if diff := cmp.Diff([]string{"b=9", "c=3"}, scan(t, tx, kv.Range{})); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([]string{"b=9"}, scan(t, tx, kv.Range{Limit: 1})); diff != "" {
				t.Error(diff)
			}
			return boom
		}
		sinktest.WantIs(t, s.Update(ctx, change), boom)
		func() {
			defer func() { _ = recover() }()
			_ = s.Update(ctx, func(tx kv.Tx) error { return panicAfter(change(tx)) })
		}()
		wantAll(t, s, kv.Range{}, "a=1", "b=2")
	})
	t.Run("of updates at once each is kept or fails by itself", func(t *testing.T) {
		s, reopen := open(t)
		boom := errors.New("boom")
		var at sync.WaitGroup
		var want []string
		for i := range 30 {
			name := fmt.Sprintf("%02d", i)
			if i%3 > 0 {
				want = append(want, name+"=x")
			}
			at.Go(func() {
				err := s.Update(ctx, func(tx kv.Tx) error {
					if err := tx.Put("b", []byte(name), []byte("x")); err != nil || i%3 > 0 {
						return err
					}
					return boom
				})
				if errors.Is(err, boom) != (i%3 == 0) || err != nil && i%3 > 0 {
					t.Errorf("update %d: %v", i, err)
				}
			})
		}
		at.Wait()
		wantAll(t, reopen(), kv.Range{}, want...)
	})
	t.Run("ranges", func(t *testing.T) {
		s, _ := open(t)
		put(t, s, "a", "", "aa", "", "ab", "", "ab\x00", "", "ab\xff", "", "b", "")
		for _, c := range []struct {
			r    kv.Range
			want []string
		}{
			{kv.Range{Prefix: []byte("ab")}, []string{"ab=", "ab\x00=", "ab\xff="}},
			{kv.Range{Prefix: []byte("a"), After: []byte("ab")}, []string{"ab\x00=", "ab\xff="}},
			{kv.Range{Prefix: []byte("a"), After: []byte("aab"), Limit: 1}, []string{"ab="}},
			{kv.Range{Prefix: []byte("b"), After: []byte("a")}, []string{"b="}},
			{kv.Range{Prefix: []byte("c")}, nil},
			{kv.Range{After: []byte("b")}, nil},
			{kv.Range{Limit: 2}, []string{"a=", "aa="}},
		} {
			wantAll(t, s, c.r, c.want...)
		}
	})
	t.Run("hostile keys are apart", func(t *testing.T) {
		s, reopen := open(t)
		for _, id := range sinktest.HostileIDs {
			sinktest.Must(t, s.Update(ctx, func(tx kv.Tx) error { return tx.Put("b", kv.Key(id, "x"), []byte(id)) }))
		}
		for _, id := range sinktest.HostileIDs {
			got := read(t, reopen(), kv.Of(id))
			if len(got) != 1 || !strings.HasSuffix(got[0], "="+id) {
				t.Errorf("%.40q has %.80q", id, got)
			}
		}
	})
	t.Run("who counts at once counts all", func(t *testing.T) {
		s, _ := open(t)
		var mu sync.Mutex
		seen := map[uint64]bool{}
		sinktest.Together(func(int) {
			n, err := kv.Write(ctx, s, func(tx kv.Tx) (uint64, error) { return kv.NextSeq(tx, "c") })
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			seen[n] = true
		})
		if len(seen) != sinktest.ParallelCalls || !seen[1] || !seen[sinktest.ParallelCalls] {
			t.Errorf("numbers are %v", seen)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		s, _ := open(t)
		called := func(kv.Tx) error { t.Error("a cancelled call went on"); return nil }
		sinktest.WantIs(t, s.View(sinktest.Cancelled(), called), context.Canceled)
		sinktest.WantIs(t, s.Update(sinktest.Cancelled(), called), context.Canceled)
	})
}

func panicAfter(err error) error { panic(err) }

// TestLikeAMap: whatever is written and deleted, every engine scans what a map would hold, in order.
func TestLikeAMap(t *testing.T) {
	for name, open := range map[string]sinktest.Open[kv.Store]{"memory": sinktest.OpenMemory, "bolt": sinktest.OpenBolt,
		"firestore": sinktest.OpenFirestore} {
		t.Run(name, func(t *testing.T) { likeAMap(t, open) })
	}
}

func likeAMap(t *testing.T, open sinktest.Open[kv.Store]) {
	s, _ := open(t)
	bucket := 0
	keys := rapid.SampledFrom([]string{"", "a", "aa", "ab", "b", "a\x00", "\xff"})
	rapid.Check(t, func(rt *rapid.T) {
		bucket++
		b, model := fmt.Sprint("b", bucket), map[string]string{}
		for range rapid.IntRange(1, 4).Draw(rt, "transactions") {
			writes := rapid.SliceOfN(keys.Filter(func(k string) bool { return k != "" }), 0, 6).Draw(rt, "keys")
			sinktest.Must(t, s.Update(ctx, func(tx kv.Tx) error { return write(tx, b, writes, model) }))
		}
		r := kv.Range{Prefix: []byte(keys.Draw(rt, "prefix")), After: []byte(keys.Draw(rt, "after")),
			Limit: rapid.IntRange(0, 3).Draw(rt, "limit")}
		var got []string
		sinktest.Must(t, s.View(ctx, func(tx kv.Tx) error {
			return tx.Scan(b, r, func(k, v []byte) error { got = append(got, string(k)+"="+string(v)); return nil })
		}))
		if diff := cmp.Diff(expected(model, r), got); diff != "" {
			rt.Fatal(diff)
		}
	})
}

// write puts each key, or deletes it if it is there.
func write(tx kv.Tx, bucket string, keys []string, model map[string]string) error {
	for i, k := range keys {
		if _, ok := model[k]; ok {
			delete(model, k)
			if err := tx.Delete(bucket, []byte(k)); err != nil {
				return err
			}
			continue
		}
		model[k] = fmt.Sprint(i)
		if err := tx.Put(bucket, []byte(k), []byte(model[k])); err != nil {
			return err
		}
	}
	return nil
}

func expected(model map[string]string, r kv.Range) (all []string) {
	var keys []string
	for k := range model {
		if strings.HasPrefix(k, string(r.Prefix)) && k > string(r.After) {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for i, k := range keys {
		if r.Limit == 0 || i < r.Limit {
			all = append(all, k+"="+model[k])
		}
	}
	return all
}

// put writes keys and values to the bucket b.
func put(t *testing.T, s kv.Store, pairs ...string) {
	t.Helper()
	sinktest.Must(t, s.Update(ctx, func(tx kv.Tx) error {
		for i := 0; i < len(pairs); i += 2 {
			if err := tx.Put("b", []byte(pairs[i]), []byte(pairs[i+1])); err != nil {
				return err
			}
		}
		return nil
	}))
}

func scan(t *testing.T, tx kv.Tx, r kv.Range) (all []string) {
	t.Helper()
	sinktest.Must(t, tx.Scan("b", r, func(k, v []byte) error { all = append(all, string(k)+"="+string(v)); return nil }))
	return all
}

func read(t *testing.T, s kv.Store, r kv.Range) (all []string) {
	t.Helper()
	sinktest.Must(t, s.View(ctx, func(tx kv.Tx) error { all = scan(t, tx, r); return nil }))
	return all
}

func wantAll(t *testing.T, s kv.Store, r kv.Range, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, read(t, s, r)); diff != "" {
		t.Errorf("range %v (-want +got):\n%s", r, diff)
	}
}

func TestEpochs(t *testing.T) {
	for name, open := range map[string]sinktest.Open[kv.Store]{"memory": sinktest.OpenMemory, "bolt": sinktest.OpenBolt} {
		s, reopen := open(t)
		if first, second := s.Epoch(), reopen().Epoch(); first == 0 || second <= first {
			t.Errorf("%s: epochs are %d and %d", name, first, second)
		}
	}
	if s, _ := sinktest.OpenShared(t); s.Epoch() != 0 {
		t.Error("a shared file tells who is gone")
	}
}

func TestFailingFails(t *testing.T) {
	boom := errors.New("boom")
	s := kv.Failing{Err: boom}
	sinktest.WantIs(t, s.View(ctx, nil), boom)
	sinktest.WantIs(t, s.Update(ctx, nil), boom)
}

func TestLockedFileIsReadable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "aer.db")
	s, err := kv.Open(path, kv.Options{})
	sinktest.Must(t, err)
	_, err = kv.Open(path, kv.Options{LockTimeout: time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "is another aer running on it?") ||
		!strings.Contains(err.Error(), path) {
		t.Errorf("error is %v", err)
	}
	sinktest.Must(t, s.Close())
	ro, err := kv.Open(path, kv.Options{ReadOnly: true})
	sinktest.Must(t, err)
	defer func() { _ = ro.Close() }()
	wantAll(t, ro, kv.Range{})
	if err := ro.Update(ctx, func(tx kv.Tx) error { return tx.Put("b", []byte("k"), nil) }); err == nil {
		t.Error("a store opened for reading took a write")
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	garbage := filepath.Join(dir, "garbage.db")
	sinktest.Must(t, os.WriteFile(garbage, bytes.Repeat([]byte("x"), 1<<16), 0o600))
	cut := filepath.Join(dir, "cut.db")
	s, err := kv.Open(cut, kv.Options{})
	sinktest.Must(t, err)
	put(t, s, "a", strings.Repeat("x", 1<<17))
	sinktest.Must(t, s.Close())
	sinktest.Must(t, os.Truncate(cut, 16_000))
	for name, open := range map[string]func() (kv.Store, error){
		"cut short":          func() (kv.Store, error) { return kv.Open(cut, kv.Options{}) },
		"cut short, to read": func() (kv.Store, error) { return kv.OpenShared(cut, kv.Options{ReadOnly: true}) },
		"not a store":        func() (kv.Store, error) { return kv.Open(garbage, kv.Options{}) },
		"not a shared store": func() (kv.Store, error) { return kv.OpenShared(garbage, kv.Options{}) },
		"nothing to read": func() (kv.Store,
			error) {
			return kv.Open(filepath.Join(dir, "none.db"), kv.Options{ReadOnly: true})
		},
		"a folder instead": func() (kv.Store, error) { return kv.Open(dir, kv.Options{}) },
	} {
		if s, err := open(); err == nil {
			t.Errorf("%s: opened", name)
			_ = s.Close()
		}
	}
}
