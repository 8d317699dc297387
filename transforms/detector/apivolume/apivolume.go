// SPDX-License-Identifier: Apache-2.0

// Package apivolume notices an account that calls the API more, or in another way, than its clients and its history
// explain.
package apivolume

import (
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/detector/volume"
	"github.com/aer-project/aer/transforms/profile"
)

// Config holds the rules.
type Config struct {
	// Rules are the volume rules, one per horizon. Background polling of official clients is not counted.
	Rules []volume.Rule
	Mix   MixConfig
}

// DefaultConfig holds floors for a person at an interactive client.
func DefaultConfig() Config {
	return Config{Rules: []volume.Rule{
		{Metric: profile.Calls5m, Floor: 60, OrgFactor: 2, HabitFactor: 1.5, Pace: true},
		{Metric: profile.Calls1h, Floor: 110, OrgFactor: 2, HabitFactor: 1.5, Recent: profile.Calls5m, RecentPace: 0.5},
	}, Mix: defaultMix()}
}

// Detector judges the slices with API calls.
type Detector struct{ Config Config }

// Type is the anomaly type and the detector's name.
func (Detector) Type() string { return aerv1.TypeUnexpectedAPICallVolume }

// Doc describes the detector.
func (Detector) Doc() evidence.Doc {
	return evidence.Doc{
		Type: aerv1.TypeUnexpectedAPICallVolume, Signal: "API calls without background polling; the mix of methods",
		Horizons: "5 min, 1 h; mix over 1 h", Threshold: volume.ThresholdDoc +
			"; mix: methods new to the account that almost nobody calls, and their calls",
		ColdStart: volume.ColdStartDoc + "; mix silent until 3 active days",
		Evidence:  "calls, formula with its numbers, methods",
		Tolerates: "polling, integrations by their habit, single new methods",
	}
}

// Judge reports the volume that is furthest above its limit, or else a mix of methods that is foreign to the account.
func (d Detector) Judge(in *evidence.Input) *aerv1.Anomaly {
	if len(in.Slice.Methods) == 0 {
		return nil
	}
	rule, observed, limit, ok := volume.Worst(in, d.Config.Rules)
	if !ok || observed <= limit.Value { // a mix that is a finding, before a volume that is only a hint
		if mix := d.judgeMix(in); mix != nil || !ok {
			return mix
		}
	}
	a := d.finding(in)
	volume.Fill(a, rule.Metric, "calls", observed, limit)
	a.Summary = fmt.Sprintf("%s API calls in %s; expected at most %s",
		evidence.Number(observed), rule.Metric.Horizon(), evidence.Number(limit.Value))
	return a
}

func (d Detector) finding(in *evidence.Input) *aerv1.Anomaly {
	client, sessions := evidence.BusiestClient(in.Slice, (*aerv1.Facet).GetCalls)
	a := evidence.FromSlice(in, d.Type(), "", sessions)
	a.Reasons = evidence.Reasons(aerv1.TypeUnexpectedAPICallVolume)
	evidence.Usual(a, in, client)
	return a
}
