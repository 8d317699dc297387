// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"fmt"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// TestWhatBudgetsSay, word for word: how many are wanted of how many, since when nothing is granted, and when it will
// be again. The breaker stays open at more than half its limit, and the next time says when that began.
func TestWhatBudgetsSay(t *testing.T) {
	limits := respondAll(2).Limits
	limits.BudgetMin, limits.BudgetFraction = 4, 0
	const opened = "Resets of 5 people wanted in 10 min in the organisation, more than the budget of 4 allows; " +
		"exhausted since 2026-11-22T00:04:00Z: nothing is ended until the demand has fallen to 2."
	st := &aerv1.BudgetState{}
	for i, c := range []struct {
		minute int
		told   bool
		says   string
	}{
		{0, false, "Resets of 1 person wanted in 10 min, of at most 4 in the organisation."},
		{1, false, "Resets of 2 people wanted in 10 min, of at most 4 in the organisation."},
		{2, false, "Resets of 3 people wanted in 10 min, of at most 4 in the organisation."},
		{3, false, "Resets of 4 people wanted in 10 min, of at most 4 in the organisation."},
		{4, true, opened},
		{11, false, "Resets of 4 people wanted in 10 min in the organisation, more than the budget of 4 allows; exhausted " +
			"since 2026-11-22T00:04:00Z: nothing is ended until the demand has fallen to 2."},
		{21, false, "Resets of 1 person wanted in 10 min, of at most 4 in the organisation."},
		{22, false, "Resets of 2 people wanted in 10 min, of at most 4 in the organisation."},
		{22, false, "Resets of 3 people wanted in 10 min, of at most 4 in the organisation."},
		{22, false, "Resets of 4 people wanted in 10 min, of at most 4 in the organisation."},
		{23, true, "Resets of 5 people wanted in 10 min in the organisation, more than the budget of 4 allows; exhausted " +
			"since 2026-11-22T00:23:00Z: nothing is ended until the demand has fallen to 2."},
	} {
		d := &aerv1.Decision{OrgId: "O", UserId: fmt.Sprint("U", i), Outcome: aerv1.Decision_RESPOND}
		OrgBudget.Apply(st, d, limits, 0, day.Add(time.Duration(c.minute)*time.Minute))
		g := d.Trace[0]
		if g.Gate != GateBudgetOrg || g.Detail != c.says || d.Escalate != c.told || g.Passed != WantsReset(d) {
			t.Errorf("step %d: %s, told: %t, %q, want %q", i, d.Outcome, d.Escalate, g.Detail, c.says)
		}
	}
}

// TestWhatTheDaySays: who has been signed out is counted, the seventh of 24 people waits until the day has let go of
// half, and one who was already is no further person.
func TestWhatTheDaySays(t *testing.T) {
	const full = "Resets of 6 people made in 24 h in the organisation, of at most 6 for 24 active users; exhausted since " +
		"2026-11-22T06:00:00Z: nothing is ended until they are fewer than 3."
	made := func(minutes, day int) string {
		return fmt.Sprintf("Resets of %s wanted in 10 min, of at most 3 in the organisation; with this one made for %s in "+
			"24 h, of at most 6.", plural(minutes, "person", "people"), plural(day, "person", "people"))
	}
	st, limits := &aerv1.BudgetState{}, respondAll(2).Limits
	for i, c := range []struct {
		hour int
		user string
		told bool
		says string
	}{
		{0, "A", false, made(1, 1)}, {1, "B", false, made(1, 2)}, {2, "C", false, made(1, 3)}, {3, "D", false, made(1, 4)},
		{4, "E", false, made(1, 5)}, {4, "E", false, made(1, 5)}, {5, "F", false, made(1, 6)},
		{6, "G", true, full}, {7, "H", false, full},
		{26, "I", false, "Resets of 3 people made in 24 h in the organisation, of at most 6 for 24 active users; exhausted " +
			"since 2026-11-22T06:00:00Z: nothing is ended until they are fewer than 3."},
		{27, "I", false, made(1, 3)}, {28, "J", false, made(1, 3)},
	} {
		d := &aerv1.Decision{OrgId: "O", UserId: c.user, Outcome: aerv1.Decision_RESPOND}
		OrgBudget.Apply(st, d, limits, 24, day.Add(time.Duration(c.hour)*time.Hour))
		if g := d.Trace[0]; g.Detail != c.says || d.Escalate != c.told || g.Passed != WantsReset(d) {
			t.Errorf("step %d: %s, told: %t, %q, want %q", i, d.Outcome, d.Escalate, g.Detail, c.says)
		}
	}
}

