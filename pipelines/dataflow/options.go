// SPDX-License-Identifier: Apache-2.0

package dataflow

import (
	"fmt"
	"math"
	"strings"

	"github.com/aer-project/aer/pipelines/capacity"
	"github.com/aer-project/aer/transforms/strict"
)

// Option is one of Beam's flags with what it is for a job of ours, and why.
type Option struct {
	Flag  string `json:"flag"`
	Value string `json:"value"`
	Why   string `json:"why"`
}

// Beam's flags that are chosen or looked at here.
const (
	flagMachine  = "worker_machine_type"
	flagWorkers  = "num_workers"
	flagMax      = "max_num_workers"
	flagScaling  = "autoscaling_algorithm"
	flagDisk     = "disk_size_gb"
	flagServices = "dataflow_service_options"
	flagDryRun   = "dry_run"
	flagTemplate = "template_location"
	flagUpdate   = "update"
	flagMapping  = "transform_name_mapping"
)

// Service options, which Dataflow takes in a list of their own.
const (
	serviceMin         = "min_num_workers"
	serviceUnits       = "enable_streaming_engine_resource_based_billing"
	serviceAtLeastOnce = "streaming_mode_at_least_once"
)

// Machines of capacity.WorkerVCPU vCPUs. Dataflow bills vCPUs and memory and not the series, so that any will do which
// has as much memory: N2 is old enough to be had nearly everywhere.
const (
	machineStandard, standardGiB = "n2-standard-4", 16
	machineHighmem, highmemGiB   = "n2-highmem-4", 32
	// freeForProfiles is the share of a worker's memory that the work itself leaves, as aer cost reckons.
	freeForProfiles = 0.5
	// diskGiB is what a worker needs for its image, the binary and logs: state is with Streaming Engine.
	diskGiB = 30
	// catchUp is how many times the workers of the busiest hour may be there: after an hour without workers the backlog
	// is gone in an hour.
	catchUp = 2
	gib     = 1 << 30
)

// Workers is how many there are, and of what machine.
type Workers struct {
	Machine  string
	GiB      float64
	Min, Max int
}

// WorkersFor is what a plan takes. The fewest hold all profiles in memory, at night too: a shard whose worker has no
// room for it is rebuilt at each batch. More workers than shards would have nothing to do.
func WorkersFor(p capacity.Plan) Workers {
	byCPU := math.Ceil(p.VCPUPeak / capacity.WorkerVCPU)
	holding := func(memory float64) float64 { return math.Ceil(p.HeapBytes / gib / (memory * freeForProfiles)) }
	w := Workers{Machine: machineStandard, GiB: standardGiB}
	if holding(standardGiB) > max(byCPU, 1) {
		w = Workers{Machine: machineHighmem, GiB: highmemGiB}
	}
	byMemory := max(holding(w.GiB), 1)
	w.Min = int(min(byMemory, p.Layout.Shards))
	w.Max = int(min(max(catchUp*byCPU, byMemory+1), max(p.Layout.Shards, byMemory)))
	return w
}

// Choose gives the options of a job that carries the plan, in the order in which people should read them.
func Choose(p capacity.Plan) []Option {
	w := WorkersFor(p)
	heap := p.HeapBytes / gib
	return []Option{
		{flagMachine, w.Machine, fmt.Sprintf("%d vCPUs and %g GiB: half of it is for profiles, which take %.1f GiB in all",
			capacity.WorkerVCPU, w.GiB, heap)},
		{flagWorkers, fmt.Sprint(w.Min), "to begin with: as many as hold all profiles"},
		{flagMax, fmt.Sprint(w.Max), fmt.Sprintf("room for twice the %.2g vCPUs of the busiest hour, to catch up after an "+
			"outage", p.VCPUPeak)},
		{flagScaling, "THROUGHPUT_BASED", "workers follow the load between the two"},
		{flagDisk, fmt.Sprint(diskGiB), "image, binary and logs: state is with Streaming Engine"},
		{flagServices, fmt.Sprintf("%s=%d,%s", serviceMin, w.Min, serviceUnits),
			"never fewer than hold all profiles; Streaming Engine is billed by what it computes, which aer cost finds cheaper"},
	}
}

// Flags are those of Beam.
type Flags interface {
	// Given says whether the flag is on the command line.
	Given(name string) bool
	Value(name string) string
	Set(name, value string) error
}

// Apply sets what is not given. Service options are added to those that are given, unless they are of the same name.
// What was set is returned.
func Apply(f Flags, chosen []Option) (set []Option, err error) {
	for _, o := range chosen {
		if o.Flag == flagServices {
			o.Value = withServices(f.Value(o.Flag), o.Value)
		} else if f.Given(o.Flag) {
			continue
		}
		if err := f.Set(o.Flag, o.Value); err != nil {
			return nil, fmt.Errorf("choosing --%s: %w", o.Flag, err)
		}
		set = append(set, o)
	}
	return set, nil
}

// withServices adds those service options whose name is not there yet.
func withServices(given, chosen string) string {
	have := map[string]bool{}
	var all []string
	for _, s := range append(strings.Split(given, ","), strings.Split(chosen, ",")...) {
		name, _, _ := strings.Cut(s, "=")
		if name != "" && !have[name] {
			all, have[name] = append(all, s), true
		}
	}
	return strings.Join(all, ",")
}

// Check refuses what a job of ours must not be given; the error joins all that is wrong.
func Check(f Flags) error {
	var c strict.Check
	c.Want(!strings.Contains(f.Value(flagServices), serviceAtLeastOnce), "--"+flagServices, serviceAtLeastOnce,
		"the exact mode: sums would count what comes twice, and decisions could differ from one run to the next")
	c.Want(f.Value(flagScaling) == "" || f.Value(flagScaling) == "THROUGHPUT_BASED" || f.Value(flagScaling) == "NONE",
		"--"+flagScaling, f.Value(flagScaling), "THROUGHPUT_BASED or NONE")
	return c.Err()
}
