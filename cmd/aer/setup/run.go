// SPDX-License-Identifier: Apache-2.0

package setup

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aer-project/aer/cmd/aer/config"
	"github.com/aer-project/aer/pipelines"
	"github.com/aer-project/aer/transforms/process"
	"github.com/aer-project/aer/transforms/source"
)

// Pipeline is the pipeline's configuration. join is for Prism and Flink.
func Pipeline(c config.Config, runID, kind string, join bool) (pipelines.Config, error) {
	raw, err := json.Marshal(c)
	if err != nil {
		return pipelines.Config{}, fmt.Errorf("packing the configuration for workers: %w", err)
	}
	return pipelines.Config{
		Run: process.Run{ID: runID, Mode: c.Mode, Config: raw}, Join: join,
		Remember: c.BootstrapDays > 0, Activity: c.Warehouse.HasDatabase(),
		Shards: c.Slices.ShardCount(), WindowMS: int32(c.Slices.Window.Milliseconds()), Lateness: c.Slices.Lateness,
		Source: source.Config{
			Kind: kind, Files: source.Files{Paths: c.Source.Files}, Decode: c.Source.Options(),
			PubSub: source.PubSub{
				Subscription: c.Source.Subscription, Endpoint: c.Source.Endpoint, TimeAttribute: c.Source.TimeAttribute,
				IDAttribute: c.Source.IDAttribute, AckAfter: c.Source.AckAfter, Skew: c.Source.Skew,
			},
		},
	}, nil
}

// OpenWorkers lets workers in other processes open what their pipeline's configuration names. Call it before Beam
// starts.
func OpenWorkers() {
	process.SetOpener(func(ctx context.Context, run process.Run) (*process.Opened, error) {
		var c config.Config
		if err := json.Unmarshal(run.Config, &c); err != nil {
			return nil, fmt.Errorf("unpacking the configuration: %w", err)
		}
		// The machine that started the pipeline has read the lists; one that joins later must not stop it for want of one.
		c.Enrich.StartWithoutLists = true
		p, err := Build(ctx, c)
		if err != nil {
			return nil, err
		}
		told := Control{p.store, run.ID}
		return &process.Opened{
			Core: p.Core(p.Baselines), Output: &p.Output, Close: p.Close, Draining: told.draining(ctx, p), Over: told.over,
		}, nil
	})
}
