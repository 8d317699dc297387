// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"fmt"
	"math"
	"slices"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision/settings"
)

// Budget is a circuit breaker over the sign-outs of one organisation, or of all. It works in event time on decisions in
// the order of CompareDecisions.
//
// It counts the people for whom resets are wanted in the window, granted or not (budget_people.go). Once more are
// wanted than the limit it refuses, and goes on refusing until the demand in the window has fallen to half the limit:
// what wants that many sign-outs is more likely a mistake than an attack, and granting the limit afresh in each window
// would sign everyone out in instalments.
//
// Of what all organisations want together, each counts with at most a share (budget_share.go), so that no tenant and no
// handful of tenants can open the breaker for the others. Demand that an earlier gate or the organisation's own breaker
// has refused is not asked about here and so never counts.
//
// An admin who knows better may reset it (Limits.budget_reset): what was wanted before that time no longer counts, from
// the first decision on that is not older than it.
type Budget struct {
	// Gate is GateBudgetOrg or GateBudgetGlobal: its name in the trace.
	Gate string
}

// The two budgets, in the order in which a decision passes them.
var (
	OrgBudget    = Budget{Gate: GateBudgetOrg}
	GlobalBudget = Budget{Gate: GateBudgetGlobal}
)

// key is whose budget counts the decision. Apps are counted apart: what is wanted of them must not use up what protects
// people, nor the reverse.
func (b Budget) key(d *aerv1.Decision) string {
	key := "all"
	if b.Gate == GateBudgetOrg {
		key = fmt.Sprintf("org %q", d.GetOrgId())
	}
	if d.GetActorKind() == aerv1.ActorApp {
		key += " apps"
	}
	return key
}

// budgetSteps is how finely the window is divided, which bounds the state: 1 s of the default 10 min.
const budgetSteps = 600

// No organisation is signed out: whatever its budget, at most smallFraction of its active users are, and smallMin where
// that is fewer. The default minimum of 20 would be everyone in a small organisation. It holds where the number of
// active users is known. What spreads over hours stays below any budget of minutes: that takes the day's limit
// (budget_day.go). A start value.
const (
	smallFraction = 0.1
	smallMin      = 3
)

// recoverFraction of the limit is what the demand must fall to before resets are granted again, so that a demand about
// the limit does not open and close the breaker (and page) all the time. A start value.
const recoverFraction = 0.5

// Apply asks the budget about a decision and changes the decision if it is refused. Decisions that would do nothing
// pass untouched and uncounted. limits may be incomplete; activeUsers is 0 if unknown; now is the decision's time.
func (b Budget) Apply(st *aerv1.BudgetState, d *aerv1.Decision, limits *aerv1.Limits,
	activeUsers uint32, now time.Time) {
	if !WantsReset(d) {
		return
	}
	limits = settings.CompleteLimits(limits)
	window := limits.BudgetWindow.AsDuration()
	limit := b.limit(limits, activeUsers)
	prepare(st, now, limits.GetBudgetReset())
	who := counted(st, d, window)
	wanted := b.note(st, d.GetOrgId(), who.WantedMs, limit, window)
	who.WantedMs = st.ClockMs
	if !refuses(st.Exhausted, wanted, limit) {
		st.Exhausted, st.Refused = false, 0
		b.askDay(st, d, who, activeUsers, fmt.Sprintf("Resets of %s wanted in %s, of at most %d %s", b.who(d, wanted),
			minutes(window), limit, b.scope()))
		return
	}
	first := !st.Exhausted
	if first {
		st.Exhausted, st.ExhaustedSinceMs, st.Refused = true, st.ClockMs, 0
	}
	st.Refused++
	b.refuse(d, first, fmt.Sprintf("Resets of %s wanted in %s %s, more than the budget of %d allows; exhausted since "+
		"%s: nothing is ended until the demand has fallen to %d.",
		b.who(d, wanted), minutes(window), b.scope(), limit, clock(time.UnixMilli(st.ExhaustedSinceMs)), recoverLimit(limit)))
}

// refuse turns the decision into one that does nothing. People are told when the breaker opens, not at each refusal.
func (b Budget) refuse(d *aerv1.Decision, first bool, why string) {
	d.Outcome, d.Escalate, d.Recommendation, d.Reason = aerv1.Decision_BUDGET_EXHAUSTED, first, adviceBudget, why
	d.Trace = append(d.Trace, &aerv1.GateResult{Gate: b.Gate, Passed: false, Detail: why})
}

// WantsReset says whether the decision would end sessions, so that the budgets must be asked.
func WantsReset(d *aerv1.Decision) bool {
	return d.GetOutcome() == aerv1.Decision_RESPOND || d.GetOutcome() == aerv1.Decision_PERSISTING
}

// BudgetExpiresAt is the event time from which a state of which nothing more was heard decides like an empty one.
// limits are those the state was last used with.
func BudgetExpiresAt(st *aerv1.BudgetState, limits *aerv1.Limits) time.Time {
	window := settings.CompleteLimits(limits).BudgetWindow.AsDuration()
	if len(st.GetDay()) > 0 {
		window = max(window, dayWindow)
	}
	return time.UnixMilli(st.GetClockMs() + window.Milliseconds() + stepMS(window)).UTC()
}

