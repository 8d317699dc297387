// SPDX-License-Identifier: Apache-2.0

package local

import (
	"maps"
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/profile"
)

// shard owns its users: their open windows and their profiles.
type shard struct {
	cfg      Config
	judge    detector.Judge
	pending  []*aerv1.Event
	open     map[int64]*activity.Accumulator // by start of window, Unix milliseconds
	profiles *profile.Shard
	found    []*aerv1.Anomaly
	// nobodys counts the events that count for nobody (aerv1.PrincipalOfEvent): they are in no slice.
	nobodys int
	// expiredMS is when idle profiles were last looked for.
	expiredMS int64
}

func newShard(cfg Config) *shard {
	return &shard{cfg: cfg, judge: detector.Judge{Detectors: cfg.Detectors, Baselines: cfg.Baseline},
		open: map[int64]*activity.Accumulator{}, profiles: profile.NewShard()}
}

// work takes the pending events in and closes the windows that end at or before the watermark.
func (s *shard) work(watermarkMS int64) {
	for _, ev := range s.pending {
		if _, counts := aerv1.PrincipalOfEvent(ev); !counts {
			s.nobodys++
			continue
		}
		if s.cfg.Enrich != nil {
			s.cfg.Enrich(ev)
		}
		if s.judge.Detectors != nil {
			s.found = append(s.found, s.judge.Event(ev)...)
		}
		start := activity.WindowStartMS(ev.Time.AsTime().UnixMilli(), int64(s.cfg.WindowMS))
		acc := s.open[start]
		if acc == nil {
			acc = activity.NewAccumulator(s.cfg.WindowMS)
			s.open[start] = acc
		}
		acc.Add(ev)
	}
	s.pending = s.pending[:0]
	s.closeWindows(watermarkMS)
}

func (s *shard) closeWindows(watermarkMS int64) {
	for _, start := range slices.Sorted(maps.Keys(s.open)) {
		if start+int64(s.cfg.WindowMS) > watermarkMS {
			break
		}
		batch := s.open[start].Batch()
		delete(s.open, start)
		if s.cfg.Slices != nil {
			for _, sl := range batch.Slices {
				s.cfg.Slices(sl)
			}
		}
		if s.judge.Detectors != nil {
			s.found = append(s.found, s.judge.Batch(s.profiles, batch)...)
		}
	}
	s.expire()
}

// expire looks for idle profiles once per day of event time.
func (s *shard) expire() {
	const dayMS = 24 * 60 * 60 * 1000
	if now := s.profiles.AppliedMS(); now-s.expiredMS > dayMS {
		s.profiles.Expire(now)
		s.expiredMS = now
	}
}
