// SPDX-License-Identifier: Apache-2.0

package flink

import (
	"context"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/metrics"

	"github.com/aer-project/aer/pipelines"
	"github.com/aer-project/aer/pipelines/job"
	"github.com/aer-project/aer/pipelines/local"
	"github.com/aer-project/aer/transforms/process"
	"github.com/aer-project/aer/transforms/source"
)

// Replay is job.Replay on Flink, whose workers are this process.
func Replay(ctx context.Context, opt Options, core *process.Core, in source.Config,
	out local.Output) (local.Summary, error) {
	run := func(ctx context.Context, p *beam.Pipeline, _ *process.Process) (*metrics.Results, error) {
		return Run(ctx, p, opt)
	}
	in.InFlightMax = -1 // Flink holds its sources back itself
	return job.Replay(ctx, run, core, pipelines.Config{Source: in, Join: true, Lanes: pipelines.Lanes}, out)
}
