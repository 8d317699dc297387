// SPDX-License-Identifier: Apache-2.0

// Package sinks ends the pipeline: what it carries out and what it writes down, as Beam transforms.
//
// A shuffle stands before every sink. On Prism a stage without an output that is fused with a long-running one keeps
// a core busy per bundle; on Dataflow it makes what goes into a sink durable, so that a retried bundle repeats the same
// rows and the same responses, which ledger and views then recognise.
//
// Whatever takes long is done in ProcessElement, never in FinishBundle. Beam's Go SDK holds a lock while it finishes a
// bundle, a runner that asks meanwhile how far the bundle is waits for it, and the SDK answers such questions and
// begins bundles one after the other: so for as long as one bundle is being finished no other begins, of whatever
// stage. A second of writing slices to the database in FinishBundle was a second in which nobody's session was ended.
// What is worked on together therefore crosses the shuffle as one element, gathered before it.
//
// Prism has at most eight bundles at work, over all stages: while all of them wait for a database or a mail server, no
// event is read. What may take long is therefore done under a few keys (lanes), with a cell of state that nothing is
// kept in, since Prism works on a key in one bundle at a time. Only ending sessions is not, which comes first.
package sinks

import (
	"context"
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/transforms/process"
)

// Responder carries out decisions, each of them once: response.Responder does.
type Responder interface {
	// End ends sessions, and leaves the rest to Respond.
	End(ctx context.Context, a *aerv1.Anomaly, d *aerv1.Decision) error
	// Respond ends sessions, if they are not ended yet, writes the audit entry and tells the people concerned.
	Respond(ctx context.Context, a *aerv1.Anomaly, d *aerv1.Decision) error
	// Advise only tells the admins what needs a person.
	Advise(ctx context.Context, a *aerv1.Anomaly, d *aerv1.Decision) error
}

// Output is where results go: one per process.Process, shared by all DoFn instances, because embedded stores allow one
// handle to a file.
type Output struct {
	Warehouse warehouse.Writer
	// Responder may be nil where nothing is enforced.
	Responder Responder
}

// outputOf is where the results of a run go.
func outputOf(ctx context.Context, run process.Run) (*Output, error) {
	p, err := run.Process(ctx)
	if err != nil {
		return nil, err
	}
	out, ok := p.Output.(*Output)
	if !ok {
		return nil, fmt.Errorf("setting up a sink: the output of the run is %T, want %T", p.Output, out)
	}
	return out, nil
}
