// SPDX-License-Identifier: Apache-2.0

// Package flink runs pipelines on Flink, through Beam's job server for it.
//
// What Beam's own submission cannot set is set here: that a job is streaming, how often it is checkpointed and what
// becomes of a bundle then, how large bundles are. A job whose sources end is not checkpointed: then Flink lets it end,
// and otherwise never. Workers are this binary: see job.Work.
package flink

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/metrics"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/metricsx"
	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/runnerlib"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/aer-project/aer/pipelines/job"
)

// Options say how to run.
type Options struct {
	// Endpoint is the job server, Master the REST interface of the JobManager, host:port or LocalMaster.
	Endpoint, Master string
	JobName          string
	// Workers are where the pipeline's functions run.
	Workers Workers
	// Parallelism is the number of subtasks of each stage; 0 = the cluster's default.
	Parallelism int
	// Checkpoint is how often a job that does not end by itself is checkpointed; 0 is for one whose sources end, which
	// starts again from the beginning when something fails.
	Checkpoint time.Duration
	// Signals drain the pipeline the first time and cancel it the second time; none = never.
	Signals []os.Signal
	// Drain tells the sources to end. Over waits until all that was taken in is dealt with, for a job that is
	// checkpointed: Flink lets it go on for ever with nothing left to do.
	Drain func()
	Over  func(context.Context) error
}

// The bounds of a bundle, which is one instruction to a worker and one answer. Nothing of it goes on to the next stage
// before it ends, so that a shorter one answers earlier; by its number of elements, because under load that alone lets
// the watermark out of a group-by-key: where a bundle ends by time, the next has always begun when it is looked for.
const (
	bundleElements = 1000
	bundleMS       = 100
)

// pipelineOptions are Beam's for Flink, by name.
func (o Options) pipelineOptions() map[string]any {
	all := map[string]any{
		"experiments": []string{"beam_fn_api"}, "streaming": true,
		"max_bundle_size": bundleElements, "max_bundle_time_mills": bundleMS,
		// Else what a bundle makes that is ended by a checkpoint is kept until the checkpoint is over, and the watermark
		// overtakes it: it is late for the stages behind, which drop it or judge it by itself.
		"finish_bundle_before_checkpointing": true,
	}
	if o.Parallelism > 0 {
		all["parallelism"] = o.Parallelism
	}
	if o.Checkpoint > 0 {
		all["checkpointing_interval"] = o.Checkpoint.Milliseconds()
	}
	return all
}

// Run submits a pipeline and waits for its end. Cancelling ctx cancels it.
func Run(ctx context.Context, p *beam.Pipeline, opt Options) (*metrics.Results, error) {
	if !beam.Initialized() {
		return nil, errors.New("running on Flink: beam.Init was not called")
	}
	inner, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	env, release, err := opt.Workers.environment(inner)
	if err != nil {
		return nil, err
	}
	defer release()
	model, err := job.Marshal(p, env)
	if err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient(opt.Endpoint, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, fmt.Errorf("connecting to the job server %s: %w", opt.Endpoint, err)
	}
	defer conn.Close()
	client := jobpb.NewJobServiceClient(conn)
	jobID, err := job.Submit(inner, client, job.Spec{Name: opt.JobName, Model: model, Options: opt.pipelineOptions()})
	if status.Code(err) == codes.Unavailable {
		return nil, fmt.Errorf("running on Flink: no job server of Beam's answers at %s; give the address of one: %w",
			opt.Endpoint, err)
	}
	if err != nil {
		return nil, fmt.Errorf("running on Flink at %s: %w", opt.Endpoint, err)
	}
	l := &life{opt: opt, client: client, jobID: jobID}
	watch := job.Watch{Signals: opt.Signals, Drain: func() { l.drain(inner) }, Cancel: func() { l.cancel(inner) }}
	cancelled := watch.Start(ctx, inner)
	err = follow(inner, client, jobID)
	if l.stopping.Load() {
		<-l.stopped
	}
	if err != nil && !l.drained.Load() {
		return nil, errors.Join(cancelled(), l.failed, err)
	}
	if l.failed != nil {
		return nil, l.failed
	}
	resp, err := client.GetJobMetrics(inner, &jobpb.GetJobMetricsRequest{JobId: jobID})
	if err != nil {
		return nil, fmt.Errorf("reading the metrics of job %s: %w", jobID, err)
	}
	return metricsx.FromMonitoringInfos(model, resp.GetMetrics().GetAttempted(), resp.GetMetrics().GetCommitted()), nil
}

// life is what happens to a job while it runs.
type life struct {
	opt    Options
	client jobpb.JobServiceClient
	jobID  string

	once              sync.Once
	stopping, drained atomic.Bool
	stopped           chan struct{} // made when it is stopping
	failed            error         // of stopping
}

// drain has the sources end, and ends the job when all is done.
func (l *life) drain(ctx context.Context) {
	l.opt.Drain()
	if l.opt.Checkpoint == 0 {
		return // it ends by itself
	}
	go func() {
		if l.opt.Over(ctx) == nil {
			l.drained.Store(true)
			l.cancel(ctx)
		}
	}()
}

// cancel ends the job: for the job server, which waits for it and would call its end a failure, and then on Flink.
func (l *life) cancel(ctx context.Context) {
	l.once.Do(func() {
		l.stopped = make(chan struct{})
		l.stopping.Store(true)
		defer close(l.stopped)
		// It fails only if the job is over.
		_, _ = l.client.Cancel(ctx, &jobpb.CancelJobRequest{JobId: l.jobID})
		l.failed = master(l.opt.Master).cancel(ctx, l.jobID)
	})
}

// follow waits until a job has ended, and is nil if it ended by itself and well.
func follow(ctx context.Context, client jobpb.JobServiceClient, jobID string) error {
	if err := runnerlib.WaitForCompletion(ctx, client, jobID); err != nil {
		return fmt.Errorf("running on Flink: %w", err)
	}
	st, err := client.GetState(ctx, &jobpb.GetJobStateRequest{JobId: jobID})
	if err != nil {
		return fmt.Errorf("asking how job %s ended: %w", jobID, err)
	}
	if st.State != jobpb.JobState_DONE {
		return fmt.Errorf("running on Flink: job %s ended as %s", jobID, st.State)
	}
	return nil
}
