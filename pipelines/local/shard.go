// SPDX-License-Identifier: Apache-2.0

package local

import (
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/profile"
)

// recycles has slices made in memory of slices that were judged. It waits for profiles that keep nothing of a slice.
const recycles = false

// shard owns its users: their open windows and their profiles.
type shard struct {
	cfg      Config
	judge    detector.Judge
	pending  []arrival
	windows  windows
	spare    []*activity.Accumulator // empty ones, whose memory is used again
	profiles *profile.Shard
	found    []*aerv1.Anomaly
	// nobodys counts the events that count for nobody (aerv1.PrincipalOfEvent): they are in no slice.
	nobodys int
	// expiredMS is when idle profiles were last looked for.
	expiredMS int64
}

func newShard(cfg Config) *shard {
	return &shard{cfg: cfg, judge: detector.Judge{Detectors: cfg.Detectors, Baselines: cfg.Baseline},
		profiles: profile.NewShard()}
}

// work takes the pending events in and closes the windows that end at or before the watermark.
func (s *shard) work(watermarkMS int64) {
	for _, a := range s.pending {
		s.take(a)
	}
	clear(s.pending)
	s.pending = s.pending[:0]
	s.windows.until(watermarkMS-int64(s.cfg.WindowMS)+1, s.close)
	s.expire()
}

// take puts an event into its window.
func (s *shard) take(a arrival) {
	if _, counts := aerv1.PrincipalOfEvent(a.event); !counts {
		s.nobodys++
		return
	}
	if s.cfg.Enrich != nil {
		s.cfg.Enrich(a.event)
	}
	if s.judge.Detectors != nil {
		s.found = append(s.found, s.judge.Event(a.event)...)
	}
	w := s.windows.at(activity.WindowStartMS(a.event.Time.AsTime().UnixMilli(), int64(s.cfg.WindowMS)))
	if w.many != nil {
		w.many.AddOf(a.user, a.event)
		return
	}
	if w.waiting = append(w.waiting, a); len(w.waiting) == manyEvents {
		w.many = s.summarise(w)
		w.waiting = w.waiting[:0]
	}
}

// summarise gathers the slices of the events that wait.
func (s *shard) summarise(w *window) *activity.Accumulator {
	acc := s.accumulator()
	for _, a := range w.waiting {
		acc.AddOf(a.user, a.event)
	}
	return acc
}

func (s *shard) accumulator() *activity.Accumulator {
	n := len(s.spare)
	if n == 0 {
		return activity.NewAccumulator(s.cfg.WindowMS)
	}
	acc := s.spare[n-1]
	s.spare = s.spare[:n-1]
	return acc
}

// close judges what happened in a window.
func (s *shard) close(w *window) {
	acc := w.many
	if acc == nil {
		acc = s.summarise(w)
	}
	batch := acc.Unsorted()
	if s.cfg.Slices != nil {
		for _, sl := range batch.Slices {
			s.cfg.Slices(sl)
		}
	}
	if s.judge.Detectors != nil {
		s.found = append(s.found, s.judge.Batch(s.profiles, batch)...)
	}
	if recycles {
		acc.Reset()
		s.spare = append(s.spare, acc)
	}
}

// expire looks for idle profiles once per day of event time.
func (s *shard) expire() {
	const dayMS = 24 * 60 * 60 * 1000
	if now := s.profiles.AppliedMS(); now-s.expiredMS > dayMS {
		s.profiles.Expire(now)
		s.expiredMS = now
	}
}
