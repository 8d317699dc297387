// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"errors"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/metrics"

	"github.com/aer-project/aer/pipelines"
	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks"
	"github.com/aer-project/aer/transforms/process"
	"github.com/aer-project/aer/transforms/source"
)

// A Runner runs a pipeline, all of whose functions run in proc, until its sources have ended.
type Runner func(ctx context.Context, p *beam.Pipeline, proc *process.Process) (*metrics.Results, error)

// Replay has a runner judge files of events with the core and hands out what was found, in the order of a replay, once
// all is known. The summary says nothing of profiles, which only the pipeline's state knows.
func Replay(ctx context.Context, runner Runner, core *process.Core, cfg pipelines.Config,
	out local.Output) (sum local.Summary, err error) {
	cfg.Run, cfg.Source.Kind = process.Run{ID: "replay", Mode: aerv1.ModeReplay}, source.KindFiles
	collected := sinks.NewCollector()
	proc := process.Start(cfg.Run.ID, core, &sinks.Output{Warehouse: collected})
	defer proc.End()
	res, err := runner(ctx, pipelines.Detect(cfg), proc)
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
