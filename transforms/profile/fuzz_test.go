// SPDX-License-Identifier: Apache-2.0

package profile_test

import (
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/activity/activitytest"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/profile"
)

// FuzzLoadShard: whatever bytes are taken for a snapshot, nothing panics: not loading them, not working with what was
// loaded, not storing it again.
func FuzzLoadShard(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("no snapshot"))
	sh := profile.NewShard()
	for _, n := range []int{1, 40} {
		acc := activity.NewAccumulator(activity.DefaultWindowMS)
		for _, ev := range (activitytest.Stream{Seed: uint64(n), Events: n, Users: 2, Span: 10 * time.Second}).Make() {
			acc.Add(ev)
		}
		sh.Apply(acc.Batch(), nil)
		raw, err := sh.Snapshot()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	detectors := detector.NewSet(detector.All(), nil)
	f.Fuzz(func(t *testing.T, raw []byte) {
		sh, err := profile.LoadShard(raw)
		if err != nil {
			return
		}
		var st aerv1.ShardState
		if err := st.UnmarshalVT(raw); err != nil {
			t.Fatalf("loaded what does not decode: %v", err)
		}
		for i, p := range st.Profiles[:min(len(st.Profiles), 4)] {
			sh.Apply(nextBatch(i, p), func(p *profile.Profile, s *aerv1.Slice, _ bool) { detectors.Slice(p, s, nil) })
		}
		sh.Expire(sh.AppliedMS())
		again, err := sh.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := profile.LoadShard(again); err != nil {
			t.Errorf("what was stored does not load: %v", err)
		}
	})
}

// nextBatch is something that the user of p does at about the time p was last seen.
func nextBatch(seed int, p *aerv1.Profile) *aerv1.Batch {
	start := activitytest.Monday
	if last := time.UnixMilli(p.LastMs); last.Year() > 1900 && last.Year() < 2300 {
		start = last
	}
	acc := activity.NewAccumulator(activity.DefaultWindowMS)
	for _, ev := range (activitytest.Stream{Seed: uint64(seed), Events: 20, Users: 1, Start: start,
		Span: time.Minute}).Make() {
		ev.OrgId, ev.UserId = p.OrgId, p.UserId
		acc.Add(ev)
	}
	return acc.Batch()
}
