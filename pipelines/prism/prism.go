// SPDX-License-Identifier: Apache-2.0

// Package prism runs pipelines on Prism, Beam's local runner, in this process: for tests of the graph and trials.
package prism

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/metrics"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/graphx"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/metricsx"
	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	runner "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/extworker"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/runnerlib"

	"github.com/aer-project/aer/pipelines/job"
	"github.com/aer-project/aer/transforms/process"
)

// noSplit keeps Prism from splitting bundles, by which it loses state updates when a stateful bundle is slow.
const noSplit = "prism_disable_sdf_split"

// Options say how to run.
type Options struct {
	// Process is that of the pipeline's run; it is not ended.
	Process *process.Process
	JobName string
	// Signals drain the pipeline the first time and cancel it the second time; none = never.
	Signals []os.Signal
	// Started, if set, is called when the job has been submitted and signals are heard.
	Started func()
	// Draining, if set, is called when a first signal has come.
	Draining func()
}

// engine is Prism and the pool that it starts workers in, one for all runs of this process. Prism stops the worker of a
// job itself. The pool is never stopped, because Prism panics when it finds the pool of a job gone that was cancelled
// at once.
type engine struct {
	jobs    jobpb.JobServiceClient
	workers *extworker.Loopback
}

var startEngine = sync.OnceValues(func() (*engine, error) {
	ctx := context.Background()
	jobs, err := runner.CreateJobServer(ctx, runner.Options{})
	if err != nil {
		return nil, fmt.Errorf("starting Prism: %w", err)
	}
	workers, err := extworker.StartLoopback(ctx, 0)
	if err != nil {
		return nil, fmt.Errorf("starting workers for Prism: %w", err)
	}
	return &engine{jobs, workers}, nil
})

// Run runs a pipeline until its sources have ended, or are told to. Cancelling ctx cancels the run at once. A
// deadline on ctx does the same but never reaches Prism, which panics over one.
func Run(ctx context.Context, p *beam.Pipeline, opt Options) (*metrics.Results, error) {
	if !beam.Initialized() {
		return nil, errors.New("running on Prism: beam.Init was not called")
	}
	inner, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	e, err := startEngine()
	if err != nil {
		return nil, err
	}
	client := e.jobs
	env, err := graphx.CreateEnvironment(inner, graphx.URNEnvExternal, e.workers.EnvironmentConfig)
	if err != nil {
		return nil, fmt.Errorf("describing the workers: %w", err)
	}
	model, err := job.Marshal(p, env)
	if err != nil {
		return nil, err
	}
	jobID, err := job.Submit(inner, client, job.Spec{Name: opt.JobName, Model: model, Options: map[string]any{
		"experiments": []string{noSplit, "beam_fn_api"},
	}})
	if err != nil {
		return nil, fmt.Errorf("running on Prism: %w", err)
	}
	cancel := func() { // it fails only if the job is over
		_, _ = client.Cancel(inner, &jobpb.CancelJobRequest{JobId: jobID})
	}
	cancelled := job.Watch{Signals: opt.Signals, Drain: opt.drain, Cancel: cancel}.Start(ctx, inner)
	if opt.Started != nil {
		opt.Started()
	}
	if err := runnerlib.WaitForCompletion(inner, client, jobID); err != nil {
		return nil, fmt.Errorf("running on Prism: %w", err)
	}
	if err := cancelled(); err != nil {
		return nil, err
	}
	resp, err := client.GetJobMetrics(inner, &jobpb.GetJobMetricsRequest{JobId: jobID})
	if err != nil {
		return nil, fmt.Errorf("reading the run's metrics: %w", err)
	}
	return metricsx.FromMonitoringInfos(model, resp.GetMetrics().GetAttempted(), resp.GetMetrics().GetCommitted()), nil
}

// drain tells the sources to end.
func (o Options) drain() {
	o.Process.Drain()
	if o.Draining != nil {
		o.Draining()
	}
}
