// SPDX-License-Identifier: Apache-2.0

package keyed

import (
	"context"
	"errors"
	"sync"
	"testing"
)

// TestOneAtATime is about one key; the race detector tells when two hold it.
func TestOneAtATime(t *testing.T) {
	var l Locks
	var wg sync.WaitGroup
	counts := map[string]*int{"a": new(int), "b": new(int)}
	for i := range 100 {
		wg.Go(func() {
			key := string("ab"[i%2])
			unlock, err := l.Lock(context.Background(), key)
			if err != nil {
				t.Error(err)
				return
			}
			defer unlock()
			*counts[key]++
		})
	}
	wg.Wait()
	if *counts["a"] != 50 || *counts["b"] != 50 || len(l.held) != 0 {
		t.Errorf("counted %d and %d, %d locks are remembered", *counts["a"], *counts["b"], len(l.held))
	}
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	var l Locks
	unlock, err := l.Lock(context.Background(), "a")
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := l.Lock(gone, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	other, err := l.Lock(context.Background(), "b") // another key is free
	if err != nil {
		t.Fatal(err)
	}
	other()
	unlock()
	if again, err := l.Lock(context.Background(), "a"); err != nil {
		t.Error("who went away kept the lock:", err)
	} else {
		again()
	}
	if len(l.held) != 0 {
		t.Errorf("%d locks are remembered", len(l.held))
	}
}
