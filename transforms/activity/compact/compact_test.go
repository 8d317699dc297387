// SPDX-License-Identifier: Apache-2.0

package compact_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/activity/activitytest"
	"github.com/aer-project/aer/transforms/activity/compact"
)

// batch is what the users of a stream do, in whatever windows it takes.
func batch(s activitytest.Stream) *aerv1.Batch {
	acc := activity.NewAccumulator(activity.DefaultWindowMS)
	for _, ev := range s.Make() {
		acc.Add(ev)
	}
	return acc.Batch()
}

func equal(t interface {
	Helper()
	Fatalf(string, ...any)
}, want *aerv1.Batch) {
	t.Helper()
	got, err := compact.Decode(compact.Append(nil, want))
	if err != nil {
		t.Fatalf("decoding: %v", err)
	}
	if !proto.Equal(got, want) {
		t.Fatalf("a batch does not survive (-before +after):\n%s", cmp.Diff(want, got, protocmp.Transform()))
	}
}

func TestBatchesSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		equal(t, batch(activitytest.Stream{
			Seed: rapid.Uint64Range(0, 1000).Draw(t, "seed"), Events: rapid.IntRange(0, 900).Draw(t, "events"),
			Users: rapid.IntRange(1, 300).Draw(t, "users"), Objects: rapid.SampledFrom([]int{5, 5000}).Draw(t, "objects"),
			Methods: rapid.SampledFrom([]int{3, 200}).Draw(t, "methods"), Actors: rapid.Bool().Draw(t, "actors"),
			Span: rapid.SampledFrom([]time.Duration{time.Second, time.Minute}).Draw(t, "span"),
		}))
	})
}

// Any text survives, also one that is nearly a number, a UUID, an address, hexadecimal or a user agent.
func TestTextsSurvive(t *testing.T) {
	alphabet := rapid.OneOf(
		rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-fA]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), rapid.StringMatching(`[0-9]{0,21}`),
		rapid.StringMatching(`[0-9a-f]{0,70}`), rapid.StringMatching(`[0-9]{1,3}(\.[0-9]{1,3}){3}`), rapid.String(),
		rapid.StringMatching(`(Mozilla/5.0 \((X11; )?)?(Linux)?.{0,9}( AppleWebKit/| Safari/53[67]|\.0\.0\.0){0,9}`),
		rapid.SampledFrom([]string{"ok", "chrome", "conversations.history", "1.2.3.4", "01.2.3.4", "::1", "123", "099"}),
	)
	rapid.Check(t, func(t *rapid.T) {
		text := func(label string) string { return alphabet.Draw(t, label) }
		b := batch(activitytest.Stream{Events: 3, Users: 2, Span: time.Second})
		for _, s := range b.Slices {
			s.OrgId, s.UserId, s.Refs[0].Id = text("org"), text("user"), text("event")
			for _, f := range s.Facets {
				f.SessionId, f.FirstEventId, f.LastEventId = text("session"), s.Refs[0].Id, text("last event")
				f.Client.Ip, f.Client.UserAgent, f.Client.DeviceId = text("address"), text("user agent"), text("device")
			}
		}
		equal(t, b)
	})
}

// Slices as no accumulator makes them survive too: they come from older programs.
func TestOddBatchesSurvive(t *testing.T) {
	ref := &aerv1.EventRef{Id: "e", TimeMs: 1}
	for name, s := range map[string]*aerv1.Slice{
		"empty":                {},
		"no last event":        {Events: 2, Refs: []*aerv1.EventRef{ref}, WindowMs: 60_000},
		"no client":            {Events: 1, Refs: []*aerv1.EventRef{ref}, Last: ref, Facets: []*aerv1.Facet{{Events: 1}}},
		"a long window":        {Events: 1, Refs: []*aerv1.EventRef{ref}, Last: ref, WindowMs: 1 << 30, Pace: make([]uint32, 99)},
		"before 1970":          {WindowStartMs: -1 << 40, WindowMs: -1, Refs: []*aerv1.EventRef{{TimeMs: -1 << 62}}},
		"odd counts":           {Methods: []*aerv1.MethodCount{{Calls: 7, Sketched: true, CallIds: []uint64{1, 1 << 63}}}},
		"empty sets":           {Downloads: &aerv1.ObjectSet{}, Reads: &aerv1.ObjectSet{Sketched: true}, DownloadBytes: 5},
		"counts of facets":     {Facets: []*aerv1.Facet{{Downloads: 2, Reads: 1, Calls: 1 << 31, CookieMaxMs: -5}}},
		"addresses and others": {TorAddresses: []string{"a", "", "a"}, FacetsDropped: 1 << 31, AppId: "A", Bytes: 1 << 63},
	} {
		t.Run(name, func(t *testing.T) {
			equal(t, &aerv1.Batch{WindowEndMs: 10_000, Slices: []*aerv1.Slice{s, s, {WindowMs: 10_000}}})
		})
	}
}

