// SPDX-License-Identifier: Apache-2.0

package flink

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/runtime/graphx"
	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal/extworker"
)

// Workers are where the functions of a pipeline run. At most one of the fields is set; none means this process, which
// all TaskManagers then connect to: for trials.
type Workers struct {
	// Command is started by each TaskManager: the path of this same binary there.
	Command string
	// Env is added to the environment of Command.
	Env map[string]string
	// Image is a container with this same binary as its entry point, which each TaskManager starts with Docker.
	Image string
	// Pool is the address of a pool of workers beside each TaskManager.
	Pool string
}

// Here says whether the functions run in this process.
func (w Workers) Here() bool { return w.Command == "" && w.Image == "" && w.Pool == "" }

// environment describes the workers to the runner. release is to be called when the job has ended.
func (w Workers) environment(ctx context.Context) (env *pipepb.Environment, release func(), err error) {
	release = func() {}
	urn, config := graphx.URNEnvExternal, w.Pool
	switch {
	case w.Command != "":
		urn = graphx.URNEnvProcess
		raw, err := json.Marshal(map[string]any{
			"os": runtime.GOOS, "arch": runtime.GOARCH, "command": w.Command, "env": w.Env,
		})
		if err != nil {
			return nil, nil, fmt.Errorf("describing the workers: %w", err)
		}
		config = string(raw)
	case w.Image != "":
		urn, config = graphx.URNEnvDocker, w.Image
	case w.Pool == "":
		here, err := extworker.StartLoopback(ctx, 0)
		if err != nil {
			return nil, nil, fmt.Errorf("starting workers here: %w", err)
		}
		release, config = func() { _ = here.Stop(ctx) }, here.EnvironmentConfig(ctx)
	}
	env, err = graphx.CreateEnvironment(ctx, urn, func(context.Context) string { return config })
	if err != nil {
		release()
		return nil, nil, fmt.Errorf("describing the workers: %w", err)
	}
	return env, release, nil
}
