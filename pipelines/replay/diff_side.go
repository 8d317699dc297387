// SPDX-License-Identifier: Apache-2.0

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

// side is the output of a replay under one of the settings: to files, if a folder is given, and into memory, which
// grows with the findings, not with the events.
type side struct {
	local.Output
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

// newSide writes no files.
func newSide() *side {
	return &side{
		Output: local.Discard{}, verdicts: map[string]*verdict{}, findings: map[uint64]bool{},
		resets: map[[2]string][]*verdict{},
	}
}

// open opens a side's output, in a folder of its own, so that each can be explained.
func (o Options) open(name string) (*side, error) {
	s := newSide()
	if o.Out == "" {
		return s, nil
	}
	f, err := openFiles(filepath.Join(o.Out, name))
	if err != nil {
		return s, fmt.Errorf("replaying under %s: %w", name, err)
	}
	s.Output = f
	return s, nil
}

func (s *side) close() error {
	if f, ok := s.Output.(*files); ok {
		return f.close()
	}
	return nil
}

func (s *side) finding(f *aerv1.Anomaly) error {
	s.findings[xxhash.Sum64String(f.GetId())] = true
	return nil
}

// Decision implements local.Output.
func (s *side) Decision(d *aerv1.Decision) error {
	v := &verdict{id: d.GetAnomalyId(), kind: d.GetAnomalyType(), time: d.GetTime().AsTime(), outcome: d.GetOutcome(),
		detail: d.GetReason()}
	for _, g := range d.GetTrace() {
		if !g.GetPassed() {
			v.gate, v.detail = g.GetGate(), g.GetDetail()
		}
	}
	s.verdicts[v.id] = v
	if v.outcome == aerv1.Decision_RESPOND || v.outcome == aerv1.Decision_PERSISTING {
		key := [2]string{d.GetOrgId(), d.GetUserId()}
		s.resets[key] = append(s.resets[key], v)
	}
	return s.Output.Decision(d)
}

// without lists the users whom s signs out and other does not, by organisation and user; both counts the rest.
func (s *side) without(other *side) (only []UserDiff, both int) {
	only = []UserDiff{}
	for key, resets := range s.resets {
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
	slices.SortFunc(only,
		func(a, b UserDiff) int { return cmp.Or(cmp.Compare(a.OrgID, b.OrgID), cmp.Compare(a.UserID, b.UserID)) })
	return only, both
}

// change says what s made of an anomaly that responded under the other settings.
func (s *side) change(v *verdict) Change {
	c := Change{AnomalyID: v.id, Type: v.kind, Time: v.time, Outcome: v.outcome.String()}
	switch w := s.verdicts[v.id]; {
	case w != nil:
		c.Other, c.Gate, c.Detail = w.outcome.String(), w.gate, w.detail
	case s.findings[xxhash.Sum64String(v.id)]:
		c.Other, c.Detail = Folded, "It is part of an anomaly that was decided about before."
	default:
		c.Other, c.Detail = NotFound, "The detector does not raise it with this sensitivity."
	}
	return c
}
