package transforms

import (
	"context"
	"fmt"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/state"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/timers"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision"
)

func init() {
	beam.RegisterDoFn(&newsFn{})
	beam.RegisterDoFn(&commonFn{})
}

// Common passes the decisions about what is new through their organisation's stage, which knows a change of its environment
// from an attack (PCollection<Decided> in and out). The others, nearly all, go past it. Decisions that would only log wait
// there for company and come out up to decision.CommonWait late.
func Common(s beam.Scope, decided beam.PCollection) beam.PCollection {
	s = s.Scope("Common")
	news, settled := beam.ParDo2(s, &newsFn{}, decided)
	return beam.Flatten(s, settled, beam.ParDo(s, newCommonFn(), news))
}

// newsFn parts decisions about what is new, keyed by organisation, from the others.
type newsFn struct{}

func (fn *newsFn) ProcessElement(d Decided, news func(string, Decided), settled func(Decided)) {
	if decision.AsksCommon(d) {
		news(fmt.Sprintf("org %q", d.Decision.OrgId), d)
	} else if d.Decision.Outcome != aerv1.Decision_OUTCOME_UNSPECIFIED {
		settled(d)
	}
}

type commonFn struct {
	Pending state.Bag[[]byte]
	Due     timers.EventTime
	State   state.Value[[]byte]

	folded beam.Counter
}

func newCommonFn() *commonFn {
	return &commonFn{
		Pending: state.MakeBagState[[]byte]("pending"), Due: timers.InEventTime("due"),
		State: state.MakeValueState[[]byte]("state"),
	}
}

// Setup makes the counter.
func (fn *commonFn) Setup() { fn.folded = beam.NewCounter("common", "findings_folded") }

func (fn *commonFn) buffer() dueBuffer { return dueBuffer{&fn.Pending, &fn.Due} }

// ProcessElement holds a decision until all earlier ones have come.
func (fn *commonFn) ProcessElement(sp state.Provider, tp timers.Provider, _ string, d Decided, _ func(beam.EventTime, Decided)) error {
	raw, err := encodeDecided(d)
	if err != nil {
		return err
	}
	return fn.buffer().hold(sp, tp, timed{timestampMS(d), raw})
}

// OnTimer looks at what is due.
func (fn *commonFn) OnTimer(ctx context.Context, sp state.Provider, tp timers.Provider, _ string, timer timers.Context, emit func(beam.EventTime, Decided)) error {
	st := &aerv1.CommonState{}
	raw, _, err := fn.State.Read(sp)
	if err != nil {
		return fmt.Errorf("reading what is new in an organisation: %w", err)
	}
	if err := st.UnmarshalVT(raw); err != nil {
		return fmt.Errorf("reading what is new in an organisation: %w", err)
	}
	if timer.Tag == expireTag { // what waits is due long since, but its timers may fire after this one
		until := decision.CommonExpiresAt(st).UnixMilli()
		if _, err := fn.look(ctx, sp, tp, st, until, emit); err != nil {
			return err
		}
		return fn.State.Clear(sp)
	}
	until, err := dueUntilMS(timer.Tag)
	if err != nil {
		return err
	}
	if n, err := fn.look(ctx, sp, tp, st, until, emit); err != nil || n == 0 {
		return err
	}
	if raw, err = st.MarshalVT(); err != nil {
		return fmt.Errorf("writing what is new in an organisation: %w", err)
	}
	setExpiry(&fn.Due, tp, decision.CommonExpiresAt(st))
	return fn.State.Write(sp, raw)
}

// look passes what is due until a time through the stage, keeps what waits on and returns how many were due.
func (fn *commonFn) look(ctx context.Context, sp state.Provider, tp timers.Provider, st *aerv1.CommonState, untilMS int64, emit func(beam.EventTime, Decided)) (int, error) {
	things, err := fn.buffer().takeUntil(sp, untilMS)
	if err != nil {
		return 0, err
	}
	held := make([]decision.Held, len(things))
	for i, t := range things {
		held[i].DueMS = t.ms
		if held[i].Decided, err = decodeDecided(t.data); err != nil {
			return 0, err
		}
	}
	out, rest := decision.Common{}.Take(st, held, untilMS)
	for _, d := range out {
		emit(eventTime(timestampMS(d)), d)
	}
	for _, h := range rest {
		raw, err := encodeDecided(h.Decided)
		if err != nil {
			return 0, err
		}
		if err := fn.buffer().wait(sp, tp, timed{h.DueMS, raw}); err != nil {
			return 0, err
		}
	}
	if n := len(held) - len(out) - len(rest); n > 0 {
		fn.folded.Inc(ctx, int64(n))
	}
	return len(held), nil
}
