// Package prism runs pipelines in this process, on Beam's local runner.
package prism

import (
	"context"
	"errors"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"github.com/aer-project/aer/pipelines"
	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks"
	"github.com/aer-project/aer/transforms"
)

// Replay judges files of events as w does and hands out what was found, in the order of a replay, once all is known. The
// summary says nothing of events, findings and profiles.
func Replay(ctx context.Context, w *transforms.Worker, in transforms.Source, out local.Output) (sum local.Summary, err error) {
	const runID = "replay"
	collected := sinks.NewCollector()
	defer transforms.Workers.Provide(runID, w)()
	defer sinks.Outputs.Provide(runID, &sinks.Output{Warehouse: collected})()
	p, s := beam.NewPipelineWithRoot()
	in.Kind = transforms.SourceFiles
	pipelines.Detect(s, pipelines.Config{Run: transforms.Run{ID: runID, Mode: aerv1.ModeReplay}, Source: in, Join: true})
	res, err := pipelines.RunPrism(ctx, p, pipelines.Prism{RunID: runID, JobName: "aer-replay"})
	if err != nil {
		return sum, err
	}
	for _, c := range res.AllMetrics().Counters() {
		if c.Name() == transforms.LateCounter {
			sum.Late += int(c.Result())
		}
	}
	sum.Unreadable, sum.Outcomes = transforms.UnreadableOf(res), map[aerv1.Decision_Outcome]int{}
	sum.Anomalies, sum.DeadLetters = len(collected.Anomalies()), len(collected.DeadLetters())
	for _, d := range collected.Decisions() {
		sum.Outcomes[d.GetOutcome()]++
	}
	return sum, errors.Join(
		each(collected.Anomalies(), out.Anomaly), each(collected.Decisions(), out.Decision), each(collected.DeadLetters(), out.DeadLetter),
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
