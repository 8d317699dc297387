// SPDX-License-Identifier: Apache-2.0

package prism

import (
	"context"
	"errors"

	"github.com/aer-project/aer/pipelines"
	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks"
	"github.com/aer-project/aer/transforms/memory"
	"github.com/aer-project/aer/transforms/process"
	"github.com/aer-project/aer/transforms/source"
)

// Replay judges files of events with the core and hands out what was found, in the order of a replay, once all is
// known. The summary says nothing of profiles, which only the pipeline's state knows.
func Replay(ctx context.Context, core *process.Core, in source.Config, out local.Output) (local.Summary, error) {
	return ReplayFrom(ctx, core, in, nil, out)
}

// ReplayFrom begins with what earlier runs knew; nil is nothing.
func ReplayFrom(ctx context.Context, core *process.Core, in source.Config, known *memory.Packed,
	out local.Output) (sum local.Summary, err error) {
	run := process.Run{ID: "replay", Mode: aerv1.ModeReplay}
	collected := sinks.NewCollector()
	proc := process.Start(run.ID, core, &sinks.Output{Warehouse: collected})
	defer proc.End()
	cfg := pipelines.Config{Run: run, Source: in, Join: true}
	cfg.Source.Kind = source.KindFiles
	if known != nil {
		proc.Memory, cfg.Remember, cfg.Shards = known, true, len(known.Shards)
	}
	p := pipelines.Detect(cfg)
	res, err := Run(ctx, p, Options{Process: proc, JobName: "aer-replay"})
	if err != nil {
		return sum, err
	}
	n, took := Counters(res), source.CountedIn(res)
	sum = local.Summary{
		Events: took.Events, DeadLetters: took.DeadLetters, Late: took.Late, First: took.First, Last: took.Last,
		Unreadable:  took.Unreadable,
		NotAPersons: int(n["slices/events_not_a_persons"]), Findings: int(n["fastlane/findings"] + n["profiles/findings"]),
		Anomalies: len(collected.Anomalies()), Outcomes: map[aerv1.Decision_Outcome]int{},
	}
	for _, d := range collected.Decisions() {
		sum.Outcomes[d.GetOutcome()]++
	}
	return sum, errors.Join(
		each(collected.Anomalies(), out.Anomaly), each(collected.Decisions(), out.Decision),
		each(collected.DeadLetters(), out.DeadLetter),
	)
}

// each hands out until it cannot.
func each[M any](list []M, do func(M) error) error {
	for _, m := range list {
		if err := do(m); err != nil {
			return err
		}
	}
	return nil
}
