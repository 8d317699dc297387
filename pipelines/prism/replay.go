// SPDX-License-Identifier: Apache-2.0

package prism

import (
	"context"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/metrics"

	"github.com/aer-project/aer/pipelines"
	"github.com/aer-project/aer/pipelines/job"
	"github.com/aer-project/aer/pipelines/local"
	"github.com/aer-project/aer/transforms/memory"
	"github.com/aer-project/aer/transforms/process"
	"github.com/aer-project/aer/transforms/source"
)

// Replay is job.Replay on Prism.
func Replay(ctx context.Context, core *process.Core, in source.Config, out local.Output) (local.Summary, error) {
	return ReplayFrom(ctx, core, in, nil, out)
}

// ReplayFrom begins with what earlier runs knew; nil is nothing.
func ReplayFrom(ctx context.Context, core *process.Core, in source.Config, known *memory.Packed,
	out local.Output) (local.Summary, error) {
	cfg := pipelines.Config{Source: in, Join: true}
	if known != nil {
		cfg.Remember, cfg.Shards = true, len(known.Shards)
	}
	run := func(ctx context.Context, p *beam.Pipeline, proc *process.Process) (*metrics.Results, error) {
		proc.Memory = known
		return Run(ctx, p, Options{Process: proc, JobName: "aer-replay"})
	}
	return job.Replay(ctx, run, core, cfg, out)
}
