package transforms

import (
	"context"
	"fmt"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/state"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/timers"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/decision/settings"
	"github.com/aer-project/aer/transforms/process"
)

func init() {
	beam.RegisterDoFn(&askFn{})
	beam.RegisterDoFn(&budgetFn{})
	register.Emitter2[string, Decided]()
	register.Emitter1[Decided]()
}

// Budget passes every decision that would end sessions through its organisation's budget and then through the one of all
// organisations (PCollection<Decided> in and out). Decisions that do nothing go past them, so that the single key of the
// second budget sees only what is rare.
func Budget(s beam.Scope, decided beam.PCollection, run process.Run) beam.PCollection {
	s = s.Scope("Budget")
	asking, settled := beam.ParDo2(s, &askFn{}, decided)
	asked := beam.ParDo(s, newBudgetFn(run, decision.OrgBudget), asking)
	askingAll, refused := beam.ParDo2(s, &askFn{Global: true}, asked)
	askedAll := beam.ParDo(s, newBudgetFn(run, decision.GlobalBudget), askingAll)
	return beam.Flatten(s, settled, refused, askedAll)
}

// askFn parts decisions that must ask a budget, keyed by whose it is, from those that need not.
type askFn struct{ Global bool }

func (fn *askFn) ProcessElement(d Decided, asking func(string, Decided), settled func(Decided)) {
	budget := decision.OrgBudget
	if fn.Global {
		budget = decision.GlobalBudget
	}
	if !decision.WantsReset(d.Decision) {
		settled(d)
		return
	}
	asking(budgetKey(budget.Key(d.Decision)), d)
}

// budgetKey is the key of people's budgets as it always was, so that their state is found again.
func budgetKey(k decision.BudgetKey) string {
	key := "all"
	if k.Gate == decision.GateBudgetOrg {
		key = fmt.Sprintf("org %q", k.OrgID)
	}
	if k.Apps {
		key += " apps"
	}
	return key
}

// budgetFn is one of the two budgets. Its decisions come due in the order of their anomalies.
type budgetFn struct {
	Run     process.Run
	Budget  decision.Budget
	Pending state.Bag[[]byte]
	Due     timers.EventTime
	State   state.Value[[]byte]

	worker  *process.Worker
	refused beam.Counter
}

func newBudgetFn(run process.Run, b decision.Budget) *budgetFn {
	return &budgetFn{
		Run: run, Budget: b, Pending: state.MakeBagState[[]byte]("pending"), Due: timers.InEventTime("due"),
		State: state.MakeValueState[[]byte]("state"),
	}
}

// Setup finds limits.
func (fn *budgetFn) Setup(ctx context.Context) (err error) {
	fn.refused = beam.NewCounter("budget", "refused")
	fn.worker, err = fn.Run.Worker(ctx)
	return err
}

func (fn *budgetFn) buffer() dueBuffer { return dueBuffer{&fn.Pending, &fn.Due} }

// ProcessElement holds a decision until all earlier ones have come.
func (fn *budgetFn) ProcessElement(sp state.Provider, tp timers.Provider, _ string, d Decided, _ func(beam.EventTime, Decided)) error {
	raw, err := encodeDecided(d)
	if err != nil {
		return err
	}
	return fn.buffer().hold(sp, tp, timed{timestampMS(d), raw})
}

// OnTimer asks the budget about what is due.
func (fn *budgetFn) OnTimer(ctx context.Context, sp state.Provider, tp timers.Provider, _ string, timer timers.Context, emit func(beam.EventTime, Decided)) error {
	if timer.Tag == expireTag {
		return fn.State.Clear(sp)
	}
	things, err := fn.buffer().take(sp, timer.Tag)
	if err != nil || len(things) == 0 {
		return err
	}
	due := make([]Decided, len(things))
	for i, t := range things {
		if due[i], err = decodeDecided(t.data); err != nil {
			return err
		}
	}
	sortDecided(due)
	st := &aerv1.BudgetState{}
	raw, _, err := fn.State.Read(sp)
	if err != nil {
		return fmt.Errorf("reading a budget: %w", err)
	}
	if err := st.UnmarshalVT(raw); err != nil {
		return fmt.Errorf("reading a budget: %w", err)
	}
	for _, d := range due {
		limits, active := fn.limits(d.Decision.OrgId, d.Decision.Time.AsTime())
		fn.Budget.Apply(st, d.Decision, limits, active, d.Decision.Time.AsTime())
		if !decision.WantsReset(d.Decision) {
			fn.refused.Inc(ctx, 1)
		}
		setExpiry(&fn.Due, tp, decision.BudgetExpiresAt(st, limits))
		emit(eventTime(timestampMS(d)), d)
	}
	if raw, err = st.MarshalVT(); err != nil {
		return fmt.Errorf("writing a budget: %w", err)
	}
	return fn.State.Write(sp, raw)
}

// limits are those of the budget's scope, with the number of active users there at that time (0 = unknown).
func (fn *budgetFn) limits(orgID string, at time.Time) (*aerv1.Limits, uint32) {
	cfg := fn.worker.Decide
	active := func(org string) uint32 {
		if cfg.ActiveUsers == nil {
			return 0
		}
		return cfg.ActiveUsers(org, at)
	}
	if fn.Budget.Gate == decision.GateBudgetGlobal {
		if cfg.Global == nil {
			return settings.GlobalLimits(), active("")
		}
		return cfg.Global, active("")
	}
	if cfg.Settings == nil {
		return settings.Default(orgID).Limits, active(orgID)
	}
	return cfg.Settings(orgID).GetLimits(), active(orgID)
}
