package replay

import (
	"context"
	"errors"
	"slices"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/decision"
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

// RunDiff replays under o.Judge (A) and under other (B), with the plain-Go driver. The baselines are learnt once; so is what
// is found, unless a sensitivity differs. Each has loop protection and budgets of its own.
func RunDiff(ctx context.Context, o Options, other Judge) (d Diff, err error) {
	source, n, err := o.baselines(ctx)
	if err != nil {
		return d, err
	}
	d.Shared = sameSensitivities(o.Judge, other)
	one, two, err := o.record(ctx, other, source, d.Shared)
	if err != nil {
		return d, err
	}
	d.A, d.B = Result{Summary: one.sum, Baselines: n}, Result{Summary: two.sum, Baselines: n}
	d.OnlyA, d.Both = one.without(two)
	d.OnlyB, _ = two.without(one)
	return d, nil
}

// sameSensitivities says whether detection cannot differ: for every organisation with settings, and for one without.
func sameSensitivities(a, b Judge) bool {
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

// record replays once if findings are shared, else twice.
func (o Options) record(ctx context.Context, b Judge, source baseline.Source, shared bool) (one, two *record, err error) {
	one, two = newRecord(), newRecord()
	outA, errA := o.side("a", one)
	outB, errB := o.side("b", two)
	defer func() { err = errors.Join(err, outA.close(), outB.close()) }()
	if err := errors.Join(errA, errB); err != nil {
		return nil, nil, err
	}
	if !shared {
		o.stage("detecting under A")
		if one.sum, err = o.local(ctx, o.Judge, source, outA, one.finding); err != nil {
			return nil, nil, err
		}
		o.stage("detecting under B")
		two.sum, err = o.local(ctx, b, source, outB, two.finding)
		return one, two, err
	}
	o.stage("detecting")
	second := &tee{out: outB, stream: decision.NewStream(b.Decide(source)), outcomes: map[aerv1.Decision_Outcome]int{}}
	both := func(f *aerv1.Anomaly) {
		one.finding(f)
		two.finding(f)
		second.add(f)
	}
	one.sum, err = o.local(ctx, o.Judge, source, outA, both)
	second.write(append(second.order.Add(second.stream.Flush(), time.UnixMilli(0)), second.order.Flush()...))
	two.sum = one.sum
	two.sum.Anomalies, two.sum.Outcomes = second.anomalies, second.outcomes
	return one, two, errors.Join(err, second.err)
}

// tee decides about the findings of another replay.
type tee struct {
	out       *recorded
	stream    *decision.Stream
	order     decision.Ordered
	anomalies int
	outcomes  map[aerv1.Decision_Outcome]int
	err       error
}

func (t *tee) add(f *aerv1.Anomaly) {
	t.write(t.order.Add(t.stream.Add(f), f.GetKnownAt().AsTime()))
}

func (t *tee) write(decided []decision.Decided) {
	for _, d := range decided {
		if t.err != nil {
			return
		}
		t.anomalies++
		t.outcomes[d.Decision.GetOutcome()]++
		t.err = errors.Join(t.out.Anomaly(d.Anomaly), t.out.Decision(d.Decision))
	}
}
