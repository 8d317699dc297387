// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision/settings"
)

// wanting asks the budget of all organisations about n resets in each of some of them, one a second.
func wanting(st *aerv1.BudgetState, orgs, n int) {
	for i := range n {
		for o := range orgs {
			askAll(st, fmt.Sprint("O", o), time.Duration(i)*time.Second)
		}
	}
}

func askAll(st *aerv1.BudgetState, org string, after time.Duration) *aerv1.Decision {
	d := &aerv1.Decision{OrgId: org, Outcome: aerv1.Decision_RESPOND}
	GlobalBudget.Apply(st, d, settings.GlobalLimits(), 0, day.Add(after))
	return d
}

// One tenant, or a handful, cannot take the protection from the others; a fault that hits many at once still opens it.
func TestNoHandfulOfTenantsOpensTheBreaker(t *testing.T) {
	for _, c := range []struct {
		orgs, each int
		open       bool
	}{{1, 500, false}, {11, 20, false}, {19, 200, false}, {40, 10, true}, {300, 1, true}} {
		st := &aerv1.BudgetState{}
		wanting(st, c.orgs, c.each)
		d := askAll(st, "another", 510*time.Second)
		if got := d.Outcome == aerv1.Decision_BUDGET_EXHAUSTED; got != c.open {
			t.Errorf("%d organisations with %d each: open is %t, want %t: %s", c.orgs, c.each, got, c.open, d.Trace)
		}
	}
}

// Whatever is wanted, the state stays bounded, and nineteen organisations alone never refuse anybody anything.
func TestSharesAreBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		st, now := &aerv1.BudgetState{}, day
		few := rapid.Bool().Draw(t, "few")
		for i := range rapid.IntRange(1, 1500).Draw(t, "wanted") {
			now = now.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "seconds")) * time.Second)
			org := i * 7919 % 700
			if few {
				org %= 19
			}
			if d := askAll(st, fmt.Sprint("O", org), now.Sub(day)); few && d.Outcome != aerv1.Decision_RESPOND {
				t.Fatalf("refused: %s", d.Reason)
			}
			if len(st.Orgs) > maxDemands || len(st.Steps) > budgetSteps+1 {
				t.Fatalf("%d organisations, %d steps", len(st.Orgs), len(st.Steps))
			}
		}
		if n := st.SizeVT(); n > 256<<10 {
			t.Fatalf("%d bytes", n)
		}
		if d := askAll(st, "O", now.Add(12*time.Minute).Sub(day)); d.Outcome != aerv1.Decision_RESPOND && len(st.Steps) == 0 {
			t.Fatal("after a quiet window the breaker is closed")
		}
	})
}
