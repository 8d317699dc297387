// SPDX-License-Identifier: Apache-2.0

// Package detector turns one user's profile and slice, or one event by itself, into anomalies.
package detector

import (
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector/apivolume"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/detector/fingerprint"
	"github.com/aer-project/aer/transforms/detector/spoofed"
	"github.com/aer-project/aer/transforms/detector/tor"
	"github.com/aer-project/aer/transforms/detector/useragent"
	"github.com/aer-project/aer/transforms/detector/volume"
	"github.com/aer-project/aer/transforms/profile"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Detector is what all detectors have in common.
type Detector interface {
	// Type is the anomaly type that the detector reports, and its name.
	Type() string
	Doc() evidence.Doc
}

// SliceDetector judges a slice against the user's profile. It has no memory of its own: it reports a finding for every
// window in which the condition holds, and package decision folds those of one episode into one anomaly.
type SliceDetector interface {
	Detector
	Judge(in *evidence.Input) *aerv1.Anomaly
}

// EventDetector judges one event by itself, without waiting for a window: the fast lane.
type EventDetector interface {
	Detector
	JudgeEvent(in *evidence.EventInput) *aerv1.Anomaly
}

// All lists every detector with its defaults, in the order of aerv1.AnomalyTypes.
func All() []Detector {
	return []Detector{
		tor.Detector{},
		fingerprint.Detector{Config: fingerprint.DefaultConfig()},
		useragent.Detector{Config: useragent.DefaultConfig()},
		spoofed.Detector{Config: spoofed.DefaultConfig()},
		volume.Scraping(),
		volume.Downloads(),
		apivolume.Detector{Config: apivolume.DefaultConfig()},
	}
}

// Sensitivity is an organisation's choice for a detector: low, medium or high.
type Sensitivity func(orgID, detector string) string

// Medium is the sensitivity of organisations that chose none.
func Medium(_, _ string) string { return aerv1.SensitivityMedium }

// Set is a list of detectors, ready to judge.
type Set struct {
	slices      []SliceDetector
	events      []EventDetector
	sensitivity Sensitivity
}

// NewSet sorts detectors into lanes. sensitivity may be nil.
func NewSet(all []Detector, sensitivity Sensitivity) *Set {
	s := &Set{sensitivity: sensitivity}
	if sensitivity == nil {
		s.sensitivity = Medium
	}
	for _, d := range all {
		if x, ok := d.(SliceDetector); ok {
			s.slices = append(s.slices, x)
		}
		if x, ok := d.(EventDetector); ok {
			s.events = append(s.events, x)
		}
	}
	return s
}

// Slice judges a slice against the profile that already holds it.
func (s *Set) Slice(p *profile.Profile, sl *aerv1.Slice, b *baseline.Index) []*aerv1.Anomaly {
	var out []*aerv1.Anomaly
	for _, d := range s.slices {
		if !judgesSlice(d.Type(), sl.ActorKind) {
			continue
		}
		in := &evidence.Input{Profile: p, Slice: sl, Baseline: b, Sensitivity: s.sensitivity(sl.OrgId, d.Type())}
		if a := d.Judge(in); a != nil {
			a.SessionStartedAt = youngest(p, a.SessionIds)
			evidence.NoteAttempts(a, p)
			out = append(out, a)
		}
	}
	return out
}

// youngest is when the latest of the sessions began, as far as the profile knows.
func youngest(p *profile.Profile, sessions []string) *timestamppb.Timestamp {
	var ms int64
	for _, id := range sessions {
		if s := p.Session(id); s != nil {
			ms = max(ms, s.FirstMS)
		}
	}
	if ms == 0 {
		return nil
	}
	return aerv1.TimeMS(ms)
}

// Event judges one enriched event by itself.
func (s *Set) Event(ev *aerv1.Event, b *baseline.Index) []*aerv1.Anomaly {
	var out []*aerv1.Anomaly
	who, counts := aerv1.PrincipalOfEvent(ev)
	for _, d := range s.events {
		if !counts || !judgesEvent(d.Type(), who.ActorKind) {
			continue
		}
		in := &evidence.EventInput{Event: ev, Baseline: b, Sensitivity: s.sensitivity(ev.OrgId, d.Type())}
		if a := d.JudgeEvent(in); a != nil {
			out = append(out, a)
		}
	}
	return out
}
