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

// However many of an organisation's people look new at once, and whatever they look like, at most a tenth of them (and
// three, where that is more) is signed out within the budget's window, each counted once.
func TestNoOrganisationIsSignedOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		active := rapid.Uint32Range(1, 400).Draw(t, "active users")
		s := respondAll(rapid.Uint32Range(1, 4).Draw(t, "max_resets"))
		s.Limits.BudgetMin = rapid.Uint32Range(1, 100).Draw(t, "budget_min")
		var findings []*aerv1.Anomaly
		for i := range rapid.IntRange(0, 120).Draw(t, "findings") {
			a := anyAnomaly(t, i)
			a.UserId = "U" + strconv.Itoa(rapid.IntRange(1, int(active)).Draw(t, "user"))
			a.KnownAt = aerv1.Time(day.Add(time.Duration(rapid.IntRange(0, 1800).Draw(t, "second")) * time.Second))
			a.Time, a.Window = a.KnownAt, nil
			findings = append(findings, a)
		}
		_, decisions := Replay(findings, Config{
			Settings:    func(string) *aerv1.Settings { return s },
			ActiveUsers: func(string, time.Time) uint32 { return active },
		})
		most := min(max(s.Limits.BudgetMin, uint32(s.Limits.BudgetFraction*float64(active))), max(3, active/10))
		granted := map[string]time.Time{} // when last
		for _, d := range decisions {
			if !WantsReset(d) {
				continue
			}
			granted[d.UserId] = d.Time.AsTime()
			in := uint32(0)
			for _, at := range granted {
				if d.Time.AsTime().Sub(at) < settings.DefaultBudgetWindow {
					in++
				}
			}
			if in > most {
				t.Fatalf("%d of %d people signed out in %s, of at most %d", in, active, settings.DefaultBudgetWindow, most)
			}
		}
	})
}

// An admin's reset opens the budget once, in event time: what is older than it is judged as before, and a state that
// was dropped meanwhile decides alike.
func TestABudgetResetAppliesOnce(t *testing.T) {
	limits := settings.GlobalLimits()
	limits.BudgetMin, limits.BudgetFraction = 1, 0
	ask := func(st *aerv1.BudgetState, minute int) aerv1.Decision_Outcome {
		d := &aerv1.Decision{Outcome: aerv1.Decision_RESPOND}
		OrgBudget.Apply(st, d, limits, 0, day.Add(time.Duration(minute)*time.Minute))
		return d.Outcome
	}
	const yes, no = aerv1.Decision_RESPOND, aerv1.Decision_BUDGET_EXHAUSTED
	st := &aerv1.BudgetState{}
	for i, step := range []struct {
		minute, resetAt int
		want            aerv1.Decision_Outcome
	}{
		{0, -1, yes}, {1, -1, no},
		{2, 3, no},  // the reset is still to come
		{3, 3, yes}, // it applies to what is not older
		{4, 3, no},  // and only once
		{5, 0, no},  // an older one says nothing
		{6, 6, yes},
	} {
		limits.BudgetReset = nil
		if step.resetAt >= 0 {
			limits.BudgetReset = &aerv1.BudgetReset{At: aerv1.Time(day.Add(time.Duration(step.resetAt) * time.Minute))}
		}
		if got := ask(st, step.minute); got != step.want {
			t.Errorf("step %d: got %s, want %s", i, got, step.want)
		}
	}
}

// Spread over hours or not, no more people than a quarter of an organisation (and six, where that is more) are signed
// out in any 24 hours; what the budget of minutes refuses is not counted.
func TestNoOrganisationIsSignedOutInADay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		active := rapid.Uint32Range(1, 60).Draw(t, "active users")
		st, limits := &aerv1.BudgetState{}, respondAll(2).Limits
		var granted []time.Time
		at := day
		for range rapid.IntRange(0, 150).Draw(t, "decisions") {
			at = at.Add(time.Duration(rapid.SampledFrom([]int{0, 60, 900, 7200}).Draw(t, "seconds")) * time.Second)
			d := &aerv1.Decision{Outcome: aerv1.Decision_RESPOND}
			OrgBudget.Apply(st, d, limits, active, at)
			if BudgetExpiresAt(st, limits).Before(at.Add(dayWindow)) && WantsReset(d) {
				t.Fatal("a state that may be dropped forgets what was granted")
			}
			if !WantsReset(d) {
				continue
			}
			granted = append(granted, at)
			in := uint32(0)
			for _, g := range granted {
				if at.Sub(g) < dayWindow-dayStep {
					in++
				}
			}
			if in > max(6, active/4) {
				t.Fatalf("%d of %d people signed out in a day", in, active)
			}
		}
		if len(st.Day) > 145 {
			t.Fatalf("%d steps", len(st.Day))
		}
	})
}
