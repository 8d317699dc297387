// SPDX-License-Identifier: Apache-2.0

package source

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func TestPullWatermark(t *testing.T) {
	type pull struct {
		timesMS        []int64
		waitedMS, want int64
		notFull        bool
	}
	for name, pulls := range map[string][]pull{
		"unknown until something comes": {{nil, 500, 0, false}, {[]int64{10_000}, 5, 0, false}, {nil, 500, 9_000, false}},
		"the first does not speak for the rest": {{[]int64{900_000}, 1, 0, false}, {[]int64{10_000}, 1, 0, false},
			{[]int64{11_000}, 1, 0, false}, {[]int64{12_000}, 1, 9_000, false}},
		"the oldest of the recent pulls holds it": {
			{[]int64{10_000, 12_000}, 1, 0, false}, {[]int64{20_000}, 1, 0, false}, {[]int64{30_000}, 1, 0, false},
			{[]int64{40_000}, 1, 9_000, false},
			{[]int64{50_000}, 1, 19_000, false},
		},
		"it never goes back": {{[]int64{10_000}, 1, 0, false}, {nil, 1, 9_000, false}, {[]int64{3_000}, 1, 9_000, false}},
		"event time goes on while it waits": {{[]int64{10_000}, 1, 0, false}, {nil, 1, 9_000, false},
			{nil, 400, 9_400, false}, {nil, 600, 10_000, false}, {[]int64{10_500}, 1, 10_000, false}},
		"a pull that took all there was needs one before it": {
			{[]int64{10_000}, 1, 0, true}, {[]int64{20_000}, 1, 0, true}, {[]int64{30_000}, 1, 0, true},
			{[]int64{40_000}, 1, 29_000, true}, {[]int64{50_000}, 1, 39_000, true}, {[]int64{60_000}, 1, 39_000, false},
		},
	} {
		t.Run(name, func(t *testing.T) {
			st := &pullState{}
			for i, p := range pulls {
				st.advance(p.timesMS, !p.notFull, 1000, p.waitedMS)
				if st.WatermarkMs != p.want {
					t.Errorf("after pull %d the watermark is %d, want %d", i, st.WatermarkMs, p.want)
				}
			}
		})
	}
}

func TestTracker(t *testing.T) {
	tr := newTracker(&aerv1.SourceState{Pull: &aerv1.PullState{Pulled: 1}})
	if _, residual, _ := tr.TrySplit(0.5); residual != nil {
		t.Error("a source was split on the runner's wish")
	}
	if !tr.TryClaim(&aerv1.PullState{Pulled: 2}) {
		t.Fatal("a claim was refused")
	}
	primary, residual, err := tr.TrySplit(0)
	if err != nil || !primary.(*aerv1.SourceState).Done || residual.(*aerv1.SourceState).Pull.Pulled != 2 {
		t.Errorf("checkpoint gives %v and %v, %v", primary, residual, err)
	}
	if !tr.IsDone() || tr.TryClaim(&aerv1.PullState{}) {
		t.Error("a source goes on after it was handed over")
	}
	last := newTracker(&aerv1.SourceState{})
	if !last.TryClaim(finished{}) || !last.IsDone() {
		t.Error("a finished source is not done")
	}
	if _, residual, _ := last.TrySplit(0); residual != nil {
		t.Error("a finished source leaves something over")
	}
	for _, pos := range []any{7, int64(1)} {
		if bad := newTracker(&aerv1.SourceState{}); bad.TryClaim(pos) || bad.GetError() == nil {
			t.Errorf("a claim of %T %v is taken", pos, pos)
		}
	}
}

// States that earlier versions wrote are read: a pipeline is updated without reading anything twice.
func TestStatesOfEarlierVersions(t *testing.T) {
	for name, want := range map[string]*aerv1.SourceState{
		"v0/source.unpulled": {},
		"v0/source.files":    {Read: 40_007},
		"v0/source.done":     {Read: 12, Done: true},
		"v0/source.pubsub": {Pull: &aerv1.PullState{
			Acks: []string{"ack-1", "ack-2", "ack-ü"}, Pulled: 35538, WatermarkMs: 1795341598000,
			RecentMs: []int64{1795341600000, 1795341601500, 1795341600250},
			Ahead:    []int64{12, 1795341606000, 11, 1795341605000, 13, 1795341604000},
		}},
		"v1/source.pubsub": {Version: 1, Pull: &aerv1.PullState{
			Acks: []string{"ack-1", "ack-ü"}, Pulled: 7, WatermarkMs: 1795341598000, RecentMs: []int64{1795341600000},
			Ahead: []int64{12, 1795341606000},
		}},
		"v1/source.files": {Version: 1, Read: 40_007, End: 60_000},
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join("..", "..", "testdata", "state", filepath.FromSlash(name)))
			if err != nil {
				t.Fatal(err)
			}
			got, err := decodeState(raw)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
				t.Errorf("state differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStatesOfLaterVersionsAreRefused(t *testing.T) {
	raw, err := (&aerv1.SourceState{Version: aerv1.StateVersion + 1, Read: 7}).MarshalVT()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := decodeState(raw); err == nil ||
		!strings.Contains(err.Error(), "it is of version 2 and this program knows up to 1") {
		t.Errorf("error is %v", err)
	}
}

func TestStatesSurviveTheirCoder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		times := rapid.SliceOf(rapid.Int64())
		want := &aerv1.SourceState{
			Done: rapid.Bool().Draw(t, "done"), Read: rapid.Int64().Draw(t, "read"), End: rapid.Int64().Draw(t, "end"),
			Pull: &aerv1.PullState{
				Acks: rapid.SliceOf(rapid.String()).Draw(t, "acks"), Pulled: rapid.Int64().Draw(t, "pulled"),
				RecentMs: times.Draw(t, "recent"), WatermarkMs: rapid.Int64().Draw(t, "watermark"), Ahead: times.Draw(t, "ahead"),
				Chain: rapid.Uint64().Draw(t, "chain"), Held: []*aerv1.HeldPull{{
					AtMs: rapid.Int64().Draw(t, "at"), Chain: rapid.Uint64().Draw(t, "at chain"), Bytes: rapid.Int64().Draw(t, "bytes"),
					Acks: rapid.SliceOf(rapid.String()).Draw(t, "held"),
				}},
			},
		}
		got := handOn(t, want)
		want.Version = aerv1.StateVersion
		if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
			t.Fatalf("state differs (-want +got):\n%s", diff)
		}
	})
}

// Damaged state is an error, never a panic or a large allocation.
func FuzzDecodeState(f *testing.F) {
	states, err := filepath.Glob(filepath.Join("..", "..", "testdata", "state", "v*", "source.*"))
	if err != nil || len(states) == 0 {
		f.Fatal("no states of earlier versions, ", err)
	}
	for _, path := range states {
		raw, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = decodeState(b) })
}
