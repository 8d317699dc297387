// SPDX-License-Identifier: Apache-2.0

// Package cost says what AER costs a month on Google Cloud: by item, from what it was measured to take (package
// capacity) and from list prices, as things come and as they should be set.
package cost

import (
	"github.com/aer-project/aer/pipelines/capacity"
)

// Estimate is what a load costs.
type Estimate struct {
	Load        capacity.Load     `json:"load"`
	Naive       Bill              `json:"naive"`
	Recommended Bill              `json:"recommended"`
	Levers      []Lever           `json:"levers"`
	Target      float64           `json:"target_usd_per_billion_events"`
	Prices      Prices            `json:"prices"`
	Measured    capacity.Measured `json:"measured"`
	Assumptions []string          `json:"assumptions"`
}

// For computes the estimate of a load.
func For(l capacity.Load, p Prices, m capacity.Measured) Estimate {
	e := Estimate{Load: l, Target: TargetPerBillion, Prices: p, Measured: m, Assumptions: assumptions}
	e.Naive = BillFor(l, Naive(), p, m)
	e.Recommended = BillFor(l, Recommended(l.Users), p, m)
	e.Levers = pulled(l, e.Recommended, p, m)
	return e
}

// assumptions are what the arithmetic takes for granted beside the figures.
var assumptions = []string{
	"Nothing of this has run on Google Cloud: the figures are from one machine, and nothing writes to BigQuery yet.",
	"A month has 730 hours. Free tiers, taxes, support and traffic between regions are left out.",
	"Naive: each event a JSON message, 64 shards, workers for the peak, Streaming Engine by data, activity kept a year.",
	"Recommended: 1,000 events a message in protobuf and zstd, 10,000 users a shard, as many workers as the load takes,",
	"Streaming Engine by units (enable_streaming_engine_resource_based_billing), activity kept for six weeks.",
	"Publishing is counted in full, although a platform that has a stream of events pays for it anyway.",
	"All users are there every day. Traffic is sparse: nearly every event is alone in its window. Dense is cheaper.",
	"Streaming Engine takes what is received, both shuffles, the state of the shards and what goes to the warehouse.",
	"Profiles of all users are decoded in memory; a machine has at most 8 GiB a vCPU, so that memory costs vCPUs.",
	"Responses, messages, anomalies and decisions do not register.",
}
