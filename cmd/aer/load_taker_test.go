// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"github.com/aer-project/aer/pipelines/job"
	"github.com/aer-project/aer/pipelines/prism"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/process"
	"github.com/aer-project/aer/transforms/source"
)

func init() { //nolint:gochecknoinits // Beam finds a DoFn by its registered name
	beam.RegisterDoFn(&takeFn{})
	beam.RegisterDoFn(&takeDeadFn{})
}

// taker is a program that takes a subscription in and writes down what came, in the bundle of the source: what it has
// written survives it, and what the source acknowledges is written. Its arguments are the endpoint and the file. At the
// end it prints its counters.
func taker() {
	initBeam(quiet)
	run := process.Run{ID: "taker"}
	proc := process.Start(run.ID, nil, nil)
	defer proc.End()
	p, s := beam.NewPipelineWithRoot()
	events, dead := source.Ingest(s, source.Config{Kind: source.KindPubSub, Run: run, PubSub: source.PubSub{
		Subscription: loadSub, Endpoint: os.Args[1], TimeAttribute: "time", IDAttribute: "id", PullTimeout: 2 * time.Second,
	}})
	beam.ParDo0(s, &takeFn{notes{Path: os.Args[2]}}, events)
	beam.ParDo0(s, &takeDeadFn{notes{Path: os.Args[2]}}, dead)
	res, err := prism.Run(context.Background(), p,
		prism.Options{Process: proc, JobName: "taker", Signals: []os.Signal{syscall.SIGTERM}})
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(job.Counters(res))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// notes are lines of a file, written at the end of each bundle.
type notes struct {
	Path string
	text bytes.Buffer
}

func (n *notes) FinishBundle() error {
	f, err := os.OpenFile(n.Path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = n.text.WriteTo(f) // one call, so that lines of bundles do not mix
	return err
}

// takeFn notes the ids of events, takeDeadFn what was no event.
type (
	takeFn     struct{ notes }
	takeDeadFn struct{ notes }
)

func (fn *takeFn) ProcessElement(ev *aerv1.Event) { fmt.Fprintln(&fn.text, ev.GetId()) }

func (fn *takeDeadFn) ProcessElement(l *aerv1.DeadLetter) { fmt.Fprintf(&fn.text, "%s\n", l.GetRaw()) }
