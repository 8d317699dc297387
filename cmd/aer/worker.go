// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"

	"github.com/aer-project/aer/cmd/aer/setup"
)

// isWorker says whether a runner started this binary to execute a part of a pipeline rather than a person to run a
// verb.
func isWorker(args []string) bool {
	return slices.ContainsFunc(args, func(a string) bool {
		return a == "--worker" || a == "-worker" || a == "--worker=true" || a == "-worker=true"
	})
}

// quiet leaves out what a runner says about its own progress, which is of no use to people; talkative keeps it.
const quiet, talkative = "warn", "info"

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
