// SPDX-License-Identifier: Apache-2.0

package local

import (
	"context"
	"fmt"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/event"
)

// chunk is how many events are read before the watermark moves: enough that all workers have something to do.
const chunk = 8192

// Output takes what a replay produces, anomalies and decisions in the order of (known_at, id). An error stops the
// replay.
type Output interface {
	Anomaly(*aerv1.Anomaly) error
	Decision(*aerv1.Decision) error
	DeadLetter(*aerv1.DeadLetter) error
}

// Discard is an output that keeps nothing.
type Discard struct{}

// Anomaly implements Output.
func (Discard) Anomaly(*aerv1.Anomaly) error { return nil }

// Decision implements Output.
func (Discard) Decision(*aerv1.Decision) error { return nil }

// DeadLetter implements Output.
func (Discard) DeadLetter(*aerv1.DeadLetter) error { return nil }

// Summary counts what came in and what came out. Every record read is an event or a dead letter; every event is in a
// slice or one of NotAPersons.
type Summary struct {
	Events, DeadLetters, Findings, Anomalies, Profiles int
	// Late is Engine.Late.
	Late int
	// NotAPersons are the events that count for nobody: the platform's own doings and records of what was done to a user.
	NotAPersons int
	First, Last time.Time
	Outcomes    map[aerv1.Decision_Outcome]int
	// Unreadable counts optional fields that could not be read.
	Unreadable event.Unreadable
}

// Replay judges the events of in and decides about what was found; it never acts. progress, if set, is told after each
// chunk how far the input was read (total is -1 if unknown).
func Replay(ctx context.Context, in *event.Files, cfg Config, decide decision.Config, out Output,
	progress func(read, total int64)) (Summary, error) {
	r := &replay{engine: NewEngine(cfg), out: out}
	r.engine.release(event.Release)
	r.decide = NewDecider(decide, out, &r.sum)
	if cfg.Memory != nil {
		if err := r.decide.Remember(cfg.Memory.Findings); err != nil {
			return r.sum, err
		}
	}
	for ev, dead := range in.All() {
		full, err := r.take(ev, dead)
		if full && err == nil {
			err = r.step(ctx)
			if progress != nil {
				progress(in.Progress())
			}
		}
		if err != nil {
			return r.sum, err
		}
	}
	if err := in.Err(); err != nil {
		return r.sum, err
	}
	r.sum.Unreadable = in.Unreadable()
	return r.finish(ctx)
}

type replay struct {
	engine *Engine
	decide *Decider
	out    Output
	sum    Summary
}

// take takes an event or a dead letter in; full says that this makes a chunk of events.
func (r *replay) take(ev *aerv1.Event, dead *aerv1.DeadLetter) (full bool, err error) {
	if dead != nil {
		r.sum.DeadLetters++
		if err := r.out.DeadLetter(dead); err != nil {
			return false, fmt.Errorf("writing a dead letter: %w", err)
		}
		return false, nil
	}
	r.sum.note(ev.Time.AsTime())
	r.engine.take(ev)
	return r.sum.Events%chunk == 0, nil
}

func (r *replay) step(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("stopped after %d events: %w", r.sum.Events, err)
	}
	return r.emit(r.engine.step())
}

func (r *replay) finish(ctx context.Context) (Summary, error) {
	if err := r.step(ctx); err != nil {
		return r.sum, err
	}
	if err := r.emit(r.engine.Close()); err != nil {
		return r.sum, err
	}
	r.sum.Profiles, r.sum.Late, r.sum.NotAPersons = r.engine.Profiles(), r.engine.Late(), r.engine.NotAPersons()
	return r.sum, r.decide.Flush()
}

func (r *replay) emit(found []*aerv1.Anomaly) error {
	for _, f := range found {
		r.sum.Findings++
		if told := r.engine.cfg.Findings; told != nil {
			if err := told(f); err != nil {
				return err
			}
		}
		if err := r.decide.Add(f); err != nil {
			return err
		}
	}
	return nil
}

func (s *Summary) note(t time.Time) {
	s.Events++
	if s.First.IsZero() || t.Before(s.First) {
		s.First = t
	}
	if t.After(s.Last) {
		s.Last = t
	}
}
