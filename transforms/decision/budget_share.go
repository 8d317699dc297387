// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"math"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// An organisation counts towards the budget of all with at most shareFraction of its limit, and with one reset at
// least: it takes twenty organisations to open the breaker of the others, however much each wants. A start value.
const shareFraction = 0.05

// What is remembered per organisation is bounded: maxDemands organisations with the window in demandSteps parts each.
// What the one forgotten first had wanted goes on counting, without its name.
const (
	maxDemands  = 512
	demandSteps = 30
)

func shareOf(limit uint32) uint32 { return max(1, uint32(shareFraction*float64(limit))) }

// noteShared counts somebody for whom an organisation wants a reset, as note does, and returns for how many all want
// one in the window that ends now, of each at most its share.
func noteShared(st *aerv1.BudgetState, orgID string, beforeMS int64, limit uint32, window time.Duration) uint32 {
	step, share := max(1, window.Milliseconds()/demandSteps), shareOf(limit)
	org := hash("org", orgID)
	var mine *aerv1.OrgDemand
	kept := st.Orgs[:0]
	for _, o := range st.Orgs {
		if o.Steps = forgetSteps(o.Steps, st.ClockMs, window, step); len(o.Steps) > 0 || o.Org == org {
			kept = append(kept, o)
		}
		if o.Org == org {
			mine = o
		}
	}
	clear(st.Orgs[len(kept):])
	if st.Orgs = kept; mine == nil {
		mine = &aerv1.OrgDemand{Org: org}
		st.Orgs = append(st.Orgs, mine)
	}
	mine.Steps = countOne(uncount(mine.Steps, beforeMS), st.ClockMs, step)
	st.Steps = forgetSteps(st.Steps, st.ClockMs, window, stepMS(window))
	forgetName(st, share, stepMS(window))
	return uint32(min(uint64(countSteps(st.Steps))+sumShares(st, share), math.MaxUint32))
}

func sumShares(st *aerv1.BudgetState, share uint32) (sum uint64) {
	for _, o := range st.Orgs {
		sum += uint64(min(share, countSteps(o.Steps)))
	}
	return sum
}

// forgetName drops the organisation that has wanted nothing for longest if there are too many. What it had wanted
// counts for one more window: rather too long than too short.
func forgetName(st *aerv1.BudgetState, share uint32, step int64) {
	if len(st.Orgs) <= maxDemands {
		return
	}
	before := sumShares(st, share)
	st.Orgs = keepNewest(st.Orgs, maxDemands,
		func(o *aerv1.OrgDemand) (int64, uint64) { return o.Steps[len(o.Steps)-1].AtMs, o.Org })
	for range before - sumShares(st, share) {
		st.Steps = countOne(st.Steps, st.ClockMs, step)
	}
	st.Steps = st.Steps[max(0, len(st.Steps)-budgetSteps-1):]
}