func (b Budget) scope() string {
	if b.Gate == GateBudgetGlobal {
		return "in all organisations"
	}
	return "in the organisation"
}

// who says how many are counted with the decision.
func (b Budget) who(d *aerv1.Decision, n uint32) string {
	if d.GetActorKind() == aerv1.ActorApp {
		return plural(int(n), "app")
	}
	return plural(int(n), "person", "people")
}

// prepare moves the clock, which never goes back, and applies an admin's reset.
func prepare(st *aerv1.BudgetState, now time.Time, reset *aerv1.BudgetReset) {
	st.Version = aerv1.StateVersion
	st.ClockMs = max(st.ClockMs, now.UnixMilli())
	if at := reset.GetAt().AsTime().UnixMilli(); reset.GetAt().IsValid() && at > st.ResetMs && at <= st.ClockMs {
		st.ResetMs = at
		empty(st)
	}
}

// note counts somebody for whom a reset is wanted now and was at beforeMS (Unix milliseconds, 0 = never), and returns
// how many that are in the window that ends now, this one included. Of all organisations together none counts more than
// its share.
func (b Budget) note(st *aerv1.BudgetState, orgID string, beforeMS int64, limit uint32, window time.Duration) uint32 {
	if b.Gate == GateBudgetGlobal {
		return noteShared(st, orgID, beforeMS, limit, window)
	}
	st.Steps = countOne(uncount(forgetSteps(st.Steps, st.ClockMs, window, stepMS(window)), beforeMS),
		st.ClockMs, stepMS(window))
	st.Steps = st.Steps[max(0, len(st.Steps)-budgetSteps-1):]
	return countSteps(st.Steps)
}

// forgetSteps drops the steps that have left the window ending at the clock; step is in milliseconds.
func forgetSteps(steps []*aerv1.BudgetStep, clockMS int64, window time.Duration, step int64) []*aerv1.BudgetStep {
	at := clockMS - clockMS%step
	return slices.DeleteFunc(steps, func(s *aerv1.BudgetStep) bool { return s.AtMs <= at-window.Milliseconds() })
}

// countOne adds one to the step that the clock is in.
func countOne(steps []*aerv1.BudgetStep, clockMS, step int64) []*aerv1.BudgetStep {
	at := clockMS - clockMS%step
	if n := len(steps); n > 0 && steps[n-1].AtMs >= at {
		steps[n-1].Wanted++
		return steps
	}
	return append(steps, &aerv1.BudgetStep{AtMs: at, Wanted: 1})
}

// stepOf is the index of the step that a time is in, Unix milliseconds; -1 if it is not remembered.
func stepOf(steps []*aerv1.BudgetStep, atMS int64) int {
	i := len(steps) - 1
	for i >= 0 && steps[i].AtMs > atMS {
		i--
	}
	return i
}

// uncount takes away one that was counted at a time, Unix milliseconds.
func uncount(steps []*aerv1.BudgetStep, atMS int64) []*aerv1.BudgetStep {
	i := stepOf(steps, atMS)
	if i < 0 {
		return steps
	}
	if steps[i].Wanted--; steps[i].Wanted == 0 {
		return slices.Delete(steps, i, i+1)
	}
	return steps
}

func countSteps(steps []*aerv1.BudgetStep) uint32 {
	var sum uint64
	for _, s := range steps {
		sum += uint64(s.Wanted)
	}
	return uint32(min(sum, math.MaxUint32))
}

// empty forgets what was wanted and closes the breaker.
func empty(st *aerv1.BudgetState) {
	st.Steps, st.Exhausted, st.ExhaustedSinceMs, st.Refused, st.Orgs = nil, false, 0, 0, nil
	st.Day, st.DayExhausted, st.DayExhaustedSinceMs, st.People = nil, false, 0, nil
}

// stepMS is the length of a step, to which times are rounded down.
func stepMS(window time.Duration) int64 { return max(1, window.Milliseconds()/budgetSteps) }

func refuses(exhausted bool, wanted, limit uint32) bool {
	if exhausted {
		return wanted > recoverLimit(limit)
	}
	return wanted > limit
}

// recoverLimit is at least 1, so that a quiet window always closes the breaker again.
func recoverLimit(limit uint32) uint32 { return max(1, uint32(float64(limit)*recoverFraction)) }

// limit is max(budget_min, budget_fraction × active users), rounded down; for an organisation of which the number of
// active users is known (not 0) it is at most max(smallMin, smallFraction × active users).
func (b Budget) limit(l *aerv1.Limits, activeUsers uint32) uint32 {
	limit := max(l.GetBudgetMin(), uint32(min(l.GetBudgetFraction()*float64(activeUsers), math.MaxUint32)))
	if b.Gate == GateBudgetGlobal || activeUsers == 0 {
		return limit
	}
	return min(limit, max(smallMin, uint32(smallFraction*float64(activeUsers))))
}
