// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/schemas/ndjson"
	"github.com/aer-project/aer/sinks/warehouse"
)

// Period is a time in which somebody else may have been driving an account. Baselines leave its UTC days out, and for
// values over a week also the six days after.
type Period struct {
	OrgID, UserID string
	From, Until   time.Time // both included
}

// ReadPeriods reads what baselines must not learn from, one JSON object a line: decisions (those that ended sessions,
// or would have), anomalies (which say over what window a decision stands), feedback (true positives), or plain
// {"org_id":...,"user_id":...,"from":...,"until":...} with days or times; until may be left out.
func ReadPeriods(paths []string) ([]Period, error) {
	r := newPeriodReader()
	for _, path := range paths {
		if err := ndjson.Each(path, r.line); err != nil {
			return nil, err
		}
	}
	return r.all(), nil
}

type periodReader struct {
	windows map[string]Period // of anomalies, by id
	others  map[string]bool   // anomalies that are not people's own: what an app did says nothing about the person
	plain   []Period
	verdict []verdict
}

func newPeriodReader() periodReader {
	return periodReader{windows: map[string]Period{}, others: map[string]bool{}}
}

// verdict is a decision or feedback that an anomaly was no false alarm.
type verdict struct {
	anomaly string
	Period
}

// shape tells the kinds of line apart.
type shape struct {
	Outcome  string `json:"outcome"`
	Verdict  string `json:"verdict"`
	Severity string `json:"severity"`
	OrgID    string `json:"org_id"`
	UserID   string `json:"user_id"`
	From     string `json:"from"`
	Until    string `json:"until"`
}

func (r *periodReader) line(line []byte) error {
	var s shape
	if err := json.Unmarshal(line, &s); err != nil {
		return err
	}
	switch {
	case s.Outcome != "":
		return r.decision(line)
	case s.Verdict != "":
		return r.feedback(line)
	case s.Severity != "":
		return r.anomaly(line)
	}
	return r.period(s)
}

func (r *periodReader) decision(line []byte) error {
	var d aerv1.Decision
	if err := aerv1.UnmarshalJSONLine(line, &d); err != nil {
		return err
	}
	r.verdictOf(&d)
	return nil
}

func (r *periodReader) verdictOf(d *aerv1.Decision) {
	if !aerv1.PrincipalOf(d).Person() {
		return
	}
	switch d.Outcome {
	case aerv1.Decision_RESPOND, aerv1.Decision_PERSISTING, aerv1.Decision_BUDGET_EXHAUSTED, aerv1.Decision_ALREADY_ENDED:
		at := d.Time.AsTime()
		r.verdict = append(r.verdict, verdict{d.AnomalyId, Period{d.OrgId, d.UserId, at, at}})
	}
}

func (r *periodReader) feedback(line []byte) error {
	var f aerv1.Feedback
	if err := aerv1.UnmarshalJSONLine(line, &f); err != nil {
		return err
	}
	if f.Verdict != aerv1.VerdictTruePositive {
		return nil
	}
	if f.AnomalyTime == nil {
		return fmt.Errorf("feedback on anomaly %s has no anomaly_time", f.AnomalyId)
	}
	at := f.AnomalyTime.AsTime()
	r.verdict = append(r.verdict, verdict{f.AnomalyId, Period{f.OrgId, f.UserId, at, at}})
	return nil
}

func (r *periodReader) anomaly(line []byte) error {
	var a aerv1.Anomaly
	if err := aerv1.UnmarshalJSONLine(line, &a); err != nil {
		return err
	}
	r.anomalyWindow(&a)
	return nil
}

func (r *periodReader) anomalyWindow(a *aerv1.Anomaly) {
	if !aerv1.PrincipalOf(a).Person() {
		r.others[a.Id] = true
		return
	}
	p := Period{OrgID: a.OrgId, UserID: a.UserId, From: a.Time.AsTime(), Until: a.KnownAt.AsTime()}
	if start := a.GetWindow().GetStart(); start != nil {
		p.From = start.AsTime()
	}
	r.windows[a.Id] = p
}

func (r *periodReader) period(s shape) error {
	if s.OrgID == "" || s.UserID == "" || s.From == "" {
		return errors.New("want a decision, an anomaly, feedback, or an object with org_id, user_id and from")
	}
	from, err := ParseTime(s.From)
	if err != nil {
		return fmt.Errorf("from: %w", err)
	}
	until, err := ParseTime(cmp.Or(s.Until, s.From))
	if err != nil {
		return fmt.Errorf("until: %w", err)
	}
	if until.Before(from) {
		return fmt.Errorf("until (%s) is before from (%s)", s.Until, s.From)
	}
	r.plain = append(r.plain, Period{s.OrgID, s.UserID, from, until})
	return nil
}

// all joins verdicts with the windows of their anomalies, and sorts.
func (r *periodReader) all() []Period {
	out := slices.Clone(r.plain)
	for _, v := range r.verdict {
		if r.others[v.anomaly] {
			continue
		}
		if w, ok := r.windows[v.anomaly]; ok && w.OrgID == v.OrgID && w.UserID == v.UserID {
			v.Period = w
		}
		out = append(out, v.Period)
	}
	slices.SortFunc(out, func(a, b Period) int {
		return cmp.Or(strings.Compare(a.OrgID, b.OrgID), strings.Compare(a.UserID, b.UserID), a.From.Compare(b.From),
			a.Until.Compare(b.Until))
	})
	return slices.Compact(out)
}

// ParseTime reads a UTC day (2006-01-02) or a time of RFC 3339.
func ParseTime(s string) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, fmt.Errorf("%q is neither a day (2026-11-22) nor a time (2026-11-22T10:00:00Z)", s)
	}
	return t.UTC(), nil
}

// leaveOut tells a warehouse of periods as of anomalies that were responded to, which is what its SQL leaves out.
func leaveOut(ctx context.Context, db warehouse.Writer, periods []Period) error {
	var anomalies, decisions []proto.Message
	for _, p := range periods {
		id := aerv1.NewID("period", p.OrgID, p.UserID, p.From.String(), p.Until.String())
		anomalies = append(anomalies, &aerv1.Anomaly{
			Id: id, OrgId: p.OrgID, UserId: p.UserID, Time: aerv1.Time(p.Until), KnownAt: aerv1.Time(p.Until),
			Window: &aerv1.Window{Start: aerv1.Time(p.From), End: aerv1.Time(p.Until)},
		})
		decisions = append(decisions, &aerv1.Decision{
			Id: id, AnomalyId: id, OrgId: p.OrgID, UserId: p.UserID, Outcome: aerv1.Decision_RESPOND, Time: aerv1.Time(p.Until),
		})
	}
	if err := db.Append(ctx, warehouse.Anomalies, anomalies...); err != nil {
		return fmt.Errorf("leaving out periods: %w", err)
	}
	if err := db.Append(ctx, warehouse.Decisions, decisions...); err != nil {
		return fmt.Errorf("leaving out periods: %w", err)
	}
	return nil
}
