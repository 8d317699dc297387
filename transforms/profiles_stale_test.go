// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
)

// TestSlicesJudgedByAnOldBaselineAreCounted, and so are those that there is none for.
func TestSlicesJudgedByAnOldBaselineAreCounted(t *testing.T) {
	batches := batchesOf(t, traffic(10))
	for name, c := range map[string]struct {
		ended, begins time.Duration // relative to the first event
		counter       string
	}{
		"stale":   {-48 * time.Hour, -72 * time.Hour, "slices_judged_stale"},
		"missing": {48 * time.Hour, 24 * time.Hour, "slices_judged_without"},
		"fresh":   {24 * time.Hour, -24 * time.Hour, ""},
	} {
		w := witnesses(0)
		w.Baselines = baseline.NewVersions([]*aerv1.Baseline{{Version: name, ValidFrom: aerv1.Time(testStart.Add(c.begins)),
			ValidUntil: aerv1.Time(testStart.Add(c.ended))}})
		_, n := runStream(t, provide(t, t.Name()+name, w), singles(batches))
		for _, counter := range []string{"slices_judged_stale", "slices_judged_without"} {
			want := int64(0)
			if counter == c.counter {
				want = n["slices_applied"]
			}
			if n[counter] != want || n["slices_applied"] == 0 {
				t.Errorf("%s: %s is %d, want %d", name, counter, n[counter], want)
			}
		}
	}
}
