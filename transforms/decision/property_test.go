// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision/settings"
)

// No sequence of anomalies, in order or not, leads to more than the permitted resets of one person in any 24 hours.
func TestResetsAreBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.Uint32Range(1, 4).Draw(t, "max_resets")
		env := Env{Settings: respondAll(limit)}
		findings := anyAnomalies(t, 120)
		if rapid.Bool().Draw(t, "in order") {
			SortAnomalies(findings)
		}
		h := &aerv1.UserHistory{}
		type reset struct {
			at         int64
			persisting bool
		}
		var resets []reset
		for _, a := range findings {
			_, d := User{}.Apply(h, a, env)
			if WantsReset(d) {
				resets = append(resets, reset{h.ClockMs, d.Outcome == aerv1.Decision_PERSISTING})
			}
		}
		for i := range resets {
			all, persisting := 0, 0
			for _, r := range resets[:i+1] {
				if r.at > resets[i].at-ResetWindow.Milliseconds() {
					all++
					if r.persisting {
						persisting++
					}
				}
			}
			if persisting > MaxPersisting || all > int(limit)+MaxPersisting {
				t.Fatalf("%d resets, %d of them persisting, in 24 h with max_resets %d: %v", all, persisting, limit, resets)
			}
		}
	})
}

// Decisions depend on what was found, not on the order in which the findings arrived.
func TestDecisionsDoNotDependOnArrivalOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		findings := anyAnomalies(t, 60)
		for _, a := range findings {
			a.UserId = rapid.SampledFrom([]string{"U1", "U2", "U3"}).Draw(t, "user")
		}
		s := respondAll(2)
		s.Limits.BudgetMin, s.Limits.BudgetFraction = 2, 0
		cfg := Config{Mode: aerv1.ModeReplay, Settings: func(string) *aerv1.Settings { return s }}
		a1, d1 := Replay(findings, cfg)
		a2, d2 := Replay(rapid.Permutation(findings).Draw(t, "arrival"), cfg)
		if len(a1) != len(a2) || len(d1) != len(d2) {
			t.Fatalf("%d and %d anomalies, %d and %d decisions", len(a1), len(a2), len(d1), len(d2))
		}
		for i := range a1 {
			mustEqual(t, a1[i], a2[i])
			mustEqual(t, d1[i], d2[i])
		}
	})
}

// A finding delivered twice changes neither the decisions nor the state. (The memory for this is 32 findings long.)
func TestDuplicatesAreFolded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := Env{Settings: respondAll(2)}
		once, twice := &aerv1.UserHistory{}, &aerv1.UserHistory{}
		for _, a := range sorted(anyAnomalies(t, 40)) {
			before := proto.Clone(a)
			e1, d1 := User{}.Apply(once, a, env)
			e2, d2 := User{}.Apply(twice, a, env)
			if e, d := (User{}).Apply(twice, a, env); e != nil || d != nil {
				t.Fatalf("a duplicate was emitted: %v", d)
			}
			mustEqual(t, e1, e2)
			mustEqual(t, d1, d2)
			mustEqual(t, once, twice)
			mustEqual(t, before, a) // the finding itself is not changed
		}
	})
}

// State that was written and read back, or dropped as soon as it had expired, decides like state kept in memory.
func TestStateMayBeStoredAndExpired(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := respondAll(rapid.Uint32Range(1, 3).Draw(t, "max_resets"))
		env := Env{Settings: s}
		kept, stored := &aerv1.UserHistory{}, &aerv1.UserHistory{}
		shift := time.Duration(0)
		for _, a := range sorted(anyAnomalies(t, 60)) {
			if rapid.IntRange(0, 9).Draw(t, "pause") == 0 {
				shift += 47 * time.Hour
			}
			a.KnownAt, a.Time = aerv1.Time(a.KnownAt.AsTime().Add(shift)), aerv1.Time(a.Time.AsTime().Add(shift))
			if Expired(stored, a.KnownAt.AsTime()) {
				stored = &aerv1.UserHistory{}
			}
			raw, err := stored.MarshalVT()
			if err != nil {
				t.Fatal(err)
			}
			stored = &aerv1.UserHistory{}
			if err := stored.UnmarshalVT(raw); err != nil {
				t.Fatal(err)
			}
			e1, d1 := User{}.Apply(kept, a, env)
			e2, d2 := User{}.Apply(stored, a, env)
			mustEqual(t, e1, e2)
			mustEqual(t, d1, d2)
			mustEqual(t, kept, stored)
		}
	})
}

