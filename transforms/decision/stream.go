// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"maps"
	"slices"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// sweepEvery is how many findings pass between two searches for expired states.
const sweepEvery = 4096

// Stream passes findings through all stages in one goroutine and in memory: the driver of the local engine. States that
// have expired are dropped, so memory follows the users of the last two days.
type Stream struct {
	stages []Stage
	// kept is what each stage remembers, by key.
	kept    []map[string]*kept
	added   int
	clockMS int64
	// waitMS is when the first of what waits is due; 0 = nothing waits.
	waitMS int64
}

type kept struct {
	state   aerv1.State
	held    []Held
	expires time.Time
}

// NewStream returns a stream that knows nobody yet.
func NewStream(cfg Config) *Stream {
	s := &Stream{stages: Stages(cfg)}
	for range s.stages {
		s.kept = append(s.kept, map[string]*kept{})
	}
	return s
}

// Add decides about one finding. Findings come in the order of CompareAnomalies; one that comes late is decided by what
// is known by then. It returns what is to be emitted now: nothing for a finding that was folded or waits for company,
// and what waited until now for none. Ordered puts that in the order of the findings.
func (s *Stream) Add(a *aerv1.Anomaly) []Decided { return s.take(Decided{Anomaly: a}) }

// Remember takes in a finding of an earlier run with what that run decided about it, nil if it was folded or nothing
// was decided yet. Findings of earlier runs come before those of this one, in the same order. What is returned are
// decisions that the earlier run still owed.
func (s *Stream) Remember(a *aerv1.Anomaly, before *aerv1.Decision) []Decided {
	return s.take(Decided{Anomaly: a, Before: before})
}

func (s *Stream) take(d Decided) []Decided {
	now := knownAt(d.Anomaly).UnixMilli()
	out := append(s.endWaiting(now), s.pass(0, d)...)
	s.sweep(now)
	return out
}

// pass takes a pair through the stages from one on.
func (s *Stream) pass(stage int, d Decided) []Decided {
	for ; stage < len(s.stages); stage++ {
		key, asks := s.stages[stage].Key(d)
		if !asks {
			continue
		}
		k := s.kept[stage][key]
		if k == nil {
			k = &kept{state: s.stages[stage].Empty()}
			s.kept[stage][key] = k
		}
		h := Hold(d)
		k.held = append(k.held, h)
		return s.step(stage, k, h.DueMS)
	}
	if d.Before != nil {
		return nil
	}
	return []Decided{d}
}

// step has a stage look at what is due under one key.
func (s *Stream) step(stage int, k *kept, untilMS int64) (out []Decided) {
	done := s.stages[stage].Step(k.state, k.held, untilMS)
	k.held, k.expires = done.Rest, done.Expires
	for _, h := range k.held {
		if s.waitMS == 0 || h.DueMS < s.waitMS {
			s.waitMS = h.DueMS
		}
	}
	for _, d := range done.Out {
		out = append(out, s.pass(stage+1, d)...)
	}
	return out
}

// endWaiting returns what waited until an event time, Unix milliseconds.
func (s *Stream) endWaiting(untilMS int64) (out []Decided) {
	if s.waitMS == 0 || s.waitMS > untilMS {
		return nil
	}
	s.waitMS = 0
	for stage, byKey := range s.kept {
		for _, key := range slices.Sorted(maps.Keys(byKey)) {
			if k := byKey[key]; len(k.held) > 0 {
				out = append(out, s.step(stage, k, untilMS)...)
			}
		}
	}
	return out
}

// Flush returns all that still waits, when no more findings come.
func (s *Stream) Flush() []Decided {
	const forever = int64(1) << 60
	out := s.endWaiting(forever)
	slices.SortStableFunc(out, CompareDecided)
	return out
}

// sweep drops, now and then, what has expired. When it does so changes no decision.
func (s *Stream) sweep(nowMS int64) {
	s.clockMS = max(s.clockMS, nowMS)
	if s.added++; s.added%sweepEvery != 0 {
		return
	}
	clock := time.UnixMilli(s.clockMS)
	for _, byKey := range s.kept {
		maps.DeleteFunc(byKey, func(_ string, k *kept) bool { return len(k.held) == 0 && !clock.Before(k.expires) })
	}
}

// Replay sorts findings and decides about all of them: Stream for those who have them in a slice. The result is in the
// order of CompareAnomalies; the argument's order is not changed.
func Replay(findings []*aerv1.Anomaly, cfg Config) (emitted []*aerv1.Anomaly, decisions []*aerv1.Decision) {
	sorted := slices.Clone(findings)
	SortAnomalies(sorted)
	s := NewStream(cfg)
	var out []Decided
	for _, f := range sorted {
		out = append(out, s.Add(f)...)
	}
	out = append(out, s.Flush()...)
	slices.SortStableFunc(out, CompareDecided)
	for _, p := range out {
		emitted, decisions = append(emitted, p.Anomaly), append(decisions, p.Decision)
	}
	return emitted, decisions
}
