// SPDX-License-Identifier: Apache-2.0

package activity_test

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/activity/activitytest"
)

// crowd is a few windows of several users, their apps and attempts under their names.
func crowd(t *rapid.T, label string) []*aerv1.Event {
	return activitytest.Stream{
		Seed: rapid.Uint64Range(0, 1000).Draw(t, label+" seed"), Events: rapid.IntRange(1, 600).Draw(t, label+" events"),
		Users: rapid.SampledFrom([]int{1, 3, 40}).Draw(t, label+" users"), Actors: true,
		Objects: rapid.SampledFrom([]int{5, 2000}).Draw(t, label+" objects"),
		Methods: rapid.SampledFrom([]int{3, 200}).Draw(t, label+" methods"),
		Span:    rapid.SampledFrom([]time.Duration{time.Second, 30 * time.Second}).Draw(t, label+" span"),
	}.Make()
}

// TestAddingAnEventIsMergingItsSlice, of one event and in memory of its own.
func TestAddingAnEventIsMergingItsSlice(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := crowd(rt, "")
		acc, byKey := activity.NewAccumulator(activity.DefaultWindowMS), map[string]*aerv1.Slice{}
		for _, ev := range events {
			acc.Add(ev)
			one := proto.Clone(activity.Summarise(ev, activity.DefaultWindowMS)).(*aerv1.Slice)
			key := string(bytesOf(t, &aerv1.Slice{OrgId: one.OrgId, UserId: one.UserId, WindowStartMs: one.WindowStartMs,
				ActorKind: one.ActorKind, AppId: one.AppId}))
			if have := byKey[key]; have != nil {
				activity.Merge(have, one)
			} else {
				byKey[key] = one
			}
		}
		want := &aerv1.Batch{}
		for _, s := range byKey {
			want.Slices = append(want.Slices, s)
		}
		if !bytes.Equal(bytesOf(t, acc.Batch()), bytesOf(t, activity.FromBatch(want, activity.DefaultWindowMS).Batch())) {
			rt.Fatal("adding events differs from merging slices of one event each")
		}
	})
}

// TestNothingOldIsSeenAfterReset, whatever the accumulator held before and took over from others.
func TestNothingOldIsSeenAfterReset(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a, b := activity.NewAccumulator(activity.DefaultWindowMS), activity.NewAccumulator(activity.DefaultWindowMS)
		for range 4 {
			a.Reset()
			b.Reset()
			events := crowd(rt, "round")
			r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "order"), 0))
			fresh := activity.NewAccumulator(activity.DefaultWindowMS)
			for _, ev := range events {
				fresh.Add(ev)
				if r.IntN(2) == 0 {
					a.Add(ev)
				} else {
					b.Add(ev)
				}
			}
			if r.IntN(2) == 0 {
				b = overTheWire(t, b)
			}
			a.Merge(b)
			if b.Len() != 0 {
				rt.Fatalf("%d slices are left of what was merged", b.Len())
			}
			if got, want := bytesOf(t, a.Batch()), bytesOf(t, fresh.Batch()); !bytes.Equal(got, want) {
				rt.Fatal("memory that is used again shows")
			}
		}
	})
}

// TestAttemptsComeAfterWhatTheyAreRecordedWith: the unsorted batch holds what the sorted one does.
func TestAttemptsComeAfterWhatTheyAreRecordedWith(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		acc := activity.NewAccumulator(activity.DefaultWindowMS)
		for _, ev := range crowd(rt, "") {
			acc.Add(ev)
		}
		b, attempts := acc.Unsorted(), false
		for _, s := range b.Slices {
			if attempts && s.ActorKind != aerv1.ActorAttempt {
				rt.Fatal("a person or an app comes after attempts")
			}
			attempts = s.ActorKind == aerv1.ActorAttempt
		}
		sorted := activity.FromBatch(b, activity.DefaultWindowMS).Batch()
		if !bytes.Equal(bytesOf(t, sorted), bytesOf(t, acc.Batch())) {
			rt.Fatal("the unsorted batch holds something else")
		}
	})
}

// TestEventsTakeNoMemoryOnceItIsWarm: neither alone in a window, nor where every event is added to a slice.
func TestEventsTakeNoMemoryOnceItIsWarm(t *testing.T) {
	for name, stream := range benchStreams {
		stream.Events = 2000
		events, acc := stream.Make(), activity.NewAccumulator(activity.DefaultWindowMS)
		gather := func() {
			acc.Reset()
			for _, ev := range events {
				acc.Add(ev)
			}
			acc.Unsorted()
		}
		gather()
		if n := testing.AllocsPerRun(3, gather); n > 2 {
			t.Errorf("%s: %.0f allocations for %d events", name, n, len(events))
		}
	}
}
