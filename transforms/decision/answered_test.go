// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

var volumes = []string{aerv1.TypeUnexpectedScraping, aerv1.TypeExcessiveDownloads, aerv1.TypeUnexpectedAPICallVolume}

// answered is an episode of whatever kind that was answered at midnight and went on for some minutes; it returns the
// history and when it ended.
func answered(t *rapid.T, env Env) (h *aerv1.UserHistory, end float64, peaks map[string]float64) {
	h, peaks = &aerv1.UserHistory{}, map[string]float64{}
	minute := 0.0
	for i := range rapid.IntRange(1, 12).Draw(t, "findings") {
		kind := rapid.SampledFrom(append([]string{aerv1.TypeTor, aerv1.TypeSessionFingerprint}, volumes...)).Draw(t, "kind")
		a := anomalyAt(minute, kind, "S1")
		a.Magnitude = rapid.Float64Range(1, 6).Draw(t, "magnitude")
		if i > 0 { // without a pause, whoever of the two in the session is seen
			a.Evidence.ClientUsual = rapid.Bool().Draw(t, "owner")
			a.Evidence.NetworkUsual = a.Evidence.ClientUsual
		}
		a.Window = &aerv1.Window{Start: aerv1.Time(a.KnownAt.AsTime().Add(-5 * time.Minute)), End: a.KnownAt}
		if slices.Contains(volumes, kind) {
			peaks[kind] = max(peaks[kind], a.Magnitude)
		}
		User{}.Apply(h, a, env)
		end = minute
		minute += rapid.Float64Range(0.1, 9).Draw(t, "gap")
	}
	return h, end, peaks
}

// longAfter is a count of 24 h by the owner in the old session, which nobody has ended, or in another.
func longAfter(t *rapid.T, i int, minute, magnitude float64, kind string) *aerv1.Anomaly {
	a := anomalyAt(minute, kind, rapid.SampledFrom([]string{"S1", "S2", "S" + strconv.Itoa(9+i)}).Draw(t, "session"))
	a.Magnitude = magnitude
	a.Evidence.ClientUsual, a.Evidence.NetworkUsual = true, true
	a.Window = &aerv1.Window{Start: aerv1.Time(day.Add(-time.Hour)), End: a.KnownAt}
	a.EpisodeKey = rapid.SampledFrom([]string{"", "mix"}).Draw(t, "key")
	return a
}

// After an answered episode and silence, nothing new leads to no second answer, however often the long count is found.
func TestAnAnsweredEpisodeIsAnsweredOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := Env{Settings: respondAll(4)}
		h, minute, peaks := answered(t, env)
		minute += Pause.Minutes()
		for i := range rapid.IntRange(1, 8).Draw(t, "later") {
			minute += rapid.Float64Range(0.1, 90).Draw(t, "after")
			kind := rapid.SampledFrom(volumes).Draw(t, "volume")
			most := max(1, peaks[kind])
			a := longAfter(t, i, minute, rapid.Float64Range(1, most+0.99).Draw(t, "magnitude"), kind)
			if _, d := (User{}).Apply(h, a, env); WantsReset(d) {
				t.Fatalf("%s at minute %v: %s", kind, minute, d.Reason)
			}
		}
	})
}

// What is new after it is found as ever: a stranger, a count that lies after the answer, or one that is a finding
// alone.
func TestANewAttackAfterAnAnsweredEpisodeIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := Env{Settings: respondAll(4)}
		h := &aerv1.UserHistory{}
		first := anomalyAt(0, aerv1.TypeUnexpectedScraping, "S1")
		first.Magnitude = rapid.Float64Range(1, 5).Draw(t, "first")
		User{}.Apply(h, first, env)
		minute := Pause.Minutes() + rapid.Float64Range(0.1, 600).Draw(t, "after")
		a := longAfter(t, 0, minute, first.Magnitude, rapid.SampledFrom(volumes).Draw(t, "volume"))
		switch rapid.IntRange(0, 2).Draw(t, "new") {
		case 0:
			a.Evidence.ClientUsual = false
		case 1:
			a.Window.Start = aerv1.Time(day.Add(time.Second))
		default:
			a.Magnitude = first.Magnitude + 1.01
		}
		if _, d := (User{}).Apply(h, a, env); !WantsReset(d) {
			t.Fatalf("not answered: %v", d)
		}
	})
}
