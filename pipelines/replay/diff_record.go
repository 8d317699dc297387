package replay

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// record is what was decided under one of the settings. Its memory grows with the findings, not with the events.
type record struct {
	sum      local.Summary
	verdicts map[string]*verdict // by anomaly
	findings map[uint64]bool     // hashes of the ids of all findings, folded ones too
	resets   map[[2]string][]*verdict
}

type verdict struct {
	id, kind     string
	time         time.Time
	outcome      aerv1.Decision_Outcome
	gate, detail string
}

func newRecord() *record {
	return &record{verdicts: map[string]*verdict{}, findings: map[uint64]bool{}, resets: map[[2]string][]*verdict{}}
}

func (r *record) finding(f *aerv1.Anomaly) { r.findings[xxhash.Sum64String(f.GetId())] = true }

func (r *record) decision(d *aerv1.Decision) {
	v := &verdict{id: d.GetAnomalyId(), kind: d.GetAnomalyType(), time: d.GetTime().AsTime(), outcome: d.GetOutcome(), detail: d.GetReason()}
	for _, g := range d.GetTrace() {
		if !g.GetPassed() {
			v.gate, v.detail = g.GetGate(), g.GetDetail()
		}
	}
	r.verdicts[v.id] = v
	if v.outcome == aerv1.Decision_RESPOND || v.outcome == aerv1.Decision_PERSISTING {
		key := [2]string{d.GetOrgId(), d.GetUserId()}
		r.resets[key] = append(r.resets[key], v)
	}
}

// without lists the users whom r signs out and other does not, by organisation and user; both counts the rest.
func (r *record) without(other *record) (only []UserDiff, both int) {
	only = []UserDiff{}
	for key, resets := range r.resets {
		if len(other.resets[key]) > 0 {
			both++
			continue
		}
		u := UserDiff{OrgID: key[0], UserID: key[1], Resets: len(resets)}
		for _, v := range resets[:min(len(resets), changesMax)] {
			u.Changes = append(u.Changes, other.change(v))
		}
		only = append(only, u)
	}
	slices.SortFunc(only, func(a, b UserDiff) int { return cmp.Or(cmp.Compare(a.OrgID, b.OrgID), cmp.Compare(a.UserID, b.UserID)) })
	return only, both
}

// change says what r made of an anomaly that responded under the other settings.
func (r *record) change(v *verdict) Change {
	c := Change{AnomalyID: v.id, Type: v.kind, Time: v.time, Outcome: v.outcome.String()}
	switch w := r.verdicts[v.id]; {
	case w != nil:
		c.Other, c.Gate, c.Detail = w.outcome.String(), w.gate, w.detail
	case r.findings[xxhash.Sum64String(v.id)]:
		c.Other, c.Detail = Folded, "It is part of an anomaly that was decided about before."
	default:
		c.Other, c.Detail = NotFound, "The detector does not raise it with this sensitivity."
	}
	return c
}

// recorded is the output of a replay that is compared: to files, if a directory is given, and into the record.
type recorded struct {
	*record
	files *files
}

// side opens the output of A or B, in a folder of its own, so that each can be explained.
func (o Options) side(name string, r *record) (*recorded, error) {
	if o.Out == "" {
		return &recorded{record: r}, nil
	}
	f, err := openFiles(filepath.Join(o.Out, name))
	if err != nil {
		return &recorded{record: r}, fmt.Errorf("replaying under %s: %w", name, err)
	}
	return &recorded{record: r, files: f}, nil
}

// Anomaly implements local.Output.
func (r *recorded) Anomaly(a *aerv1.Anomaly) error {
	if r.files == nil {
		return nil
	}
	return r.files.Anomaly(a)
}

// Decision implements local.Output.
func (r *recorded) Decision(d *aerv1.Decision) error {
	r.decision(d)
	if r.files == nil {
		return nil
	}
	return r.files.Decision(d)
}

// DeadLetter implements local.Output.
func (r *recorded) DeadLetter(d *aerv1.DeadLetter) error {
	if r.files == nil {
		return nil
	}
	return r.files.DeadLetter(d)
}

func (r *recorded) close() error {
	if r == nil || r.files == nil {
		return nil
	}
	return r.files.close()
}
