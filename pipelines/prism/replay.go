// SPDX-License-Identifier: Apache-2.0

package prism

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

// Replay is job.Replay on Prism.
func Replay(ctx context.Context, core *process.Core, in source.Config, out local.Output) (local.Summary, error) {
	run := func(ctx context.Context, p *beam.Pipeline, proc *process.Process) (*metrics.Results, error) {
		return Run(ctx, p, Options{Process: proc, JobName: "aer-replay"})
	}
	return job.Replay(ctx, run, core, pipelines.Config{Source: in, Join: true}, out)
}