func TestEqualBatchesHaveEqualBytes(t *testing.T) {
	evs := activitytest.Stream{Events: 500, Users: 40, Span: 10 * time.Second}.Make()
	var want string
	for range 5 {
		rand.Shuffle(len(evs), func(i, j int) { evs[i], evs[j] = evs[j], evs[i] })
		acc := activity.NewAccumulator(activity.DefaultWindowMS)
		for _, ev := range evs {
			acc.Add(ev)
		}
		got := string(compact.Append(nil, acc.Batch()))
		if want == "" {
			want = got
		}
		if got != want {
			t.Fatal("the bytes depend on the order in which events were gathered")
		}
	}
}

// What is decoded shares parts among its own, and is an accumulator's like any other all the same.
func TestEventsAreAddedToWhatWasDecoded(t *testing.T) {
	evs := activitytest.Stream{Events: 200, Users: 40, Span: 10 * time.Second}.Make()
	want := activity.NewAccumulator(activity.DefaultWindowMS)
	for _, ev := range evs {
		want.Add(ev)
	}
	first := activity.NewAccumulator(activity.DefaultWindowMS)
	for _, ev := range evs[:100] {
		first.Add(ev)
	}
	b, err := compact.Decode(compact.Append(nil, first.Batch()))
	if err != nil {
		t.Fatal(err)
	}
	got := activity.FromBatch(b, activity.DefaultWindowMS)
	for _, ev := range evs[100:] {
		got.Add(ev)
	}
	if diff := cmp.Diff(want.Batch(), got.Batch(), protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
}

func TestDamagedBatchesAreRefused(t *testing.T) {
	raw := compact.Append(nil, batch(activitytest.Stream{Events: 50, Users: 9, Span: 10 * time.Second}))
	for n := range raw {
		if _, err := compact.Decode(raw[:n]); err == nil {
			t.Fatalf("%d of %d bytes were taken for a batch", n, len(raw))
		}
	}
	if _, err := compact.Decode(append(raw, 0)); err == nil {
		t.Error("a byte too many was not noticed")
	}
}

// Damaged bytes are an error or another batch, never a panic nor more memory than a few hundred times their size.
func FuzzDecode(f *testing.F) {
	f.Add([]byte{})
	for _, s := range []activitytest.Stream{{Events: 1}, {Events: 30, Users: 9, Span: time.Minute, Actors: true}} {
		f.Add(compact.Append(nil, batch(s)))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := compact.Decode(raw)
		if err != nil {
			return
		}
		equal(t, b)
	})
}

// streams are a day in which nearly every slice holds one event, and several events per user and window.
var streams = map[string]activitytest.Stream{
	"sparse": {Seed: 1, Events: 4, Users: 1000, Span: 10 * time.Second, Objects: 50_000},
	"dense":  {Seed: 2, Events: 85, Users: 36, Span: 10 * time.Second, Objects: 50_000},
}

func BenchmarkBatchEncode(b *testing.B) {
	for name, s := range streams {
		b.Run(name, func(b *testing.B) {
			made := batch(s)
			b.ReportAllocs()
			var raw []byte
			for b.Loop() {
				raw = compact.Append(nil, made)
			}
			perEvent(b, s, len(raw))
		})
	}
}

func BenchmarkBatchDecode(b *testing.B) {
	for name, s := range streams {
		b.Run(name, func(b *testing.B) {
			raw := compact.Append(nil, batch(s))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := compact.Decode(raw); err != nil {
					b.Fatal(err)
				}
			}
			perEvent(b, s, len(raw))
		})
	}
}

func perEvent(b *testing.B, s activitytest.Stream, size int) {
	n := float64(s.Events)
	b.ReportMetric(float64(size)/n, "B/event")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/event")
}
