// SPDX-License-Identifier: Apache-2.0

// Package detector turns one user's profile and slice, or one event by itself, into anomalies.
package detector

import (
	"sync"

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

// Set is a list of detectors, ready to judge.
type Set struct {
	// slices and events are the detectors of each lane by the kind of actor they look at.
	slices map[string][]sliceLane
	events map[string][]eventLane
	// Inputs are used again, so that judging takes no memory.
	sliceInputs, eventInputs sync.Pool
}

// sliceLane is a detector of slices with the organisations' choice for it.
type sliceLane struct {
	SliceDetector
	choice evidence.Choice
}

// eventLane is the same for single events.
type eventLane struct {
	EventDetector
	choice evidence.Choice
}

// NewSet sorts detectors into lanes. sensitivity may be nil.
func NewSet(all []Detector, sensitivity Sensitivity) *Set {
	s := &Set{slices: map[string][]sliceLane{}, events: map[string][]eventLane{}}
	s.sliceInputs.New = func() any { return &evidence.Input{} }
	s.eventInputs.New = func() any { return &evidence.EventInput{} }
	for _, d := range all {
		typ, choice := d.Type(), evidence.Choice(nil)
		if sensitivity != nil {
			choice = func(orgID string) string { return sensitivity(orgID, typ) }
		}
		for _, kind := range []string{"", aerv1.ActorApp, aerv1.ActorAttempt} {
			if x, ok := d.(SliceDetector); ok && judgesSlice(typ, kind) {
				s.slices[kind] = append(s.slices[kind], sliceLane{x, choice})
			}
			if x, ok := d.(EventDetector); ok && judgesEvent(typ, kind) {
				s.events[kind] = append(s.events[kind], eventLane{x, choice})
			}
		}
	}
	return s
}

// Slice judges a slice against the profile that already holds it.
func (s *Set) Slice(p *profile.Profile, sl *aerv1.Slice, b *baseline.Index) []*aerv1.Anomaly {
	var out []*aerv1.Anomaly
	in := s.sliceInputs.Get().(*evidence.Input)
	*in = evidence.Input{Profile: p, Slice: sl, Baseline: b}
	for _, d := range s.slices[sl.ActorKind] {
		in.Choice = d.choice
		if a := d.Judge(in); a != nil {
			a.SessionStartedAt = youngest(p, a.SessionIds)
			evidence.NoteAttempts(a, p)
			out = append(out, a)
		}
	}
	*in = evidence.Input{} // it must not keep a slice
	s.sliceInputs.Put(in)
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
	who, counts := aerv1.PrincipalOfEvent(ev)
	if !counts {
		return nil
	}
	var out []*aerv1.Anomaly
	in := s.eventInputs.Get().(*evidence.EventInput)
	*in = evidence.EventInput{Event: ev, Baseline: b}
	for _, d := range s.events[who.ActorKind] {
		in.Choice = d.choice
		if a := d.JudgeEvent(in); a != nil {
			out = append(out, a)
		}
	}
	*in = evidence.EventInput{}
	s.eventInputs.Put(in)
	return out
}
