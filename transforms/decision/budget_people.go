// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"slices"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Budgets count people, not decisions: a session that outlives its reset, or is replayed from a stolen copy, is
// answered again and again and signs out nobody else. Who asks again in a window is moved to where they asked last, so
// that in every window that may be looked at each is in it once.

// maxBudgetPeople is of how many people a budget knows that they are counted. Those heard of longest ago are forgotten
// first; they go on counting, and count once more if they ask again: rather too much than too little.
const maxBudgetPeople = 1024

// counted returns what is remembered of whom the decision is about, and forgets those who have left all windows. A
// decision that names nobody is about somebody else each time.
func counted(st *aerv1.BudgetState, d *aerv1.Decision, window time.Duration) *aerv1.BudgetPerson {
	st.People = slices.DeleteFunc(st.People, func(p *aerv1.BudgetPerson) bool {
		return p.WantedMs <= st.ClockMs-window.Milliseconds() && p.GrantedMs <= st.ClockMs-dayWindow.Milliseconds()
	})
	if d.GetUserId() == "" {
		return &aerv1.BudgetPerson{}
	}
	id := hash("principal", d.GetOrgId(), d.GetUserId(), d.GetAppId())
	for _, p := range st.People {
		if p.Id == id {
			return p
		}
	}
	p := &aerv1.BudgetPerson{Id: id}
	st.People = append(keepNewest(st.People, maxBudgetPeople-1,
		func(p *aerv1.BudgetPerson) (int64, uint64) { return max(p.WantedMs, p.GrantedMs), p.Id }), p)
	return p
}
