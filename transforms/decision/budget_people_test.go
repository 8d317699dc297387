// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision/settings"
)

func asking(user string, b Budget, st *aerv1.BudgetState, active uint32, at time.Time) bool {
	d := &aerv1.Decision{OrgId: "O", UserId: user, Outcome: aerv1.Decision_PERSISTING}
	b.Apply(st, d, respondAll(2).Limits, active, at)
	return WantsReset(d)
}

// One person who is answered again and again spends what one person does, of the minutes, of the day and of all
// organisations: a campaign's fifth victim is protected while the sessions of the first are replayed.
func TestTheSamePersonIsNoFurtherPerson(t *testing.T) {
	for _, c := range []struct {
		name  string
		b     Budget
		every time.Duration
	}{{"minutes", OrgBudget, 10 * time.Second}, {"day", OrgBudget, time.Hour},
		{"all organisations", GlobalBudget, time.Second}} {
		st, at := &aerv1.BudgetState{}, day
		for range 200 {
			at = at.Add(c.every)
			if !asking("U0", c.b, st, 40, at) {
				t.Fatalf("%s: refused at %s", c.name, at)
			}
		}
		for i := range 3 {
			if !asking("U"+strconv.Itoa(i+1), c.b, st, 40, at.Add(time.Duration(i)*time.Second)) {
				t.Errorf("%s: person %d is refused", c.name, i+1)
			}
		}
		if n := countSteps(st.Steps) + uint32(sumShares(st, 1000)); n != 4 {
			t.Errorf("%s: %d people are counted, want 4", c.name, n)
		}
	}
}

// Whoever asks, how often and in what order, the steps count each once, in the window that begins with their latest
// demand; with more people than are remembered they count too many rather than too few, and the state stays bounded.
func TestBudgetsCountEachOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		st, at := &aerv1.BudgetState{}, day
		people := rapid.SampledFrom([]int{3, 40, 3000}).Draw(t, "people")
		last := map[string]time.Time{}
		for i := range rapid.IntRange(1, 200).Draw(t, "decisions") {
			at = at.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 20, 200}).Draw(t, "seconds")) * time.Second)
			user := "U" + strconv.Itoa((i*7919+rapid.IntRange(0, 3).Draw(t, "who"))%people)
			asking(user, OrgBudget, st, 0, at)
			last[user] = at
			within, about := uint32(0), uint32(0)
			for _, when := range last {
				switch ago := at.Sub(when); {
				case ago < settings.DefaultBudgetWindow-time.Second:
					within++
				case ago <= settings.DefaultBudgetWindow:
					about++ // a step is a second
				}
			}
			if n := countSteps(st.Steps); n < within || n > within+about {
				t.Fatalf("%d are counted, of %d", n, within)
			}
		}
	})
	st := &aerv1.BudgetState{}
	for i := range 3000 {
		asking("U"+strconv.Itoa(i%2000), OrgBudget, st, 0, day.Add(time.Duration(i)*100*time.Millisecond))
	}
	if n, size := countSteps(st.Steps), st.SizeVT(); n < 2000 || len(st.People) > maxBudgetPeople || size > 64<<10 {
		t.Errorf("%d counted, %d remembered, %d bytes", n, len(st.People), size)
	}
}
