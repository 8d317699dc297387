// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"fmt"
	"slices"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// A Stage is one of the four that a finding passes before anything is done about it: the principal's history, the
// organisation's common causes, and the budgets of the organisation and of all. What is due, in what order it is looked
// at, what comes of it and when a state is forgotten is said here and in Step only: a driver keeps the states, brings
// what is due and hands on what comes out.
type Stage interface {
	// Key names the state by which the stage looks at a pair; asks is false for a pair that goes past it.
	Key(d Decided) (key string, asks bool)
	// Empty is the state of a key that was never heard of.
	Empty() aerv1.State
	// Step looks at what of held is due until an event time, Unix milliseconds, and changes the state in place.
	Step(state aerv1.State, held []Held, untilMS int64) Step
}

// Step is what has come of a look.
type Step struct {
	// Out is to be handed on.
	Out []Decided
	// Rest is still held.
	Rest []Held
	// Expires is the event time from which the state decides like an empty one, if it hears nothing more.
	Expires time.Time
}

// Stages are all stages, in the order in which pairs pass them.
func Stages(cfg Config) []Stage {
	cfg = cfg.withDefaults()
	return []Stage{deciding{cfg}, Common{}, budgeting{cfg, OrgBudget}, budgeting{cfg, GlobalBudget}}
}

// Held is a pair with the event time at which a stage is to look at it, Unix milliseconds: its own time, or CommonWait
// later if it waits for company.
type Held struct {
	Decided
	DueMS int64
}

// Hold is a pair that is to be looked at in its turn.
func Hold(d Decided) Held { return Held{d, d.TimeMS()} }

// due parts what is due until a time, sorted, from the rest.
func due(held []Held, untilMS int64, compare func(a, b Decided) int) (due []Decided, rest []Held) {
	for _, h := range held {
		if h.DueMS <= untilMS {
			due = append(due, h.Decided)
		} else {
			rest = append(rest, h)
		}
	}
	slices.SortStableFunc(due, compare)
	return due, rest
}

// deciding is the first stage: what comes in are findings, without a decision.
type deciding struct{ cfg Config }

// Key implements Stage. The person's key has no more than it ever had, so that state is found again.
func (deciding) Key(d Decided) (string, bool) {
	key := fmt.Sprintf("%q %q", d.Anomaly.GetOrgId(), d.Anomaly.GetUserId())
	if who := aerv1.PrincipalOf(d.Anomaly); !who.Person() {
		key += fmt.Sprintf(" %q %q", who.ActorKind, who.AppID)
	}
	return key, true
}

// Empty implements Stage.
func (deciding) Empty() aerv1.State { return &aerv1.UserHistory{} }

// Step implements Stage. A finding that was folded comes out only, with a decision without an outcome, if Common has to
// hear of it.
func (s deciding) Step(state aerv1.State, held []Held, untilMS int64) Step {
	h := state.(*aerv1.UserHistory)
	h.Version = aerv1.StateVersion
	found, rest := due(held, untilMS, compareFound)
	var out []Decided
	for _, f := range found {
		env := s.cfg.env(f.Anomaly)
		env.Before = f.Before
		a, d := s.cfg.User.Apply(h, f.Anomaly, env)
		if d == nil {
			a, d = Witness(h, f.Anomaly)
		}
		if p := (Decided{a, d, f.Before}); d != nil && (d.Outcome != aerv1.Decision_OUTCOME_UNSPECIFIED || AsksCommon(p)) {
			out = append(out, p)
		}
	}
	return Step{out, rest, ExpiresAt(h)}
}

// compareFound orders findings. One that an earlier run has decided about goes before the same one found again.
func compareFound(a, b Decided) int {
	order := CompareAnomalies(a.Anomaly, b.Anomaly)
	if order == 0 && (a.Before == nil) != (b.Before == nil) {
		order = 1
		if a.Before != nil {
			order = -1
		}
	}
	return order
}

// budgeting is one of the two budgets, for the decisions that would end sessions.
type budgeting struct {
	cfg    Config
	budget Budget
}

// Key implements Stage.
func (s budgeting) Key(d Decided) (string, bool) {
	return s.budget.key(d.Decision), WantsReset(d.Decision)
}

// Empty implements Stage.
func (budgeting) Empty() aerv1.State { return &aerv1.BudgetState{} }

// Step implements Stage.
func (s budgeting) Step(state aerv1.State, held []Held, untilMS int64) Step {
	st := state.(*aerv1.BudgetState)
	out, rest := due(held, untilMS, CompareDecided)
	var limits *aerv1.Limits
	for _, d := range out {
		var active uint32
		limits, active = s.cfg.limits(s.budget, d.Decision)
		s.budget.Apply(st, d.Decision, limits, active, d.Decision.GetTime().AsTime())
	}
	return Step{out, rest, BudgetExpiresAt(st, limits)}
}
