// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"context"
	"maps"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/process"
)

func init() {
	beam.RegisterDoFn(&fastLaneFn{})
	register.Function3x0((&fastLaneFn{}).ProcessElement)
	direct(func(fn *fastLaneFn) any { return fn.ProcessElement })
}

// FastLane judges each event by itself, without waiting for a window (PCollection<*aerv1.Event> in, findings out at
// their known_at).
func FastLane(s beam.Scope, events beam.PCollection, run process.Run) beam.PCollection {
	return beam.ParDo(s.Scope("FastLane"), &fastLaneFn{Run: run}, events)
}

// fastLaneFn keeps, of findings that say the same about the same principal and minute, the earliest of the bundle: ten
// thousand requests through one Tor exit are one finding. The stage that decides leaves out the rest in the same way,
// so that what comes out does not depend on where bundles end.
type fastLaneFn struct {
	Run process.Run

	judge detector.Judge
	kept  map[string]*aerv1.Anomaly
	found beam.Counter
}

// Setup finds the detectors.
func (fn *fastLaneFn) Setup(ctx context.Context) error {
	fn.found = beam.NewCounter("fastlane", "findings")
	core, err := fn.Run.Core(ctx)
	if err != nil {
		return err
	}
	fn.judge = fn.Run.Judge(core)
	return nil
}

// StartBundle begins with nothing.
func (fn *fastLaneFn) StartBundle(_ func(beam.EventTime, *aerv1.Anomaly)) {
	fn.kept = map[string]*aerv1.Anomaly{}
}

// ProcessElement judges an event.
func (fn *fastLaneFn) ProcessElement(ctx context.Context, ev *aerv1.Event, _ func(beam.EventTime, *aerv1.Anomaly)) {
	for _, a := range fn.judge.Event(ev) {
		fn.found.Inc(ctx, 1)
		key := decision.Repetition(a)
		if have, ok := fn.kept[key]; !ok || decision.CompareAnomalies(a, have) < 0 {
			fn.kept[key] = a
		}
	}
}

// FinishBundle emits what was kept.
func (fn *fastLaneFn) FinishBundle(emit func(beam.EventTime, *aerv1.Anomaly)) {
	for _, a := range slices.SortedFunc(maps.Values(fn.kept), decision.CompareAnomalies) {
		emit(eventTime(a.KnownAt.AsTime().UnixMilli()), a)
	}
	fn.kept = nil
}
