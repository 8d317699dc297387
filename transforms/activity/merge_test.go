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

// window is what one user may do in ten seconds: from nothing to far above every cap.
func window(t *rapid.T, label string) []*aerv1.Event {
	return activitytest.Stream{
		Seed: rapid.Uint64Range(0, 1000).Draw(t, label+" seed"), Events: rapid.IntRange(1, 900).Draw(t, label+" events"),
		Users: 1, Objects: rapid.SampledFrom([]int{5, 400, 5000}).Draw(t, label+" objects"),
		Methods: rapid.SampledFrom([]int{3, 64, 200}).Draw(t, label+" methods"), Span: 10 * time.Second,
	}.Make()
}

func bytesOf(t testing.TB, m interface{ MarshalVT() ([]byte, error) }) []byte {
	t.Helper()
	raw, err := m.MarshalVT()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// slice summarises events of one user and window.
func slice(events []*aerv1.Event) *aerv1.Slice {
	acc := activity.NewAccumulator(activity.DefaultWindowMS)
	for _, ev := range events {
		acc.Add(ev)
	}
	return acc.Batch().Slices[0]
}

func merged(parts ...*aerv1.Slice) *aerv1.Slice {
	out := proto.Clone(parts[0]).(*aerv1.Slice)
	for _, p := range parts[1:] {
		activity.Merge(out, proto.Clone(p).(*aerv1.Slice))
	}
	return out
}

func TestMergeIsCommutativeAndAssociative(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a, b, c := slice(window(rt, "a")), slice(window(rt, "b")), slice(window(rt, "c"))
		if !bytes.Equal(bytesOf(t, merged(a, b)), bytesOf(t, merged(b, a))) {
			rt.Fatal("a+b is not b+a")
		}
		if !bytes.Equal(bytesOf(t, merged(merged(a, b), c)), bytesOf(t, merged(a, merged(b, c)))) {
			rt.Fatal("(a+b)+c is not a+(b+c)")
		}
	})
}

// TestMergingIsSummarisingTheUnion gathers several users' windows in random order and grouping.
func TestMergingIsSummarisingTheUnion(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := activitytest.Stream{
			Seed: rapid.Uint64Range(0, 1000).Draw(rt, "seed"), Events: rapid.IntRange(1, 1500).Draw(rt, "events"),
			Users: rapid.IntRange(1, 4).Draw(rt, "users"), Objects: 3000, Methods: 100, Actors: true,
			Span: rapid.SampledFrom([]time.Duration{time.Second, 30 * time.Second}).Draw(rt, "span"),
		}.Make()
		whole := activity.NewAccumulator(activity.DefaultWindowMS)
		for _, ev := range events {
			whole.Add(ev)
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "order"), 0))
		r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		parts := make([]*activity.Accumulator, rapid.IntRange(1, 9).Draw(rt, "parts"))
		for i := range parts {
			parts[i] = activity.NewAccumulator(activity.DefaultWindowMS)
		}
		for _, ev := range events {
			parts[r.IntN(len(parts))].Add(ev)
		}
		for len(parts) > 1 { // join two at random; now and then through the wire
			i, j := len(parts)-1, r.IntN(len(parts)-1)
			if r.IntN(2) == 0 {
				parts[j] = overTheWire(t, parts[j])
			}
			parts[j].Merge(parts[i])
			parts = parts[:i]
		}
		if !bytes.Equal(bytesOf(t, parts[0].Batch()), bytesOf(t, whole.Batch())) {
			rt.Fatal("the merged parts differ from the whole")
		}
	})
}

func overTheWire(t testing.TB, a *activity.Accumulator) *activity.Accumulator {
	b := &aerv1.Batch{}
	if err := b.UnmarshalVT(bytesOf(t, a.Batch())); err != nil {
		t.Fatal(err)
	}
	return activity.FromBatch(b, activity.DefaultWindowMS)
}

// TestWhatIsHeldAgainstThresholdsIsIdempotent: doc.go claims it for distinct objects and distinct calls.
func TestWhatIsHeldAgainstThresholdsIsIdempotent(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := slice(window(rt, "a"))
		twice := merged(s, s)
		if twice.Events != 2*s.Events {
			rt.Fatalf("%d events of %d twice: the plain sums are not idempotent", twice.Events, s.Events)
		}
		for _, x := range []*aerv1.Slice{s, twice} { // what is left is what must not change
			x.Events, x.Bytes, x.DownloadBytes, x.FacetsDropped, x.Pace, x.Actions, x.Facets = 0, 0, 0, 0, nil, nil, nil
			for _, m := range x.Methods {
				m.Errors, m.RateLimited = 0, 0
			}
		}
		if !bytes.Equal(bytesOf(t, s), bytesOf(t, twice)) {
			rt.Fatal("objects, calls or references changed when everything came twice")
		}
	})
}

func TestClientsThatDifferInAFactAreNotMixed(t *testing.T) {
	ev := func(id, os string) *aerv1.Event {
		return &aerv1.Event{
			Id: id, Time: aerv1.Time(activitytest.Monday), OrgId: "O", UserId: "U", SessionId: "S", Action: "api_call",
			Client: &aerv1.Client{UserAgent: "App/1", Platform: os,
				Facts: &aerv1.ClientFacts{Class: "other", Family: "app", Os: os}},
		}
	}
	win, mac := slice([]*aerv1.Event{ev("1", "windows")}), slice([]*aerv1.Event{ev("2", "macos")})
	if got := merged(win, mac); len(got.Facets) != 2 {
		t.Errorf("one user agent on two systems gave %d facets, want 2", len(got.Facets))
	}
}

func TestCookiesBefore1970MergeInAnyOrder(t *testing.T) {
	at := func(id string, cookie time.Time) *aerv1.Slice {
		ev := &aerv1.Event{Id: id, Time: aerv1.Time(activitytest.Monday), OrgId: "O", UserId: "U", Action: "api_call"}
		if !cookie.IsZero() {
			ev.CookieTime = aerv1.Time(cookie)
		}
		return slice([]*aerv1.Event{ev})
	}
	old, none := at("1", time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC)), at("2", time.Time{})
	ab, ba := merged(old, none), merged(none, old)
	if !bytes.Equal(bytesOf(t, ab), bytesOf(t, ba)) {
		t.Errorf("facets %v and %v", ab.Facets, ba.Facets)
	}
}
