// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os/signal"
	"slices"
	"syscall"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/spf13/pflag"

	"github.com/aer-project/aer/cmd/aer/setup"
	"github.com/aer-project/aer/pipelines/job"
	"github.com/aer-project/aer/transforms/process"
)

// isWorker says whether a runner started this binary to execute a part of a pipeline rather than a person to run a
// verb.
func isWorker(args []string) bool {
	return slices.ContainsFunc(args, func(a string) bool {
		return a == "--worker" || a == "-worker" || a == "--worker=true" || a == "-worker=true"
	})
}

// workerFor is what a runner says that starts this binary as its worker: who it is, and where it is told the rest.
func workerFor(args []string) (id, provision string, ok bool) {
	f := pflag.NewFlagSet("worker", pflag.ContinueOnError)
	f.ParseErrorsAllowlist.UnknownFlags = true
	f.SetOutput(io.Discard)
	f.StringVar(&id, "id", "", "")
	f.StringVar(&provision, "provision_endpoint", "", "")
	return id, provision, f.Parse(args) == nil && id != "" && provision != ""
}

// quiet leaves out what a runner says about its own progress, which is of no use to people.
const quiet = "warn"

// initBeam readies Beam in this process, with Beam's own flags at their defaults. Call it before a pipeline is built.
// It logs to standard error from the given level up.
func initBeam(level string) {
	if beam.Initialized() {
		return
	}
	log.LogLevel = level
	_ = flag.CommandLine.Parse(nil) // nothing to parse, nothing to fail
	beam.Init()
}

// runWorker hands the process to Beam, whose flags are on the standard flag set. beam.Init does not return in a worker.
func runWorker() int {
	setup.OpenWorkers()
	flag.Parse()
	beam.Init()
	return exitFailed
}

// work is a worker that a runner has started with nothing but where to ask: for as long as the runner wants it, and no
// longer. What it opened is closed then.
func work(id, provision string, log io.Writer) int {
	setup.OpenWorkers()
	initBeam(quiet)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	err := errors.Join(job.Work(ctx, id, provision), process.CloseOpened())
	if err != nil {
		fmt.Fprintf(log, "aer: %v\n", err)
		return exitFailed
	}
	return exitOK
}
