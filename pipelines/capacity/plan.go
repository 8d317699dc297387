// SPDX-License-Identifier: Apache-2.0

package capacity

import (
	"math"

	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/strict"
)

const daySeconds = 24 * 60 * 60

// Load is what has to be carried.
type Load struct {
	EventsPerDay float64 `json:"events_per_day"`
	// Users are those who are remembered: whoever was there in the last half year.
	Users float64 `json:"users"`
	// PeakPerSecond is the events a second in the busiest hour.
	PeakPerSecond float64 `json:"peak_events_per_second"`
}

// PeakFactor is how much busier the busiest hour is than the mean, unless a load says so: that of an audit stream whose
// users live on three continents.
const PeakFactor = 3

// MeanPerSecond is the events a second over the day.
func (l Load) MeanPerSecond() float64 { return l.EventsPerDay / daySeconds }

// Validate checks the load; the keys of the error are those of the command line.
func (l Load) Validate() error {
	var c strict.Check
	c.Want(l.EventsPerDay >= 1 && l.EventsPerDay <= 1e15, "--events-per-day", Number(l.EventsPerDay),
		"a number from 1 to 1e15, as 10e9")
	c.Want(l.Users >= 1 && l.Users <= 1e11, "--users", Number(l.Users), "a number from 1 to 1e11, as 47e6")
	c.Want(l.PeakPerSecond >= l.MeanPerSecond()*0.999 && l.PeakPerSecond <= 1e12, "--peak", Number(l.PeakPerSecond),
		"events a second, at least the mean of the day, "+Number(math.Ceil(l.MeanPerSecond())))
	return c.Err()
}

// Layout is how the state is cut.
type Layout struct {
	Shards  float64 `json:"shards"`
	WindowS float64 `json:"window_s"`
}

// LayoutFor is the layout that aer run chooses for so many users.
func LayoutFor(users float64) Layout {
	return Layout{Shards: float64(activity.ShardsFor(int(users))), WindowS: activity.DefaultWindowMS / 1000}
}

// Plan is what a load makes of a layout.
type Plan struct {
	Load   Load   `json:"load"`
	Layout Layout `json:"layout"`
	// UsersPerShard is the mean, UsersPerShardMax what the fullest shard of all is expected to hold.
	UsersPerShard    float64 `json:"users_per_shard"`
	UsersPerShardMax float64 `json:"users_per_shard_max"`
	// Of one organisation of a million users, in one shard.
	BigOrgPerShard float64 `json:"big_org_users_per_shard"`
	// Batches a second over all shards, the events in one in the mean and at the peak, and its bytes at the peak.
	BatchesPerSecond   float64 `json:"batches_per_second"`
	EventsPerBatch     float64 `json:"events_per_batch"`
	EventsPerBatchPeak float64 `json:"events_per_batch_peak"`
	BatchBytesPeak     float64 `json:"batch_bytes_peak"`
	// CPU of one event in microseconds, and the vCPUs it takes at the mean and at the peak, with room as the figures say.
	CPUMicros float64 `json:"cpu_us_per_event"`
	VCPUMean  float64 `json:"vcpu_mean"`
	VCPUPeak  float64 `json:"vcpu_peak"`
	// ShardCPUPeak is the share of a vCPU that one shard takes at the peak: a key is never worked on twice at once.
	ShardCPUPeak float64 `json:"shard_cpu_peak"`
	// StateBytes is the profiles at rest, SnapshotBytes those of one shard, HeapBytes all of them in the memory of the
	// workers, with what the garbage collector leaves for a while.
	StateBytes    float64 `json:"state_bytes"`
	SnapshotBytes float64 `json:"snapshot_bytes"`
	HeapBytes     float64 `json:"heap_bytes"`
	// Workers of WorkerVCPU each at the peak, by CPU or by memory, and the profiles' memory in one.
	Workers         float64 `json:"workers_peak"`
	HeapPerWorker   float64 `json:"heap_bytes_per_worker"`
	ShardsPerWorker float64 `json:"shards_per_worker"`
	// FindingsPerSecond is what reaches the keys of organisations, and the one key of all.
	FindingsPerSecond float64 `json:"findings_per_second"`
}

const (
	// bigOrgUsers is the organisation that the page looks at.
	bigOrgUsers = 1e6
	// WorkerVCPU is the size of a worker that the plan counts in.
	WorkerVCPU = 4
	gib        = 1 << 30
)

// PlanFor computes it.
func PlanFor(l Load, to Layout, m Measured) Plan {
	p := Plan{Load: l, Layout: to}
	p.UsersPerShard = l.Users / to.Shards
	p.UsersPerShardMax = fullest(p.UsersPerShard, to.Shards)
	p.BigOrgPerShard = bigOrgUsers / to.Shards
	p.BatchesPerSecond = min(to.Shards/to.WindowS, l.MeanPerSecond()) // fewer where there are fewer events than shards
	p.EventsPerBatch = l.MeanPerSecond() / p.BatchesPerSecond
	p.EventsPerBatchPeak = max(1, l.PeakPerSecond*to.WindowS/to.Shards)
	p.BatchBytesPeak = p.EventsPerBatchPeak * m.Packed.Bytes(p.EventsPerBatchPeak)

	c := m.CPU
	p.CPUMicros = c.Decode.Value + c.Enrich.Value + c.Slices.Value + c.Profiles.Value + c.Beam.Value +
		c.Batch.Value/p.EventsPerBatch
	p.VCPUMean = l.MeanPerSecond() * p.CPUMicros / 1e6 / m.Assumed.Utilisation.Value
	p.VCPUPeak = l.PeakPerSecond * p.CPUMicros / 1e6 / m.Assumed.Utilisation.Value
	p.ShardCPUPeak = l.PeakPerSecond / to.Shards * p.CPUMicros / 1e6

	p.StateBytes = l.Users * m.State.ProfileBytes.Value
	p.SnapshotBytes = p.StateBytes / to.Shards
	p.HeapBytes = l.Users * m.State.ProfileHeap.Value * m.State.GCFactor.Value
	p.Workers = math.Ceil(max(p.VCPUPeak, p.HeapBytes/gib/m.Assumed.GiBPerVCPUMax.Value) / WorkerVCPU)
	p.HeapPerWorker, p.ShardsPerWorker = p.HeapBytes/p.Workers, to.Shards/p.Workers
	p.FindingsPerSecond = l.Users * m.Rows.Findings.Value / daySeconds
	return p
}

// fullest is the expected number of users in the fullest of so many shards. A hash spreads users as chance does: the
// number in one is near a normal distribution with the mean as its variance, whose highest of n lies about
// sqrt(2 ln n) standard deviations above.
func fullest(mean, shards float64) float64 {
	return mean + math.Sqrt(mean)*math.Sqrt(2*math.Log(shards))
}
