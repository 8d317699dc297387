// SPDX-License-Identifier: Apache-2.0

package activity_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/activity/activitytest"
)

// TestEachPrincipalHasSlicesOfItsOwn, in the order of the batch: the person, the apps, the attempts.
func TestEachPrincipalHasSlicesOfItsOwn(t *testing.T) {
	acc := activity.NewAccumulator(activity.DefaultWindowMS)
	for i, who := range [][2]string{
		{aerv1.ActorAttempt, "A1"}, {aerv1.ActorApp, "A2"}, {"", ""}, {aerv1.ActorApp, "A1"}, {aerv1.ActorSignedIn, "A1"},
		{aerv1.ActorApp, ""},
		{aerv1.ActorAttempt, ""},
	} {
		ev := (activitytest.Stream{Seed: uint64(i), Events: 1, Users: 1}).Make()[0]
		ev.Time, ev.ActorKind, ev.AppId = aerv1.Time(activitytest.Monday), who[0], who[1]
		acc.Add(ev)
	}
	var got []string
	for _, s := range acc.Batch().Slices {
		got = append(got, s.ActorKind+" "+s.AppId+" "+string(rune('0'+s.Events)))
	}
	want := []string{"  2", "app  1", "app A1 1", "app A2 1", "attempt  2"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
