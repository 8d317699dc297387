// SPDX-License-Identifier: Apache-2.0

package detector

import (
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/profile"
)

// Judge finds what events and batches show, for every driver in the same way.
type Judge struct {
	Detectors *Set
	// Baselines may be nil.
	Baselines baseline.Source
	// Now is the wall clock, for detected_at; nil leaves it out, as in replays.
	Now func() time.Time
	// Judged, if set, is told of every slice and of the baselines it was held against.
	Judged func(*aerv1.Slice, baseline.Condition)
}

// Event is the fast lane: it judges an enriched event by itself, and so never marks a finding as late.
func (j Judge) Event(ev *aerv1.Event) []*aerv1.Anomaly {
	return j.detected(j.Detectors.Event(ev, j.baselines(ev.Time.AsTime())))
}

// Batch has the profiles of a shard take a batch in, and judges each of its slices. What is found in a slice is marked
// as late if its own user's profile already held a later window (profile.Judge). Nothing else can be known on every
// driver: watermarks are theirs, move in steps of their own and are not told to what they let through, and who else is
// in the shard says nothing about this user.
func (j Judge) Batch(sh *profile.Shard, b *aerv1.Batch) (found []*aerv1.Anomaly) {
	sh.Apply(b, func(p *profile.Profile, s *aerv1.Slice, late bool) {
		end := time.UnixMilli(profile.EndMS(s))
		known := j.baselines(end)
		if j.Judged != nil {
			j.Judged(s, baseline.ConditionOf(known, end))
		}
		for _, a := range j.Detectors.Slice(p, s, known) {
			a.Late = late
			found = append(found, a)
		}
	})
	return j.detected(found)
}

func (j Judge) baselines(t time.Time) *baseline.Index {
	if j.Baselines == nil {
		return nil
	}
	return j.Baselines.At(t)
}

func (j Judge) detected(found []*aerv1.Anomaly) []*aerv1.Anomaly {
	if j.Now == nil {
		return found
	}
	for _, a := range found {
		a.DetectedAt = aerv1.Time(j.Now())
	}
	return found
}
