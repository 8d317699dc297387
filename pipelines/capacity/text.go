// SPDX-License-Identifier: Apache-2.0

package capacity

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Line is one result of a plan with how it comes about.
type Line struct {
	What  string `json:"what"`
	Value string `json:"value"`
	How   string `json:"how"`
}

// Lines tells a plan to people.
func (p Plan) Lines(m Measured) []Line {
	n, b := Number, Bytes
	return []Line{
		{"events a second, mean and peak", n(p.Load.MeanPerSecond()) + " and " + n(p.Load.PeakPerSecond),
			n(p.Load.EventsPerDay) + " a day / 86,400"},
		{"shards", n(p.Layout.Shards), fmt.Sprintf("%s users / %s", n(p.Load.Users), n(p.UsersPerShard))},
		{"users in the fullest shard", n(p.UsersPerShardMax),
			fmt.Sprintf("mean %s and sqrt(2 ln shards) deviations", n(p.UsersPerShard))},
		{"of an organisation of 1,000,000, in one", n(p.BigOrgPerShard), "spread by organisation and user, as all are"},
		{"events in a batch, mean and peak", n(p.EventsPerBatch) + " and " + n(p.EventsPerBatchPeak),
			fmt.Sprintf("events a second x %s s / shards", n(p.Layout.WindowS))},
		{"bytes of a batch at the peak", b(p.BatchBytesPeak),
			n(m.Packed.Bytes(p.EventsPerBatchPeak)) + " B an event in batches of that size"},
		{"batches a second", n(p.BatchesPerSecond), "shards / window: each six calls to the state"},
		{"CPU of an event", n(p.CPUMicros) + " µs", fmt.Sprintf("core %s, Beam %s, batch %s / events in it",
			n(m.CPU.Decode.Value+m.CPU.Enrich.Value+m.CPU.Slices.Value+m.CPU.Profiles.Value), n(m.CPU.Beam.Value),
			n(m.CPU.Batch.Value))},
		{"vCPUs, mean and peak", n(p.VCPUMean) + " and " + n(p.VCPUPeak),
			fmt.Sprintf("events a second x CPU / %s used", n(m.Assumed.Utilisation.Value))},
		{"of a vCPU, one shard at the peak", n(p.ShardCPUPeak), "a key is worked on by one at a time"},
		{"profiles at rest", b(p.StateBytes), fmt.Sprintf("users x %s B", n(m.State.ProfileBytes.Value))},
		{"of one shard, to rebuild", b(p.SnapshotBytes), "profiles at rest / shards"},
		{"profiles in memory", b(p.HeapBytes), fmt.Sprintf("users x %s B x %s for the garbage collector",
			n(m.State.ProfileHeap.Value), n(m.State.GCFactor.Value))},
		{"workers of 4 vCPUs at the peak", n(p.Workers), fmt.Sprintf("by CPU, or %s GiB of profiles a vCPU",
			n(m.Assumed.GiBPerVCPUMax.Value))},
		{"in each: profiles, shards", b(p.HeapPerWorker) + ", " + n(p.ShardsPerWorker), "of all, evenly"},
		{"findings a second", n(p.FindingsPerSecond), "what keys of organisations and the key of all see"},
	}
}

// Number writes a number for people: three digits that count below a thousand, whole with commas above.
func Number(x float64) string {
	switch {
	case math.Abs(x) >= 1e15:
		return strconv.FormatFloat(x, 'g', 4, 64)
	case math.Abs(x) >= 999.5 || x == math.Trunc(x):
		return commas(math.Round(x))
	}
	if math.Abs(x) < 1e-4 {
		return strconv.FormatFloat(x, 'g', 3, 64)
	}
	digits := 2 - int(math.Floor(math.Log10(math.Abs(x))))
	return trimZeros(strconv.FormatFloat(x, 'f', digits, 64))
}

// commas writes a whole number.
func commas(x float64) string {
	s := strconv.FormatFloat(math.Abs(x), 'f', 0, 64)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if x < 0 {
		return "-" + s
	}
	return s
}

func trimZeros(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

// Bytes writes a number of bytes for people.
func Bytes(x float64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1e15, "PB"}, {1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}, {1e3, "KB"}} {
		if x >= u.size {
			return Number(x/u.size) + " " + u.name
		}
	}
	return Number(x) + " B"
}