// What is wanted of apps uses up nothing that protects people, in the organisation and in all, and is called by its
// name.
func TestAppsHaveABudgetOfTheirOwn(t *testing.T) {
	var findings []*aerv1.Anomaly
	for i := range 8 {
		a := anomalyAt(float64(i)/10, aerv1.TypeTor, "S1")
		a.UserId = fmt.Sprint("U", i)
		if i < 4 {
			a.ActorKind, a.AppId = aerv1.ActorApp, fmt.Sprint("A", i)
		}
		findings = append(findings, a)
	}
	s := respondAll(2)
	s.Apps, s.Limits.BudgetMin, s.Limits.BudgetFraction = aerv1.AppsRespond, 3, 0
	cfg := Config{Settings: func(string) *aerv1.Settings { return s }, EndsApps: true}
	_, decisions := Replay(findings, cfg)
	for i, d := range decisions {
		if want := i%4 < 3; WantsReset(d) != want {
			t.Errorf("decision %d: %s: %s", i, d.Outcome, d.Reason)
		}
	}
	const says = "Resets of 4 apps wanted in 10 min in the organisation, more than the budget of 3 allows; exhausted since " +
		"2026-11-22T00:00:18Z: nothing is ended until the demand has fallen to 1."
	if got := decisions[3].Reason; got != says {
		t.Errorf("%q, want %q", got, says)
	}
	app, person := &aerv1.Decision{OrgId: "O", ActorKind: aerv1.ActorApp}, &aerv1.Decision{OrgId: "O"}
	for _, b := range []Budget{OrgBudget, GlobalBudget} {
		if b.key(app) == b.key(person) {
			t.Errorf("%s counts both under %s", b.Gate, b.key(app))
		}
	}
}

// More organisations than are remembered by name go on counting, each once; the state stays bounded, and the demand is
// forgotten with its window.
func TestForgottenOrganisationsStillCount(t *testing.T) {
	st := &aerv1.BudgetState{}
	const orgs = maxDemands + 88
	for i := range orgs {
		askAll(st, fmt.Sprint("O", i), time.Duration(i)*500*time.Millisecond)
		if n := uint64(countSteps(st.Steps)) + sumShares(st, 10); n != uint64(i+1) || len(st.Orgs) > maxDemands {
			t.Fatalf("%d are counted after %d, %d by name", n, i+1, len(st.Orgs))
		}
	}
	if d := askAll(st, "another", orgs*500*time.Millisecond+11*time.Minute); !WantsReset(d) || len(st.Orgs) != 1 {
		t.Errorf("after a quiet window: %s, %d organisations", d.Outcome, len(st.Orgs))
	}
}

// A budget's state that is stored between any two decisions, and dropped once it has expired, decides like one that was
// kept: with the day and its people as well, and for all organisations.
func TestBudgetsMayBeStoredAndExpired(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SampledFrom([]Budget{OrgBudget, GlobalBudget}).Draw(t, "budget")
		active := rapid.SampledFrom([]uint32{0, 5, 40}).Draw(t, "active users")
		limits := respondAll(2).Limits
		limits.BudgetMin, limits.BudgetFraction = rapid.Uint32Range(1, 6).Draw(t, "limit"), 0
		kept, raw, now := &aerv1.BudgetState{}, []byte(nil), day
		for range rapid.IntRange(1, 80).Draw(t, "decisions") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 60, 599, 601, 7200, 86300, 86600}).Draw(t,
				"seconds")) * time.Second)
			d := &aerv1.Decision{Outcome: aerv1.Decision_RESPOND,
				OrgId:  rapid.SampledFrom([]string{"O1", "O2"}).Draw(t, "org"),
				UserId: rapid.StringMatching(`[A-H]?`).Draw(t, "user")}
			e := proto.CloneOf(d)
			stored := &aerv1.BudgetState{}
			if err := stored.UnmarshalVT(raw); err != nil {
				t.Fatal(err)
			}
			if !now.Before(BudgetExpiresAt(stored, limits)) {
				stored = &aerv1.BudgetState{}
			}
			b.Apply(kept, d, limits, active, now)
			b.Apply(stored, e, limits, active, now)
			mustEqual(t, d, e)
			var err error
			if raw, err = stored.MarshalVT(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
