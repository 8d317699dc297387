// SPDX-License-Identifier: Apache-2.0

package local

import (
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/profile"
)

// arrival is an event with the hash of its user (activity.UserHash).
type arrival struct {
	event *aerv1.Event
	user  uint64
}

// shard owns its users: their open windows and their profiles.
type shard struct {
	cfg      Config
	judge    detector.Judge
	pending  []arrival
	windows  windows
	profiles *profile.Shard
	found    []*aerv1.Anomaly
	// release, if set, is given events that are not needed any more.
	release func(*aerv1.Event)
	// Memory that is used again: for events that wait, and for slices.
	free  []*activity.Entry
	spare []*activity.Accumulator
	// nobodys counts the events that count for nobody (aerv1.PrincipalOfEvent): they are in no slice.
	nobodys int
	// expiredMS is when idle profiles were last looked for.
	expiredMS int64
}

func newShard(cfg Config, known *profile.Shard) *shard {
	return &shard{cfg: cfg, judge: detector.Judge{Detectors: cfg.Detectors, Baselines: cfg.Baseline},
		profiles: known}
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

// take looks at an event and puts what counts of it into its window.
func (s *shard) take(a arrival) {
	if _, counts := aerv1.PrincipalOfEvent(a.event); !counts {
		s.nobodys++
	} else {
		s.see(a)
	}
	if s.release != nil {
		s.release(a.event)
	}
}

func (s *shard) see(a arrival) {
	if s.cfg.Enrich != nil {
		s.cfg.Enrich(a.event)
	}
	if s.judge.Detectors != nil {
		s.found = append(s.found, s.judge.Event(a.event)...)
	}
	x := s.entry()
	x.Set(a.event, a.user, s.cfg.WindowMS)
	w := s.windows.at(x.WindowStartMS())
	if w.waiting = append(w.waiting, x); len(w.waiting) == manyEvents {
		if w.many == nil {
			w.many = s.accumulator()
		}
		s.summarise(w, w.many)
	}
}

// entry is memory for an event that waits.
func (s *shard) entry() *activity.Entry {
	n := len(s.free)
	if n == 0 {
		return &activity.Entry{}
	}
	x := s.free[n-1]
	s.free = s.free[:n-1]
	return x
}

// summarise adds the events that wait to slices.
func (s *shard) summarise(w *window, acc *activity.Accumulator) {
	for _, x := range w.waiting {
		acc.AddEntry(x)
		*x = activity.Entry{} // its texts may be let go of
	}
	s.free = append(s.free, w.waiting...)
	w.waiting = w.waiting[:0]
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
		acc = s.accumulator()
	}
	s.summarise(w, acc)
	batch := acc.Unsorted()
	if s.cfg.Slices != nil {
		for _, sl := range batch.Slices {
			s.cfg.Slices(sl)
		}
	}
	if s.judge.Detectors != nil {
		s.found = append(s.found, s.judge.Batch(s.profiles, batch)...)
	}
	acc.Reset() // nobody kept any of it
	s.spare = append(s.spare, acc)
}

// expire looks for idle profiles once per day of event time.
func (s *shard) expire() {
	const dayMS = 24 * 60 * 60 * 1000
	if now := s.profiles.AppliedMS(); now-s.expiredMS > dayMS {
		s.profiles.Expire(now)
		s.expiredMS = now
	}
}
