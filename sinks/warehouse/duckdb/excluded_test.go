// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package duckdb

import (
	"cmp"
	"fmt"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
)

// TestWhatIsExcluded: an anomaly on one day, what was decided and done about it, and what people said of it.
func TestWhatIsExcluded(t *testing.T) {
	const confirmed, denied = aerv1.VerdictTruePositive, aerv1.VerdictFalsePositive
	say := func(author, verdict, when string) *aerv1.Feedback {
		return &aerv1.Feedback{Author: author, Verdict: verdict, Time: aerv1.Time(at(t, when+"T00:00:00"))}
	}
	elsewhere := func(f *aerv1.Feedback) *aerv1.Feedback {
		f.OrgId = "another"
		return f
	}
	cases := []struct {
		name     string
		outcome  aerv1.Decision_Outcome
		reset    uint32
		feedback []*aerv1.Feedback
		want     bool
	}{
		{"only logged", aerv1.Decision_LOG_ONLY, 0, nil, false},
		{"responded to", aerv1.Decision_RESPOND, 0, nil, true},
		{"would have been responded to", aerv1.Decision_BUDGET_EXHAUSTED, 0, nil, true},
		{"sessions ended, the decision is lost", aerv1.Decision_OUTCOME_UNSPECIFIED, 2, nil, true},
		{"nothing was there to end", aerv1.Decision_LOG_ONLY, 0, nil, false},
		{"logged, then confirmed", aerv1.Decision_LOG_ONLY, 0, []*aerv1.Feedback{say("ann", confirmed, "2024-01-05")}, true},
		{"responded to, then called a false alarm", aerv1.Decision_RESPOND, 2,
			[]*aerv1.Feedback{say("ann", denied, "2024-01-05")}, false},
		{"called a false alarm, then confirmed by the same person", aerv1.Decision_RESPOND, 2,
			[]*aerv1.Feedback{say("ann", denied, "2024-01-05"), say("ann", confirmed, "2024-01-06")}, true},
		{"confirmed, then called a false alarm by the same person", aerv1.Decision_LOG_ONLY, 0,
			[]*aerv1.Feedback{say("ann", confirmed, "2024-01-05"), say("ann", denied, "2024-01-06")}, false},
		{"called a false alarm in another organisation", aerv1.Decision_RESPOND, 2,
			[]*aerv1.Feedback{elsewhere(say("ann", denied, "2024-01-05"))}, true},
		{"confirmed in another organisation", aerv1.Decision_LOG_ONLY, 0,
			[]*aerv1.Feedback{elsewhere(say("ann", confirmed, "2024-01-05"))}, false},
		{"two people disagree", aerv1.Decision_LOG_ONLY, 0, []*aerv1.Feedback{say("ann", confirmed, "2024-01-05"),
			say("bob", denied, "2024-01-06")}, true},
	}
	db := openFile(t, "")
	for i, c := range cases {
		tell(t, db, fmt.Sprint("O", i), c.outcome, c.reset, c.feedback)
	}
	v := build(t, db, "2024-01-20", "2024-01-21", func(b *Build) { b.Users, b.Hours = true, true })[0]
	for i, c := range cases {
		org := fmt.Sprint("O", i)
		learnt, people := 90.0, 4.0
		if c.want {
			learnt, people = 1, 3
		}
		for _, u := range v.Users {
			if u.OrgId == org && u.Horizon == "24h" && u.Max != learnt {
				t.Errorf("%s: the person's largest day is %g, want %g", c.name, u.Max, learnt)
			}
		}
		// The history goes from 2 to 12 January, 264 hours; four people once make a mean hour of 4/264. The two Tuesdays at
		// ten together are 264 times that: (264 + 2) / (2 + 2), times the mean.
		for _, h := range v.Hours {
			if want := people / 264 * 266 / 4; h.OrgId == org && h.Metric == "users" && h.HourOfWeek == 24+10 &&
				!near(h.Expected, want) {
				t.Errorf("%s: expected on a Tuesday at ten: %g, want %g", c.name, h.Expected, want)
			}
		}
	}
}

// tell writes what an organisation is known of: a victim among four people, an anomaly on the second of three days.
func tell(t *testing.T, db *DB, org string, outcome aerv1.Decision_Outcome, reset uint32, feedback []*aerv1.Feedback) {
	t.Helper()
	days(t, db, org, "victim", "2024-01-01", 1, 90, 1)
	crowd(t, db, org, "2024-01-02T10", 3)
	when := aerv1.Time(at(t, "2024-01-02T10:00:00"))
	id := "a-" + org
	must(t, db.Append(t.Context(), warehouse.ActivityHourly, hourOf(t, org, "victim", "2024-01-02T10", 1)))
	must(t,
		db.Append(t.Context(), warehouse.Anomalies, &aerv1.Anomaly{Id: id, OrgId: org, UserId: "victim",
			Time: when, KnownAt: when}))
	if outcome != aerv1.Decision_OUTCOME_UNSPECIFIED {
		must(t, db.Append(t.Context(), warehouse.Decisions, &aerv1.Decision{Id: "d-" + org, AnomalyId: id, Outcome: outcome}))
	}
	must(t,
		db.Append(t.Context(), warehouse.Responses, &aerv1.Response{Id: "d-" + org, AnomalyId: id, SessionsReset: reset}))
	for i, f := range feedback {
		f.Id, f.AnomalyId, f.OrgId = fmt.Sprint(id, "-", i), id, cmp.Or(f.OrgId, org)
		must(t, db.Append(t.Context(), warehouse.Feedback, f, f))
	}
}

func near(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
