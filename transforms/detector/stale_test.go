// SPDX-License-Identifier: Apache-2.0

package detector_test

import (
	"strings"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity/activitytest"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector"
)

// TestAStaleBaselineIsNamed once in the evidence of what was judged by it.
func TestAStaleBaselineIsNamed(t *testing.T) {
	x := baseline.NewIndex(&aerv1.Baseline{Version: "v", ValidFrom: aerv1.Time(activitytest.Monday),
		ValidUntil: aerv1.Time(activitytest.Monday.AddDate(0, 0, 1))})
	set := detector.NewSet(detector.All(), nil)
	for after, want := range map[time.Duration]int{time.Hour: 0, 96 * time.Hour: 1} {
		found := set.Event(&aerv1.Event{
			Id: "e", OrgId: "O", UserId: "U", Action: "user_login", Time: aerv1.Time(activitytest.Monday.Add(after)),
			Client: &aerv1.Client{Ip: "192.0.2.1", Facts: &aerv1.ClientFacts{Tor: true}},
		}, x)
		if len(found) != 1 || found[0].Evidence.BaselineVersion != "v" {
			t.Fatalf("%v", found)
		}
		notes := strings.Join(found[0].Evidence.Notes, "; ")
		if got := strings.Count(notes, "valid until 2"); got != want {
			t.Errorf("%v after the begin: %d notes, want %d: %q", after, got, want, notes)
		}
	}
}
