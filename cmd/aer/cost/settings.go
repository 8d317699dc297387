// SPDX-License-Identifier: Apache-2.0

package cost

import (
	"github.com/aer-project/aer/pipelines/capacity"
)

// Wire is the form in which events are published.
type Wire string

// Forms of events in messages.
const (
	WireJSON         Wire = "json, one a message"
	WireProtobufZstd Wire = "protobuf, 1,000 a message, zstd"
)

// messageEvents is how many events a message of that form holds.
func (w Wire) messageEvents() float64 {
	if w == WireJSON {
		return 1
	}
	return 1000
}

// Settings is how a load is carried.
type Settings struct {
	Wire   Wire            `json:"wire"`
	Layout capacity.Layout `json:"layout"`
	// Peak has workers for the peak around the clock; otherwise their number follows the load.
	Peak bool `json:"workers_for_the_peak"`
	// Units bills Streaming Engine by what it computes instead of by what goes through it
	// (enable_streaming_engine_resource_based_billing).
	Units bool `json:"streaming_engine_by_units"`
	// Commit is the share that a commitment takes off.
	Commit float64 `json:"commitment_discount"`
	// OwnMachines runs Flink on plain machines: no service, no commitment.
	OwnMachines bool `json:"own_machines"`
	// ActivityShare is the share of people whose activity is written to the warehouse, KeptDays how long it stays there.
	ActivityShare float64 `json:"activity_share"`
	KeptDays      float64 `json:"activity_kept_days"`
	// ByHour writes what a user did in an hour instead of every slice.
	ByHour bool `json:"activity_by_hour"`
	// LoadJobs writes the slices to files that BigQuery loads, which costs nothing, instead of by its Storage Write API.
	LoadJobs bool `json:"load_jobs"`
}

// Bounds of what baselines need.
const (
	// historyDays is how far back the derivation of one day looks: five weeks, the week that it sums and the day itself.
	historyDays = 42
	// naiveDays is a year: nothing deletes rows unless somebody sets an expiration.
	naiveDays = 365
	// naiveShards is the smallest number that was ever recommended for Dataflow.
	naiveShards = 64
)

// Naive is what comes of connecting things as they are.
func Naive() Settings {
	return Settings{Wire: WireJSON, Layout: capacity.Layout{Shards: naiveShards, WindowS: 10}, Peak: true,
		ActivityShare: 1, KeptDays: naiveDays}
}

// Recommended is the best that can be chosen today, for so many users.
func Recommended(users float64) Settings {
	return Settings{Wire: WireProtobufZstd, Layout: capacity.LayoutFor(users), Units: true, ActivityShare: 1,
		KeptDays: historyDays}
}
