// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"
	"fmt"

	"github.com/apache/beam/sdks/v2/go/container/tools"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/harness"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/util/grpcx"
)

// Work makes this process a worker, as a runner asks for one by the two arguments that it starts workers with: the
// worker's id and where it is told the rest. It works until the runner lets it go, is gone, or ctx ends. Beam must have
// been initialised.
//
// Beam's own boot does the same around a binary that it fetches, copies and starts: the copy stays behind, and the
// worker outlives the boot that is killed and its runner. Here nothing is copied and nobody is left.
func Work(ctx context.Context, id, provisionEndpoint string) error {
	ctx = grpcx.WriteWorkerID(ctx, id)
	info, err := tools.ProvisionInfo(ctx, provisionEndpoint)
	if err != nil {
		return fmt.Errorf("asking %s what worker %s is for: %w", provisionEndpoint, id, err)
	}
	var given runtime.RawOptionsWrapper
	if err := tools.ProtoToOptions(info.GetPipelineOptions(), &given); err != nil {
		return fmt.Errorf("reading the options of the job: %w", err)
	}
	runtime.GlobalOptions.Import(given.Options)
	opt := harness.Options{
		StatusEndpoint: info.GetStatusEndpoint().GetUrl(), RunnerCapabilities: info.GetRunnerCapabilities(),
	}
	err = harness.MainWithOptions(ctx, info.GetLoggingEndpoint().GetUrl(), info.GetControlEndpoint().GetUrl(), opt)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("working as %s: %w", id, err)
	}
	return nil
}
