// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/state"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/timers"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/process"
)

func init() {
	beam.RegisterDoFn(&findingFn{})
	beam.RegisterDoFn(&askFn{})
	beam.RegisterDoFn(&stageFn{})
	register.Emitter1[Decided]()
	register.Emitter2[string, Decided]()
	register.Emitter2[beam.EventTime, Decided]()
}

// stages are the names of decision.Stages in the graph, with those of the cells that hold their states.
var stages = []struct{ name, cell string }{{"Decide", "history"}, {"Common", "state"}, {"Budget", "state"},
	{"BudgetOfAll", "state"}}

// Decide passes the findings of both lanes through decision.Stages (PCollection<*aerv1.Anomaly> in,
// PCollection<Decided> out). What a stage has no business with, nearly everything behind the first, goes past it, so
// that the single key of the last sees only what is rare. Before them come those that Remember gives, if it is used:
// the stages remember what was decided about them, and only what was not comes out.
func Decide(s beam.Scope, findings beam.PCollection, run process.Run, remembered ...beam.PCollection) beam.PCollection {
	pairs := beam.ParDo(s, &findingFn{}, findings)
	if len(remembered) > 0 {
		pairs = beam.Flatten(s, append(remembered, pairs)...)
	}
	for i, stage := range stages {
		s := s.Scope(stage.name)
		asking, past := beam.ParDo2(s, &askFn{Stage: i}, pairs)
		pairs = beam.Flatten(s, past, beam.ParDo(s, newStageFn(run, i), asking))
	}
	if len(remembered) > 0 {
		pairs = beam.ParDo(s, &newsFn{}, pairs)
	}
	return pairs
}

// findingFn makes pairs of findings.
type findingFn struct{}

func (fn *findingFn) ProcessElement(a *aerv1.Anomaly) Decided { return Decided{Anomaly: a} }

// askFn parts pairs that a stage has to look at, by the key of its state, from the others.
type askFn struct{ Stage int }

func (fn *askFn) ProcessElement(d Decided, asking func(string, Decided), past func(Decided)) {
	if key, asks := decision.Stages(decision.Config{})[fn.Stage].Key(d); asks {
		asking(key, d)
	} else {
		past(d)
	}
}

// stageFn drives one of decision.Stages: it holds pairs until all earlier ones have come, and keeps the states.
type stageFn struct {
	Run     process.Run
	Stage   int
	Pending state.Bag[[]byte]
	Due     timers.EventTime
	State   state.Value[[]byte]

	stage                    decision.Stage
	folded, decided, refused beam.Counter
}

func newStageFn(run process.Run, stage int) *stageFn {
	return &stageFn{
		Run: run, Stage: stage, Pending: state.MakeBagState[[]byte]("pending"), Due: timers.InEventTime("due"),
		State: state.MakeValueState[[]byte](stages[stage].cell),
	}
}

// Setup finds what the stage asks.
func (fn *stageFn) Setup(ctx context.Context) error {
	name := strings.ToLower(stages[fn.Stage].name)
	fn.folded, fn.decided = beam.NewCounter(name, "findings_folded"), beam.NewCounter(name, "decisions")
	fn.refused = beam.NewCounter(name, "refused")
	core, err := fn.Run.Core(ctx)
	if err != nil {
		return err
	}
	fn.stage = decision.Stages(fn.Run.Decide(core))[fn.Stage]
	return nil
}

func (fn *stageFn) buffer() dueBuffer { return dueBuffer{pending: &fn.Pending, due: &fn.Due} }

// ProcessElement holds a pair.
func (fn *stageFn) ProcessElement(sp state.Provider, tp timers.Provider, _ string, d Decided,
	_ func(beam.EventTime, Decided)) error {
	raw, err := encodeDecided(d)
	if err != nil {
		return err
	}
	return fn.buffer().hold(sp, tp, &aerv1.PendingThing{DueMs: d.TimeMS(), Data: raw})
}

// OnTimer has the stage look at what is due.
func (fn *stageFn) OnTimer(ctx context.Context, sp state.Provider, tp timers.Provider, _ string, timer timers.Context,
	emit func(beam.EventTime, Decided)) error {
	if timer.Tag == expireTag {
		return fn.buffer().clear(sp, &fn.State)
	}
	held, untilMS, err := fn.takeHeld(sp, timer.Tag)
	if err != nil || len(held) == 0 {
		return err
	}
	st := fn.stage.Empty()
	raw, _, err := fn.State.Read(sp)
	if err != nil {
		return fmt.Errorf("reading a state: %w", err)
	}
	if err := aerv1.UnmarshalState(raw, st); err != nil {
		return err
	}
	done := fn.stage.Step(st, held, untilMS)
	for _, d := range done.Out {
		if d.Before == nil {
			fn.count(ctx, d.Decision)
		}
		emit(eventTime(d.TimeMS()), d)
	}
	fn.folded.Inc(ctx, int64(len(held)-len(done.Out)-len(done.Rest)))
	if err := fn.wait(sp, tp, done.Rest); err != nil {
		return err
	}
	if raw, err = st.MarshalVT(); err != nil {
		return fmt.Errorf("writing a state: %w", err)
	}
	setExpiry(&fn.Due, tp, done.Expires)
	return fn.State.Write(sp, raw)
}

func (fn *stageFn) count(ctx context.Context, d *aerv1.Decision) {
	fn.decided.Inc(ctx, 1)
	if d.Outcome == aerv1.Decision_BUDGET_EXHAUSTED {
		fn.refused.Inc(ctx, 1)
	}
}

// takeHeld is what is due now that the timer of the tag has fired, and until when it is.
func (fn *stageFn) takeHeld(sp state.Provider, tag string) (held []decision.Held, untilMS int64, err error) {
	things, untilMS, err := fn.buffer().take(sp, tag)
	if err != nil {
		return nil, 0, err
	}
	for _, t := range things {
		d, err := readHeld(t.Data, fn.Stage)
		if err != nil {
			return nil, 0, fmt.Errorf("reading what is held until %d: %w", t.DueMs, err)
		}
		held = append(held, decision.Held{Decided: d, DueMS: t.DueMs})
	}
	return held, untilMS, nil
}

func (fn *stageFn) wait(sp state.Provider, tp timers.Provider, rest []decision.Held) error {
	for _, h := range rest {
		raw, err := encodeDecided(h.Decided)
		if err != nil {
			return err
		}
		if err := fn.buffer().wait(sp, tp, &aerv1.PendingThing{DueMs: h.DueMS, Data: raw}); err != nil {
			return err
		}
	}
	return nil
}
