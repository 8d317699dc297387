package source

import (
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func TestPullWatermark(t *testing.T) {
	type pull struct {
		timesMS        []int64
		waitedMS, want int64
	}
	for name, pulls := range map[string][]pull{
		"unknown until something comes":         {{nil, 500, 0}, {[]int64{10_000}, 5, 0}, {nil, 500, 9_000}},
		"the first does not speak for the rest": {{[]int64{900_000}, 1, 0}, {[]int64{10_000}, 1, 0}, {[]int64{11_000}, 1, 0}, {[]int64{12_000}, 1, 9_000}},
		"the oldest of the recent pulls holds it": {
			{[]int64{10_000, 12_000}, 1, 0}, {[]int64{20_000}, 1, 0}, {[]int64{30_000}, 1, 0}, {[]int64{40_000}, 1, 9_000},
			{[]int64{50_000}, 1, 19_000},
		},
		"it never goes back":                {{[]int64{10_000}, 1, 0}, {nil, 1, 9_000}, {[]int64{3_000}, 1, 9_000}},
		"event time goes on while it waits": {{[]int64{10_000}, 1, 0}, {nil, 1, 9_000}, {nil, 400, 9_400}, {nil, 600, 10_000}, {[]int64{10_500}, 1, 10_000}},
	} {
		t.Run(name, func(t *testing.T) {
			st := &pullState{}
			for i, p := range pulls {
				st.advance(p.timesMS, 1000, p.waitedMS)
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
