// SPDX-License-Identifier: Apache-2.0

// Package budget tells how the budgets of organisations for people's sign-outs stand, from the decisions that a run has
// stored.
//
// The breaker itself lives in the state of the pipeline. What it said is in the trace of every decision that asked it,
// and so the status is that of the last such decision, in event time, and what was wanted in the window before it.
package budget

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/schemas/ndjson"
	"github.com/aer-project/aer/transforms/decision"
)

// DecisionsFile is the name of the file of decisions in the folder of a run's results.
const DecisionsFile = "decisions.ndjson"

// States of a breaker.
const (
	// Closed: resets are granted.
	Closed = "closed"
	// Open: resets are refused until the demand has fallen.
	Open = "open"
)

// Status is how one organisation's budget stands.
type Status struct {
	OrgID string `json:"org_id"`
	State string `json:"state"`
	// The event time for which this holds: that of the newest decision of any organisation.
	At time.Time `json:"at"`
	// Resets wanted in the window before At, and what became of them.
	Wanted  int `json:"wanted"`
	Granted int `json:"granted"`
	Refused int `json:"refused"`
	// When the last decision asked the budget, and what it answered.
	AskedAt time.Time `json:"asked_at"`
	Answer  string    `json:"answer"`
	// Times the breaker opened, in all that is stored.
	Opened int `json:"opened"`
}

// Read reads the decisions in dir. orgID "" means every organisation that ever asked its budget.
func Read(dir, orgID string, window time.Duration) ([]Status, error) {
	seen := map[string]bool{}
	asked := map[string][]*aerv1.Decision{}
	var at time.Time
	err := ndjson.EachMessage(filepath.Join(dir, DecisionsFile), func(d *aerv1.Decision) {
		if t := d.GetTime().AsTime(); t.After(at) {
			at = t
		}
		if d.GetActorKind() == aerv1.ActorApp {
			return // counted apart
		}
		if (orgID == "" || d.GetOrgId() == orgID) && answer(d) != nil && !seen[d.GetId()] {
			seen[d.GetId()] = true // delivered twice
			asked[d.GetOrgId()] = append(asked[d.GetOrgId()], d)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("reading decisions: %w", err)
	}
	var all []Status
	for _, org := range slices.Sorted(maps.Keys(asked)) {
		all = append(all, statusOf(org, asked[org], at, window))
	}
	if orgID != "" && len(all) == 0 {
		all = append(all, Status{OrgID: orgID, State: Closed, At: at, Answer: "never asked"})
	}
	return all, nil
}

// answer is what the organisation's budget said, or nil if the decision did not ask it.
func answer(d *aerv1.Decision) *aerv1.GateResult {
	for _, g := range d.GetTrace() {
		if g.GetGate() == decision.GateBudgetOrg {
			return g
		}
	}
	return nil
}

func statusOf(org string, asked []*aerv1.Decision, at time.Time, window time.Duration) Status {
	slices.SortFunc(asked, func(a, b *aerv1.Decision) int {
		return cmp.Or(a.GetTime().AsTime().Compare(b.GetTime().AsTime()), cmp.Compare(a.GetAnomalyId(), b.GetAnomalyId()))
	})
	s := Status{OrgID: org, State: Closed, At: at}
	for _, d := range asked {
		passed := answer(d).GetPassed()
		if !passed && d.GetEscalate() {
			s.Opened++
		}
		if !d.GetTime().AsTime().After(at.Add(-window)) {
			continue
		}
		s.Wanted++
		if passed {
			s.Granted++
		} else {
			s.Refused++
		}
	}
	last := asked[len(asked)-1]
	s.AskedAt, s.Answer = last.GetTime().AsTime(), answer(last).GetDetail()
	if !answer(last).GetPassed() && s.Wanted > 0 { // a quiet window closes it
		s.State = Open
	}
	return s
}

// Print writes a table.
func Print(p *term.Printer, all []Status) {
	t := term.NewTable("org", "breaker", ">wanted", ">granted", ">refused", ">opened so far", "last asked", "answer")
	for _, s := range all {
		askedAt := "-"
		if !s.AskedAt.IsZero() {
			askedAt = s.AskedAt.UTC().Format("2006-01-02 15:04:05")
		}
		t.Row(term.Cut(s.OrgID, 24), s.State, s.Wanted, s.Granted, s.Refused, s.Opened, askedAt, term.Cut(s.Answer, 60))
		if s.State == Open {
			t.StyleCell(1, term.Red)
		}
	}
	t.Print(p)
}
