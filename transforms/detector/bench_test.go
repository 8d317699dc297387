// SPDX-License-Identifier: Apache-2.0

package detector_test

import (
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/activity/activitytest"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/detector/detectortest"
	"github.com/aer-project/aer/transforms/profile"
)

// ordinary is somebody's profile of twenty days and the next slices, in which an object is read, one downloaded and a
// method called as before.
func ordinary() (*profile.Profile, []*aerv1.Slice) {
	p := profile.New("O0", "U0")
	var slices []*aerv1.Slice
	for _, ev := range (activitytest.Stream{Seed: 3, Events: 2000, Users: 1, Objects: 40, Methods: 8,
		Span: 20 * 24 * time.Hour}).Make() {
		ev.OrgId, ev.UserId, ev.SessionId, ev.Client = "O0", "U0", "S", own()
		slices = append(slices, activity.Summarise(ev, activity.DefaultWindowMS))
	}
	for _, s := range slices {
		profile.Apply(p, s)
	}
	return p, slices[len(slices)-100:]
}

// known is a baseline that knows the client.
func known() *baseline.Index {
	c := own()
	return baseline.NewIndex(&aerv1.Baseline{Version: "v",
		Fingerprints: detectortest.Shows("O0", c.Facts.Class, c.Facts.Family, c.Ja4, 30)})
}

// BenchmarkJudge is what each detector takes for an ordinary slice.
func BenchmarkJudge(b *testing.B) {
	p, slices := ordinary()
	for _, d := range detector.All() {
		b.Run(d.Type(), func(b *testing.B) {
			set, index, i := detector.NewSet([]detector.Detector{d}, nil), known(), 0
			b.ReportAllocs()
			for b.Loop() {
				set.Slice(p, slices[i%len(slices)], index)
				i++
			}
		})
	}
}

// TestJudgingTheOrdinaryTakesNoMemory: whatever costs memory is for what may be a finding.
func TestJudgingTheOrdinaryTakesNoMemory(t *testing.T) {
	p, slices := ordinary()
	asked := 0
	set, index := detector.NewSet(detector.All(), func(_, _ string) string { asked++; return aerv1.SensitivityHigh }), known()
	if n := testing.AllocsPerRun(100, func() {
		for _, s := range slices {
			if found := set.Slice(p, s, index); found != nil {
				t.Fatalf("the ordinary is a finding: %v", found)
			}
		}
	}); n > 1 { // the pool of inputs may be emptied at any time
		t.Errorf("%v objects for %d slices", n, len(slices))
	}
	if asked > 0 {
		t.Errorf("an organisation's choice was asked for %d times, and no floor is near", asked)
	}
}
