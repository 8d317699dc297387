// SPDX-License-Identifier: Apache-2.0

// Package ladder measures the stages that an event goes through one by one, with the benchmarks beside their code.
package ladder

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/aer-project/aer/cmd/bench/child"
)

// Group is the benchmarks of one stage.
type Group struct {
	// Package and Bench say where they are: folders of the module, and a pattern as go test -bench takes it.
	Package, Bench string
	// Per is what one operation is for, unless the benchmark says otherwise.
	Per string
	// Times is how often each runs when allocations are counted, which a fixed number makes repeatable.
	Times int
}

// Runs of a benchmark whose operation is for one event, and of one whose operation is a whole stream.
const (
	timesEvent  = 5000
	timesStream = 5
)

// Groups are all stages, in the order in which an event meets them.
func Groups() []Group {
	return []Group{
		{"./transforms/event", "^BenchmarkDecode$", "event", timesEvent},
		{"./transforms/event", "^BenchmarkCanonical", "event", timesEvent},
		{"./transforms/enrich", "^BenchmarkEnrich", "event", timesEvent},
		{"./transforms/watermark", "^BenchmarkObserve", "event", timesEvent},
		{"./transforms/activity", "^BenchmarkAccumulator", "event", timesEvent},
		{"./transforms/activity", "^BenchmarkBatches", "event", timesStream},
		{"./transforms/profile", "^BenchmarkProfileApply", "slice", timesStream},
		{"./transforms/detector", "^BenchmarkJudge", "slice", timesEvent},
		{"./transforms/decision", "^BenchmarkDecide", "finding", timesStream},
		{"./sinks/ledger", "^BenchmarkCommit", "step", timesStream},
		{"./sinks/warehouse", "^BenchmarkCommit", "row", timesStream},
	}
}

// Rung is what one benchmark measured.
type Rung struct {
	// Name is the benchmark's without the word Benchmark, Per what the figures are for one of.
	Name string `json:"name"`
	Per  string `json:"per"`

	Nanoseconds float64 `json:"nanoseconds"`
	Objects     float64 `json:"objects"`
	Bytes       float64 `json:"bytes"`
}

// Run runs the benchmarks of a group in the module that contains the folder root, each for benchtime (1s, or 100x for a
// number of times), with env added to the environment.
func (g Group) Run(ctx context.Context, root, benchtime string, env ...string) ([]Rung, error) {
	out, _, err := child.Command{Dir: root, Env: env, Args: []string{
		"go", "test", "-run", "^$", "-bench", g.Bench, "-benchmem", "-benchtime", benchtime, g.Package,
	}}.Run(ctx)
	if err != nil {
		return nil, fmt.Errorf("measuring %s in %s: %w\n%s", g.Bench, g.Package, err, out)
	}
	var rungs []Rung
	for line := range strings.Lines(string(out)) {
		r, ok, err := parse(line)
		if err != nil {
			return nil, fmt.Errorf("measuring %s in %s: %w", g.Bench, g.Package, err)
		}
		if ok {
			r.Per = cmp.Or(r.Per, g.Per)
			rungs = append(rungs, r)
		}
	}
	return rungs, nil
}
