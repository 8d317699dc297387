// SPDX-License-Identifier: Apache-2.0

package dataflow

import (
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/graphx"
	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
)

// Marshal translates a pipeline to the model, for workers from an image. The names of its steps depend on nothing but
// their scopes.
func Marshal(ctx context.Context, p *beam.Pipeline, image string) (*pipepb.Pipeline, error) {
	edges, nodes, err := p.Build()
	if err != nil {
		return nil, fmt.Errorf("building the pipeline: %w", err)
	}
	if graph.Bounded(nodes) {
		return nil, errors.New("building the pipeline: its source ends, so that it is no streaming job")
	}
	env, err := graphx.CreateEnvironment(ctx, graphx.URNEnvDocker, func(context.Context) string { return image })
	if err != nil {
		return nil, fmt.Errorf("describing the workers: %w", err)
	}
	model, err := graphx.Marshal(edges, &graphx.Options{Environment: env})
	if err != nil {
		return nil, fmt.Errorf("translating the pipeline: %w", err)
	}
	return model, rename(model)
}

// numbered is what the SDK calls the parts of a Reshuffle: e34_gbk, by the number of its edge in the graph. One stage
// more or less anywhere before would change it, as enforcing does, and an update would not find what waits there.
var numbered = regexp.MustCompile(`^e\d+_`)

func rename(model *pipepb.Pipeline) error {
	seen := map[string]bool{}
	for id, t := range model.GetComponents().GetTransforms() {
		dir, base := path.Split(t.GetUniqueName())
		t.UniqueName = dir + numbered.ReplaceAllString(base, "")
		if seen[t.UniqueName] {
			return fmt.Errorf("naming the steps of the job: %s and another are called %s", id, t.UniqueName)
		}
		seen[t.UniqueName] = true
	}
	return nil
}
