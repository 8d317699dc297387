// SPDX-License-Identifier: Apache-2.0

package replay

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
)

// Diff is what two settings, A and B, make of the same events.
type Diff struct {
	// A and B count what came in and out under each.
	A, B Result
	// Shared says that both judge with the same sensitivities, so that the events were judged once.
	Shared bool
	// OnlyA are the users who would have been signed out under A and not under B, OnlyB the reverse.
	OnlyA, OnlyB []UserDiff
	// Both is the number of users signed out under both.
	Both int
}

// UserDiff is a user who is signed out under one of the settings.
type UserDiff struct {
	OrgID  string `json:"org_id"`
	UserID string `json:"user_id"`
	// Resets is how often, and Changes says for each what the other settings made of the same anomaly.
	Resets  int      `json:"resets"`
	Changes []Change `json:"changes"`
}

// Change is one anomaly that responds under one of the settings.
type Change struct {
	AnomalyID string    `json:"anomaly_id"`
	Type      string    `json:"type"`
	Time      time.Time `json:"time"`
	Outcome   string    `json:"outcome"`
	// Other is the outcome under the other settings: Folded and NotFound are no decisions.
	Other string `json:"other_outcome"`
	// Gate is the gate that stops it there, and Detail says why.
	Gate   string `json:"gate,omitempty"`
	Detail string `json:"detail"`
}

// What Change.Other says where nothing was decided.
const (
	Folded   = "FOLDED"
	NotFound = "NOT_FOUND"
)

// changesMax bounds the changes listed of one user; Resets counts them all.
const changesMax = 20

// RunDiff replays under o.Rules (A) and under other (B), with the plain-Go driver. The baselines are learnt once; so is
// what is found, unless a sensitivity differs. Each has loop protection and budgets of its own.
func RunDiff(ctx context.Context, o Options, other Rules) (d Diff, err error) {
	known, n, err := o.baselines(ctx)
	if err != nil {
		return d, err
	}
	d.Shared = sameSensitivities(o.Rules, other)
	a, b, err := o.sides(ctx, other, known, d.Shared)
	if err != nil {
		return d, err
	}
	d.A, d.B = Result{Summary: a.sum, Baselines: n}, Result{Summary: b.sum, Baselines: n}
	d.OnlyA, d.Both = a.without(b)
	d.OnlyB, _ = b.without(a)
	return d, nil
}

// sameSensitivities says whether detection cannot differ: for every organisation with settings, and for one without.
func sameSensitivities(a, b Rules) bool {
	underA, underB := a.Decide(baseline.None{}).Settings, b.Decide(baseline.None{}).Settings
	orgs := []string{""}
	for _, s := range append(slices.Clone(a.Chosen), b.Chosen...) {
		orgs = append(orgs, s.GetOrgId())
	}
	for _, org := range orgs {
		for _, t := range aerv1.AnomalyTypes {
			if underA(org).GetDetectors()[t].GetSensitivity() != underB(org).GetDetectors()[t].GetSensitivity() {
				return false
			}
		}
	}
	return true
}

// sides replays once if findings are shared, else twice.
func (o Options) sides(ctx context.Context, other Rules, known baseline.Source, shared bool) (a, b *side, err error) {
	a, errA := o.open("a")
	b, errB := o.open("b")
	defer func() { err = errors.Join(err, a.close(), b.close()) }()
	if err := errors.Join(errA, errB); err != nil {
		return nil, nil, err
	}
	if !shared {
		o.stage("detecting under A")
		if a.sum, err = o.local(ctx, o.Rules, known, a, a.finding); err != nil {
			return nil, nil, err
		}
		o.stage("detecting under B")
		b.sum, err = o.local(ctx, other, known, b, b.finding)
		return a, b, err
	}
	o.stage("detecting")
	var decided local.Summary
	second := local.NewDecider(other.Decide(known), b, &decided)
	both := func(f *aerv1.Anomaly) error { return errors.Join(a.finding(f), b.finding(f), second.Add(f)) }
	a.sum, err = o.local(ctx, o.Rules, known, a, both)
	err = errors.Join(err, second.Flush())
	b.sum = a.sum
	b.sum.Anomalies, b.sum.Outcomes = decided.Anomalies, decided.Outcomes
	return a, b, err
}
