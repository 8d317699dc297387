// SPDX-License-Identifier: Apache-2.0

package sinks

import (
	"context"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/timers"

	"github.com/aer-project/aer/transforms/process"
)

func init() {
	beam.RegisterDoFn(&silentFn[int64]{})
	beam.RegisterDoFn(&silentFn[string]{})
	beam.RegisterDoFn(&onceFn{})
	beam.RegisterDoFn(&overFn{})
}

// Over tells the process of the run when all is done that was to be done: the sources have ended, and what came of them
// is written and carried out. written is what Write returned, responded what Respond returned, or nothing. It is for
// runners whose jobs go on for ever, with nothing left to do.
func Over(s beam.Scope, run process.Run, written beam.PCollection, responded ...beam.PCollection) {
	s = s.Scope("Over")
	last := []beam.PCollection{beam.ParDo(s, &onceFn{}, beam.Impulse(s)), beam.ParDo(s, &silentFn[int64]{}, written)}
	for _, r := range responded {
		last = append(last, beam.ParDo(s, &silentFn[string]{}, r))
	}
	beam.ParDo0(s, newOverFn(run), beam.Flatten(s, last...))
}

// silentFn lets nothing of what a sink made through: only its watermark matters.
type silentFn[T any] struct{}

func (fn *silentFn[T]) ProcessElement(T, func(string, int64)) {}

// onceFn makes the one element for which the end is awaited.
type onceFn struct{}

func (fn *onceFn) ProcessElement([]byte) (string, int64) { return "", 0 }

// overFn waits for the end of time, which comes when no sink can be given anything more.
type overFn struct {
	Run process.Run
	Due timers.EventTime

	process *process.Process
}

func newOverFn(run process.Run) *overFn {
	return &overFn{Run: run, Due: timers.InEventTime("due")}
}

// Setup finds the process.
func (fn *overFn) Setup(ctx context.Context) (err error) {
	fn.process, err = fn.Run.Process(ctx)
	return err
}

// ProcessElement begins to wait.
func (fn *overFn) ProcessElement(tp timers.Provider, _ string, _ int64) {
	fn.Due.Set(tp, mtime.EndOfGlobalWindowTime.ToTime(), timers.WithNoOutputTimestamp())
}

// OnTimer tells.
func (fn *overFn) OnTimer(ctx context.Context, _ timers.Provider, _ string, _ timers.Context) error {
	return fn.process.Over(ctx)
}
