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
	for _, n := range []int{1, 40} {
		f.Add(profile.Chunks(f, few(n))[0])
		f.Add(profile.OlderSnapshot(f, few(n)))
	}
	f.Fuzz(load)
}

// FuzzDecode is FuzzLoadShard for what a chunk packs, whose damage its checksum would hide.
func FuzzDecode(f *testing.F) {
	for _, n := range []int{1, 40} {
		packed, profiles := profile.Packed(f, few(n))
		f.Add(packed, profiles)
	}
	f.Fuzz(func(t *testing.T, packed []byte, profiles uint32) {
		load(t, profile.Chunk(t, packed, profiles, activitytest.Monday.UnixMilli()))
	})
}

// few is a shard that so many events made.
func few(events int) *profile.Shard {
	sh := profile.NewShard()
	acc := activity.NewAccumulator(activity.DefaultWindowMS)
	for _, ev := range (activitytest.Stream{
		Seed: uint64(events), Events: events, Users: 2, Span: 10 * time.Second, Actors: true,
	}.Make()) {
		acc.Add(ev)
	}
	sh.Apply(acc.Batch(), nil)
	return sh
}

var detectors = detector.NewSet(detector.All(), nil)

// load loads a snapshot, works with it, and stores it and loads it again.
func load(t *testing.T, raw []byte) {
	sh, err := profile.LoadShard([][]byte{raw})
	if err != nil {
		return
	}
	if again, err := profile.LoadShard(profile.Chunks(t, sh)); err != nil || !profile.EqualShards(t, sh, again) {
		t.Fatalf("what was stored does not load as it was: %v", err)
	}
	for i, p := range profile.First(sh, 4) {
		sh.Apply(nextBatch(i, p), func(p *profile.Profile, s *aerv1.Slice, _ bool) { detectors.Slice(p, s, nil) })
	}
	sh.Expire(sh.AppliedMS())
	if _, err := profile.LoadShard(profile.Chunks(t, sh)); err != nil {
		t.Errorf("what was stored does not load: %v", err)
	}
}

// nextBatch is something that the user of p does at about the time p was last seen.
func nextBatch(seed int, p *profile.Profile) *aerv1.Batch {
	start := activitytest.Monday
	if last := time.UnixMilli(p.LastMS); last.Year() > 1900 && last.Year() < 2300 {
		start = last
	}
	acc := activity.NewAccumulator(activity.DefaultWindowMS)
	for _, ev := range (activitytest.Stream{Seed: uint64(seed), Events: 20, Users: 1, Start: start,
		Span: time.Minute}).Make() {
		ev.OrgId, ev.UserId = p.OrgID, p.UserID
		acc.Add(ev)
	}
	return acc.Batch()
}
