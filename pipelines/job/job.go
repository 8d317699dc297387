// SPDX-License-Identifier: Apache-2.0

// Package job hands pipelines to a job service of Beam, and sees to it that signals reach what it has handed over.
package job

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"

	"github.com/apache/beam/sdks/v2/go/container/tools"
	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/metrics"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/graphx"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/util/hooks"
	jobpb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/jobmanagement_v1"
	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/runnerlib"
)

// ErrCancelled says that a job was cancelled: what was on its way is lost, and delivered again by a source that knows
// what was acknowledged.
var ErrCancelled = errors.New("run was cancelled")

// Spec is a job to be handed over.
type Spec struct {
	Name  string
	Model *pipepb.Pipeline
	// Options are pipeline options by the names that the runner gives them, such as max_bundle_size. Beam's own
	// submission can set five of them.
	Options map[string]any
}

// Marshal translates a pipeline to the model, with workers as env describes.
func Marshal(p *beam.Pipeline, env *pipepb.Environment) (*pipepb.Pipeline, error) {
	edges, _, err := p.Build()
	if err != nil {
		return nil, fmt.Errorf("building the pipeline: %w", err)
	}
	model, err := graphx.Marshal(edges, &graphx.Options{Environment: env})
	if err != nil {
		return nil, fmt.Errorf("translating the pipeline: %w", err)
	}
	return model, nil
}

// Submit starts a job. The protocol wants a worker's binary; our workers have theirs, so that it is given an empty
// file, which is gone afterwards.
func Submit(ctx context.Context, client jobpb.JobServiceClient, spec Spec) (jobID string, err error) {
	f, err := os.CreateTemp("", "aer-worker-*")
	if err != nil {
		return "", fmt.Errorf("submitting job %s: %w", spec.Name, err)
	}
	defer os.Remove(f.Name())
	if err := f.Close(); err != nil {
		return "", fmt.Errorf("submitting job %s: %w", spec.Name, err)
	}
	if err := runnerlib.UpdateGoEnvironmentWorker(f.Name(), spec.Model); err != nil {
		return "", fmt.Errorf("submitting job %s: %w", spec.Name, err)
	}
	prepared, err := prepare(ctx, client, spec)
	if err != nil {
		return "", fmt.Errorf("preparing job %s: %w", spec.Name, err)
	}
	staged, err := runnerlib.Stage(ctx, prepared.PreparationId, prepared.GetArtifactStagingEndpoint().GetUrl(), f.Name(),
		prepared.StagingSessionToken)
	if err != nil {
		return "", fmt.Errorf("submitting job %s: %w", spec.Name, err)
	}
	if jobID, err = runnerlib.Submit(ctx, client, prepared.PreparationId, staged); err != nil {
		return "", fmt.Errorf("submitting job %s: %w", spec.Name, err)
	}
	return jobID, nil
}

func prepare(ctx context.Context, client jobpb.JobServiceClient, spec Spec) (*jobpb.PrepareJobResponse, error) {
	hooks.SerializeHooksToOptions()
	named := map[string]any{"go_options": beam.PipelineOptions.Export(), "app_name": spec.Name}
	maps.Copy(named, spec.Options)
	all := map[string]any{}
	for name, v := range named {
		all["beam:option:"+name+":v1"] = v
	}
	options, err := tools.OptionsToProto(all)
	if err != nil {
		return nil, fmt.Errorf("packing its options: %w", err)
	}
	req := &jobpb.PrepareJobRequest{Pipeline: spec.Model, PipelineOptions: options, JobName: spec.Name}
	return client.Prepare(ctx, req)
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
