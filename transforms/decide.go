package transforms

import (
	"context"
	"fmt"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/state"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/timers"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/process"
)

func init() {
	beam.RegisterDoFn(&userKeyFn{})
	beam.RegisterDoFn(&decideFn{})
	register.Emitter2[beam.EventTime, Decided]()
}

// expireTag is the tag of the timers that drop state of which nothing more was heard.
const expireTag = "expire"

// Decide takes the findings of both lanes and decides about each user's in the order of (known_at, id)
// (PCollection<*aerv1.Anomaly> in, PCollection<Decided> out). Findings that were folded into an ongoing episode give no
// output, but for a decision without an outcome where Common has to hear of one (decision.Witness): Common must follow. The
// budgets are not yet asked.
func Decide(s beam.Scope, findings beam.PCollection, run process.Run) beam.PCollection {
	s = s.Scope("Decide")
	return beam.ParDo(s, newDecideFn(run), beam.ParDo(s, &userKeyFn{}, findings))
}

// userKeyFn keys a finding by its principal: each has a history of its own.
type userKeyFn struct{}

func (fn *userKeyFn) ProcessElement(a *aerv1.Anomaly) (string, *aerv1.Anomaly) {
	key := fmt.Sprintf("%q %q", a.OrgId, a.UserId)
	if who := aerv1.PrincipalOf(a); !who.Person() { // the person's key stays what it was: state is found again
		key += fmt.Sprintf(" %q %q", who.ActorKind, who.AppID)
	}
	return key, a
}

type decideFn struct {
	Run     process.Run
	Pending state.Bag[[]byte]
	Due     timers.EventTime
	History state.Value[[]byte]

	worker  *process.Worker
	folded  beam.Counter
	decided beam.Counter
}

func newDecideFn(run process.Run) *decideFn {
	return &decideFn{
		Run: run, Pending: state.MakeBagState[[]byte]("pending"), Due: timers.InEventTime("due"),
		History: state.MakeValueState[[]byte]("history"),
	}
}

// Setup finds settings and people.
func (fn *decideFn) Setup(ctx context.Context) (err error) {
	fn.folded = beam.NewCounter("decide", "findings_folded")
	fn.decided = beam.NewCounter("decide", "decisions")
	fn.worker, err = fn.Run.Worker(ctx)
	return err
}

func (fn *decideFn) buffer() dueBuffer { return dueBuffer{&fn.Pending, &fn.Due} }

// ProcessElement holds a finding until all earlier ones have come.
func (fn *decideFn) ProcessElement(sp state.Provider, tp timers.Provider, _ string, a *aerv1.Anomaly, _ func(beam.EventTime, Decided)) error {
	raw, err := a.MarshalVT()
	if err != nil {
		return fmt.Errorf("holding anomaly %s: %w", a.Id, err)
	}
	return fn.buffer().hold(sp, tp, timed{knownAtMS(a), raw})
}

// OnTimer decides about what is due.
func (fn *decideFn) OnTimer(ctx context.Context, sp state.Provider, tp timers.Provider, _ string, timer timers.Context, emit func(beam.EventTime, Decided)) error {
	if timer.Tag == expireTag {
		return fn.History.Clear(sp)
	}
	things, err := fn.buffer().take(sp, timer.Tag)
	if err != nil || len(things) == 0 {
		return err
	}
	due := make([]*aerv1.Anomaly, len(things))
	for i, t := range things {
		due[i] = &aerv1.Anomaly{}
		if err := due[i].UnmarshalVT(t.data); err != nil {
			return fmt.Errorf("reading a held anomaly: %w", err)
		}
	}
	decision.SortAnomalies(due)
	h := &aerv1.UserHistory{}
	raw, _, err := fn.History.Read(sp)
	if err != nil {
		return fmt.Errorf("reading a user's history: %w", err)
	}
	if err := h.UnmarshalVT(raw); err != nil {
		return fmt.Errorf("reading a user's history: %w", err)
	}
	for _, a := range due {
		emitted, d := fn.worker.Decide.User.Apply(h, a, fn.env(a))
		if d == nil {
			if emitted, d = decision.Witness(h, a); d != nil {
				emit(eventTime(knownAtMS(a)), Decided{Anomaly: emitted, Decision: d})
			}
			fn.folded.Inc(ctx, 1)
			continue
		}
		fn.decided.Inc(ctx, 1)
		emit(eventTime(knownAtMS(a)), Decided{Anomaly: emitted, Decision: d})
	}
	if raw, err = h.MarshalVT(); err != nil {
		return fmt.Errorf("writing a user's history: %w", err)
	}
	setExpiry(&fn.Due, tp, decision.ExpiresAt(h))
	return fn.History.Write(sp, raw)
}

func (fn *decideFn) env(a *aerv1.Anomaly) decision.Env {
	cfg := fn.worker.Decide
	env := decision.Env{Mode: fn.Run.Mode, EndsApps: cfg.EndsApps, DecidedAt: fn.Run.Now(fn.worker), Simulated: cfg.Simulated}
	if fn.worker.Decide.Settings != nil {
		env.Settings = fn.worker.Decide.Settings(a.OrgId)
	}
	if fn.worker.Decide.Person != nil {
		env.Person = fn.worker.Decide.Person(a.OrgId, a.UserId)
	}
	return env
}

func knownAtMS(a *aerv1.Anomaly) int64 { return a.GetKnownAt().AsTime().UnixMilli() }
