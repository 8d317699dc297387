// SPDX-License-Identifier: Apache-2.0

package cache

import (
	"fmt"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// A cache may forget but not err, and keeps its bound.
func TestCacheProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bound := rapid.IntRange(1, 500).Draw(t, "bound")
		c := New[int, int](bound)
		known := map[int]bool{}
		for _, k := range rapid.SliceOfN(rapid.IntRange(0, 300), 0, 2000).Draw(t, "keys") {
			if v, ok := c.Get(k); ok && (v != -k || !known[k]) {
				t.Fatalf("Get(%d) = %d, want %d", k, v, -k)
			}
			c.Put(k, -k)
			known[k] = true
			if v, ok := c.Get(k); !ok || v != -k {
				t.Fatalf("Get(%d) right after Put = %d, %v, want %d", k, v, ok, -k)
			}
		}
		if n := c.Len(); n > max(bound, smallest)+1 {
			t.Fatalf("%d entries, want at most about %d", n, bound)
		}
	})
}

func TestWhatIsUsedStays(t *testing.T) {
	c := New[string, int](64 * 32)
	c.Put("used", 1)
	for i := range 100_000 {
		c.Put(fmt.Sprint(i), i)
		if _, ok := c.Get("used"); !ok {
			t.Fatalf("forgotten after %d others, though it was asked for in between", i)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	c := New[int, int](100)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 10_000 {
				if v, ok := c.Get(i % 500); ok && v != i%500 {
					t.Errorf("Get(%d) = %d", i%500, v)
					return
				}
				c.Put(i%500, i%500)
			}
		})
	}
	wg.Wait()
}
