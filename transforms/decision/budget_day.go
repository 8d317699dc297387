// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"fmt"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// The limit of a day, for what spreads over hours (people look new one by one as they come in) and so stays below a
// budget of minutes: dayFraction of an organisation's active users, or dayMin where that is more. It holds where the
// number of active users is known. A start value.
const (
	dayWindow   = 24 * time.Hour
	dayStep     = 10 * time.Minute
	dayFraction = 0.25
	dayMin      = 6
)

// askDay asks about the day what the budget of minutes grants. It counts to whom it was granted, not what was wanted:
// the demand of a burst that the budget of minutes has refused must not keep a thief of the afternoon signed in. passed
// is what the trace says so far, without a stop.
func (b Budget) askDay(st *aerv1.BudgetState, d *aerv1.Decision, who *aerv1.BudgetPerson,
	activeUsers uint32, passed string) {
	if b.Gate == GateBudgetGlobal || activeUsers == 0 {
		d.Trace = append(d.Trace, &aerv1.GateResult{Gate: b.Gate, Passed: true, Detail: passed + "."})
		return
	}
	step := dayStep.Milliseconds()
	st.Day = forgetSteps(st.Day, st.ClockMs, dayWindow, step)
	others, limit := countSteps(st.Day), dayLimit(activeUsers)
	if stepOf(st.Day, who.GrantedMs) >= 0 {
		others--
	}
	if !refuses(st.DayExhausted, others+1, limit) {
		st.Day, st.DayExhausted = countOne(uncount(st.Day, who.GrantedMs), st.ClockMs, step), false
		who.GrantedMs = st.ClockMs
		d.Trace = append(d.Trace, &aerv1.GateResult{Gate: b.Gate, Passed: true,
			Detail: fmt.Sprintf("%s; with this one made for %s in 24 h, of at most %d.", passed, b.who(d, others+1), limit)})
		return
	}
	first := !st.DayExhausted
	if first {
		st.DayExhausted, st.DayExhaustedSinceMs = true, st.ClockMs
	}
	b.refuse(d, first, fmt.Sprintf("Resets of %s made in 24 h %s, of at most %d for %d active users; exhausted since "+
		"%s: nothing is ended until they are fewer than %d.",
		b.who(d, others), b.scope(), limit, activeUsers, clock(time.UnixMilli(st.DayExhaustedSinceMs)), recoverLimit(limit)))
}

func dayLimit(activeUsers uint32) uint32 {
	return max(dayMin, uint32(dayFraction*float64(activeUsers)))
}
