// SPDX-License-Identifier: Apache-2.0

// Package prism runs pipelines on Prism, Beam's local runner, in this process: for tests of the graph and trials.
package prism

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/metrics"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/graphx"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/metricsx"
	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	runner "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/extworker"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/runnerlib"

	"github.com/aer-project/aer/transforms/process"
)

// noSplit keeps Prism from splitting bundles, by which it loses state updates when a stateful bundle is slow.
const noSplit = "prism_disable_sdf_split"

// urnExternal is the environment in which Prism connects to workers of this process.
const urnExternal = "beam:env:external:v1"

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

// ErrCancelled says that the run was cancelled: what was on its way is lost, and delivered again by a source that knows
// what was acknowledged.
var ErrCancelled = errors.New("run was cancelled")

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
	model, err := marshal(inner, p, e.workers)
	if err != nil {
		return nil, err
	}
	jobID, err := submit(inner, client, model, opt.JobName)
	if err != nil {
		return nil, err
	}
	cancelled := watch(ctx, inner, client, jobID, opt)
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

// Counters is what a run counted, summed over its steps, by namespace/name.
func Counters(res *metrics.Results) map[string]int64 {
	sums := map[string]int64{}
	for _, c := range res.AllMetrics().Counters() {
		if !strings.HasPrefix(c.Namespace(), "beam:") {
			sums[c.Namespace()+"/"+c.Name()] += c.Result()
		}
	}
	return sums
}

// marshal translates a pipeline to the runner's model.
func marshal(ctx context.Context, p *beam.Pipeline, workers *extworker.Loopback) (*pipepb.Pipeline, error) {
	edges, _, err := p.Build()
	if err != nil {
		return nil, fmt.Errorf("building the pipeline: %w", err)
	}
	env, err := graphx.CreateEnvironment(ctx, urnExternal, workers.EnvironmentConfig)
	if err != nil {
		return nil, fmt.Errorf("describing the workers: %w", err)
	}
	model, err := graphx.Marshal(edges, &graphx.Options{Environment: env})
	if err != nil {
		return nil, fmt.Errorf("translating the pipeline: %w", err)
	}
	return model, nil
}

// submit starts the job. Workers of this process need no binary, but the protocol wants an artifact: an empty file.
func submit(ctx context.Context, client jobpb.JobServiceClient, model *pipepb.Pipeline,
	name string) (jobID string, err error) {
	f, err := os.CreateTemp("", "aer-worker-*")
	if err != nil {
		return "", fmt.Errorf("submitting to Prism: %w", err)
	}
	defer os.Remove(f.Name())
	if err := f.Close(); err != nil {
		return "", fmt.Errorf("submitting to Prism: %w", err)
	}
	if err := runnerlib.UpdateGoEnvironmentWorker(f.Name(), model); err != nil {
		return "", fmt.Errorf("submitting to Prism: %w", err)
	}
	opt := &runnerlib.JobOptions{Name: name, Experiments: []string{noSplit}, Loopback: true}
	prepared, artifacts, token, err := runnerlib.Prepare(ctx, client, model, opt)
	if err != nil {
		return "", fmt.Errorf("submitting to Prism: %w", err)
	}
	staged, err := runnerlib.Stage(ctx, prepared, artifacts, f.Name(), token)
	if err != nil {
		return "", fmt.Errorf("submitting to Prism: %w", err)
	}
	if jobID, err = runnerlib.Submit(ctx, client, prepared, staged); err != nil {
		return "", fmt.Errorf("submitting to Prism: %w", err)
	}
	return jobID, nil
}

// watch passes signals and the end of ctx on to the job until inner ends. The returned function says whether the job
// was cancelled, and why.
func watch(ctx, inner context.Context, client jobpb.JobServiceClient, jobID string, opt Options) func() error {
	signals := make(chan os.Signal, 2)
	if len(opt.Signals) > 0 {
		signal.Notify(signals, opt.Signals...)
	}
	var mu sync.Mutex
	var cause error
	cancel := func(why error) {
		mu.Lock()
		cause = why
		mu.Unlock()
		// It fails only if the job is over.
		_, _ = client.Cancel(inner, &jobpb.CancelJobRequest{JobId: jobID})
	}
	go func() {
		defer signal.Stop(signals)
		done, draining := ctx.Done(), false
		for {
			select {
			case <-inner.Done():
				return
			case <-done:
				cancel(fmt.Errorf("%w: %w", ErrCancelled, context.Cause(ctx)))
				done = nil
			case sig := <-signals:
				if draining {
					cancel(fmt.Errorf("%w: second signal (%v)", ErrCancelled, sig))
					continue
				}
				draining = true
				opt.Process.Drain()
				if opt.Draining != nil {
					opt.Draining()
				}
			}
		}
	}()
	return func() error {
		mu.Lock()
		defer mu.Unlock()
		return cause
	}
}