// However long and strange the ids, a history stays within its bound.
func TestHistoriesAreBounded(t *testing.T) {
	const most = 16 << 10
	h := &aerv1.UserHistory{}
	s := respondAll(settings.MaxMaxResets)
	long := strings.Repeat("x", 500)
	for i := range 400 {
		a := anomalyAt(float64(i)*5, long+string(rune('a'+i%26)))
		if i%2 == 0 {
			a.Type = aerv1.AnomalyTypes[i%len(aerv1.AnomalyTypes)]
		}
		a.Id, a.EpisodeKey = long+a.Id, long+a.Id
		a.Evidence.Client = &aerv1.Client{Ip: long, UserAgent: long + a.Id, Ja4: long + a.Id, DeviceId: long}
		for j := range 50 {
			a.SessionIds = append(a.SessionIds, long+a.Id+string(rune(j)))
		}
		User{}.Apply(h, a, Env{Settings: s})
		if n := h.SizeVT(); n > most {
			t.Fatalf("after %d findings the history has %d bytes", i+1, n)
		}
	}
}

// The budget never grants more than its limit in any window, tells people once per exhaustion, and recovers by itself.
func TestBudgetIsABreaker(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limits := settings.GlobalLimits()
		limits.BudgetMin, limits.BudgetFraction = rapid.Uint32Range(1, 5).Draw(t, "limit"), 0
		kept, stored := &aerv1.BudgetState{}, &aerv1.BudgetState{}
		now, open := day, false
		var granted []time.Time
		for range rapid.IntRange(0, 80).Draw(t, "decisions") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 30, 120, 601}).Draw(t, "seconds")) * time.Second)
			d := &aerv1.Decision{Outcome: rapid.SampledFrom([]aerv1.Decision_Outcome{aerv1.Decision_RESPOND,
				aerv1.Decision_PERSISTING, aerv1.Decision_LOG_ONLY}).Draw(t, "outcome")}
			e := proto.Clone(d).(*aerv1.Decision)
			if !now.Before(BudgetExpiresAt(stored, limits)) {
				stored = &aerv1.BudgetState{}
			}
			OrgBudget.Apply(kept, d, limits, 0, now)
			OrgBudget.Apply(stored, e, limits, 0, now)
			mustEqual(t, d, e) // an expired state decides like an empty one
			switch d.Outcome {
			case aerv1.Decision_LOG_ONLY:
				if len(d.Trace) != 0 {
					t.Fatal("a decision that does nothing was asked about")
				}
			case aerv1.Decision_BUDGET_EXHAUSTED:
				if d.Escalate == open {
					t.Fatalf("escalate is %t when exhausted was %t", d.Escalate, open)
				}
				open = true
			default:
				open = false
				granted = append(granted, now)
			}
			in := slices.DeleteFunc(slices.Clone(granted),
				func(g time.Time) bool { return now.Sub(g) >= settings.DefaultBudgetWindow })
			if len(in) > int(limits.BudgetMin) {
				t.Fatalf("%d granted in a window, of at most %d", len(in), limits.BudgetMin)
			}
			if len(kept.Steps) > budgetSteps+1 {
				t.Fatalf("%d steps", len(kept.Steps))
			}
		}
		d := &aerv1.Decision{Outcome: aerv1.Decision_RESPOND}
		OrgBudget.Apply(kept, d, limits, 0, now.Add(11*time.Minute))
		if d.Outcome != aerv1.Decision_RESPOND {
			t.Fatal("after a quiet window the breaker is closed")
		}
	})
}

func mustEqual(t *rapid.T, a, b proto.Message) {
	t.Helper()
	if !proto.Equal(a, b) {
		t.Fatalf("not equal:\n%s", cmp.Diff(a, b, protocmp.Transform(), cmpopts.EquateNaNs()))
	}
}
