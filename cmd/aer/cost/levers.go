// SPDX-License-Identifier: Apache-2.0

package cost

import (
	"math"

	"github.com/aer-project/aer/pipelines/capacity"
)

// TargetPerBillion is what a billion events should cost at most, in dollars: at ten billion a day a bill that one
// engineer's salary outweighs.
const TargetPerBillion = 15

// Kind says what pulling a lever takes.
type Kind string

// Kinds of levers.
const (
	KindSetting  Kind = "a setting"
	KindContract Kind = "a contract"
	KindRunning  Kind = "running it"
	KindNotBuilt Kind = "not built"
)

// Lever is one thing that changes the recommended bill.
type Lever struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
	// Saves is dollars per billion events if nothing else changes; below zero it costs more.
	Saves float64 `json:"saves_usd_per_billion"`
	// After is the bill per billion events with this lever and all of the path before it; 0 = it is not on the path.
	After float64 `json:"then_usd_per_billion,omitempty"`

	onPath bool
	pull   func(*Settings, *capacity.Measured)
	// fits, if set, says whether it can be done with the plan that comes of it.
	fits func(capacity.Plan) bool
}

const (
	// sampleShare is one person in twenty: an organisation of 10,000 has a 99th percentile of 500.
	sampleShare = 0.05
	// The largest machine of the E2 series.
	machineVCPU  = 32
	machineBytes = 128 * gib
)

// levers are in the order in which they should be pulled; those that are not on the path are alternatives.
func levers(p Prices) []Lever {
	return []Lever{
		{Name: "activity of one person in twenty", Kind: KindNotBuilt, onPath: true,
			pull: func(s *Settings, _ *capacity.Measured) { s.ActivityShare = sampleShare }},
		{Name: "profiles stay encoded in memory until their user comes", Kind: KindNotBuilt, onPath: true,
			pull: func(_ *Settings, m *capacity.Measured) {
				lower(&m.State.ProfileHeap, m.State.ProfileBytes.Value)
			}},
		{Name: "3.4 µs an event in the core", Kind: KindNotBuilt, onPath: true,
			pull: func(_ *Settings, m *capacity.Measured) {
				lower(&m.CPU.Profiles, 1.75)
			}},
		{Name: "activity loaded from files instead of streamed", Kind: KindNotBuilt, onPath: true,
			pull: func(s *Settings, _ *capacity.Measured) { s.LoadJobs = true }},
		{Name: "commitment for one year", Kind: KindContract, onPath: true,
			pull: func(s *Settings, _ *capacity.Measured) { s.Commit = p.Dataflow.Commit1Y.USD }},
		{Name: "commitment for three years", Kind: KindContract, onPath: true,
			pull: func(s *Settings, _ *capacity.Measured) { s.Commit = p.Dataflow.Commit3Y.USD }},
		{Name: "activity by hour and user, from the profiles", Kind: KindNotBuilt,
			pull: func(s *Settings, _ *capacity.Measured) { s.ByHour = true }},
		{Name: "activity of nobody: baselines from a file", Kind: KindSetting,
			pull: func(s *Settings, _ *capacity.Measured) { s.ActivityShare = 0 }},
		{Name: "Flink on plain machines instead of Dataflow", Kind: KindRunning,
			pull: func(s *Settings, _ *capacity.Measured) { s.OwnMachines = true }},
		{Name: "one machine and the plain-Go driver", Kind: KindNotBuilt,
			pull: func(s *Settings, m *capacity.Measured) {
				s.OwnMachines, m.CPU.Beam.Value, m.CPU.Batch.Value = true, 0, 0
			},
			fits: func(p capacity.Plan) bool { return p.VCPUPeak <= machineVCPU && p.HeapBytes <= machineBytes }},
		{Name: "windows of 30 s: findings 20 s later", Kind: KindSetting,
			pull: func(s *Settings, _ *capacity.Measured) { s.Layout.WindowS = 30 }},
		{Name: "half the shards, of 20,000 users", Kind: KindSetting,
			pull: func(s *Settings, _ *capacity.Measured) { s.Layout.Shards = max(1, s.Layout.Shards/2) }},
		{Name: "events as JSON, one a message", Kind: KindSetting,
			pull: func(s *Settings, _ *capacity.Measured) { s.Wire = WireJSON }},
		{Name: "Streaming Engine billed by data", Kind: KindSetting,
			pull: func(s *Settings, _ *capacity.Measured) { s.Units = false }},
	}
}

func lower(f *capacity.Figure, to float64) { f.Value = min(f.Value, to) }

// pulled computes what each lever does to a bill, alone and along the path. What changes nothing, or cannot be done, is
// left out.
func pulled(l capacity.Load, base Bill, p Prices, m capacity.Measured) []Lever {
	var out []Lever
	pathSettings, pathMeasured := base.Settings, m
	for _, lever := range levers(p) {
		s, with := base.Settings, m
		lever.pull(&s, &with)
		bill := BillFor(l, s, p, with)
		lever.Saves = base.PerBillion - bill.PerBillion
		if lever.onPath {
			lever.pull(&pathSettings, &pathMeasured)
			lever.After = BillFor(l, pathSettings, p, pathMeasured).PerBillion
		}
		nothing := math.Abs(lever.Saves) < 0.005
		if !nothing && (lever.fits == nil || lever.fits(bill.Plan)) {
			out = append(out, lever)
		}
	}
	return out
}
