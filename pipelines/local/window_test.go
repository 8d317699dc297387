// SPDX-License-Identifier: Apache-2.0

package local

import (
	"bytes"
	"slices"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/activity/activitytest"
)

// TestWindowsCloseInOrderAndOnce, whatever the order in which they were opened.
func TestWindowsCloseInOrderAndOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w windows
		model := map[int64]int{}
		for _, step := range rapid.SliceOf(rapid.Int64Range(-40, 40)).Draw(t, "steps") {
			if step%4 != 0 {
				x := w.at(step * 10)
				x.waiting = append(x.waiting, &activity.Entry{})
				model[step*10]++
				continue
			}
			last := int64(-1 << 62)
			w.until(step*10, func(x *window) {
				if x.startMS <= last || x.startMS >= step*10 || model[x.startMS] != len(x.waiting) || x.many != nil {
					t.Fatalf("window %d with %d events closes after %d, until %d", x.startMS, len(x.waiting), last, step*10)
				}
				last, x.waiting = x.startMS, x.waiting[:0]
				delete(model, x.startMS)
			})
			for start := range model {
				if start < step*10 {
					t.Fatalf("window %d is still open", start)
				}
			}
		}
		if len(w.open) != len(model) {
			t.Fatalf("%d windows are open, want %d", len(w.open), len(model))
		}
	})
}

// TestSlicesAreThoseOfAllEvents, whether few or many come in a window, and although their memory is used again.
func TestSlicesAreThoseOfAllEvents(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := activitytest.Stream{
			Seed: rapid.Uint64Range(0, 1000).Draw(rt, "seed"), Events: rapid.IntRange(1, 4*manyEvents).Draw(rt, "events"),
			Users: rapid.SampledFrom([]int{1, 3, 100}).Draw(rt, "users"), Actors: true,
			Span: rapid.SampledFrom([]time.Duration{time.Second, time.Minute, time.Hour}).Draw(rt, "span"),
		}.Make()
		var mu sync.Mutex
		seen := &aerv1.Batch{}
		e := NewEngine(Config{
			Shards: rapid.IntRange(1, 3).Draw(rt, "shards"), Workers: rapid.IntRange(1, 2).Draw(rt, "workers"),
			Lateness: time.Second, Quorum: 1,
			Slices: func(s *aerv1.Slice) {
				mu.Lock()
				defer mu.Unlock()
				seen.Slices = append(seen.Slices, proto.CloneOf(s))
			},
		})
		all := activity.NewAccumulator(activity.DefaultWindowMS)
		for _, ev := range events {
			all.Add(ev)
		}
		for part := range slices.Chunk(events, rapid.IntRange(1, len(events)).Draw(rt, "part")) {
			e.Add(part)
		}
		e.Close()
		if !bytes.Equal(encoded(t, activity.FromBatch(seen, activity.DefaultWindowMS)), encoded(t, all)) {
			rt.Fatal("the slices are not those of all events")
		}
	})
}

func encoded(t testing.TB, acc *activity.Accumulator) []byte {
	t.Helper()
	raw, err := acc.Batch().MarshalVT()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestEventsTakeNoMemoryUntilTheyAreJudged, once the memory for as many was made.
func TestEventsTakeNoMemoryUntilTheyAreJudged(t *testing.T) {
	for name, users := range map[string]int{"sparse": 1000, "dense": 5} {
		events := activitytest.Stream{Seed: 1, Events: 2000, Users: users, Span: 5 * time.Minute}.Make()
		e := NewEngine(Config{Quorum: 1})
		hour := func() {
			for _, ev := range events {
				ev.Time.Seconds += 3600
			}
			e.Add(events)
		}
		for range 3 {
			hour()
		}
		if n := testing.AllocsPerRun(3, hour); n > float64(len(events))/20 {
			t.Errorf("%s: %.0f allocations for %d events", name, n, len(events))
		}
	}
}
