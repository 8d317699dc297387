// SPDX-License-Identifier: Apache-2.0

package sinks

import (
	"context"
	"errors"
	"sync"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"golang.org/x/sync/errgroup"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/transforms"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/process"
)

func init() {
	beam.RegisterDoFn(&actFn{})
	beam.RegisterDoFn(&respondFn{})
	beam.RegisterDoFn(&respondedFn{})
	register.Emitter1[transforms.Decided]()
	register.Emitter2[beam.EventTime, string]()
}

// Respond carries out the decisions that end sessions or need a person (PCollection<transforms.Decided>). Who carries a
// response out also writes its rows, which may be a sweep after this stage has left it open, so that none come from
// here. Build it into a pipeline only to enforce.
//
// What became of them is counted behind another Reshuffle, as in Write: a response takes long, and Prism would keep a
// core busy meanwhile.
func Respond(s beam.Scope, decided beam.PCollection, run process.Run) {
	s = s.Scope("Respond")
	acting := beam.ParDo(s, &actFn{}, decided)
	became := beam.ParDo(s, &respondFn{Run: run}, beam.Reshuffle(s, acting))
	beam.ParDo0(s, &respondedFn{}, beam.Reshuffle(s, became))
}

// actFn lets through what is to be carried out.
type actFn struct{}

func (fn *actFn) ProcessElement(d transforms.Decided, emit func(transforms.Decided)) {
	if d.Decision.Mode == aerv1.ModeEnforce && (decision.WantsReset(d.Decision) || advises(d.Decision)) {
		emit(d)
	}
}

// advises: the decision ends nothing, but people must be told, once.
func advises(d *aerv1.Decision) bool { return response.IsAdvice(d) && d.GetEscalate() }

// What becomes of a response, by the counter of it.
const (
	done    = "done"
	pending = "pending"
	refused = "refused"
)

// respondedFn counts what became of responses.
type respondedFn struct{}

func (fn *respondedFn) ProcessElement(ctx context.Context, became string) {
	beam.NewCounter("respond", became).Inc(ctx, 1)
}

// atOnceMax is how many responses of a bundle are carried out side by side: what a window brings at its end is waiting
// for the disk and for others' servers most of the time, and one after the other the last would wait for all before it.
// How many go to one server at a time is bounded by package response.
const atOnceMax = 64

// respondFn carries out the decisions of a bundle side by side, but those about one user in the order in which they
// come.
type respondFn struct {
	Run process.Run

	out     *Output
	running *errgroup.Group
	last    map[string]<-chan struct{} // by user, closed when their last response so far is over

	mu     sync.Mutex
	became []became
}

// became is what became of a response, and the time of its decision.
type became struct {
	at   beam.EventTime
	what string
}

type emitBecame = func(beam.EventTime, string)

// Setup finds the responder.
func (fn *respondFn) Setup(ctx context.Context) (err error) {
	if fn.out, err = outputOf(ctx, fn.Run); err != nil {
		return err
	}
	if fn.out.Responder == nil {
		return errors.New("setting up responses: the run enforces, but it was given no responder")
	}
	return nil
}

// StartBundle begins with nothing.
func (fn *respondFn) StartBundle(_ emitBecame) {
	fn.running, fn.last, fn.became = &errgroup.Group{}, map[string]<-chan struct{}{}, nil
	fn.running.SetLimit(atOnceMax)
}

// ProcessElement begins to carry out one decision. It names the output, because Beam looks for it here, but FinishBundle
// makes it.
func (fn *respondFn) ProcessElement(ctx context.Context, d transforms.Decided, _ emitBecame) {
	user := d.Decision.GetOrgId() + "\x00" + d.Decision.GetUserId()
	before, over := fn.last[user], make(chan struct{})
	fn.last[user] = over
	fn.running.Go(func() error {
		defer close(over)
		if before != nil {
			<-before
		}
		what, err := fn.carryOut(ctx, d)
		fn.mu.Lock()
		defer fn.mu.Unlock()
		fn.became = append(fn.became, became{beam.EventTime(mtime.FromMilliseconds(d.TimeMS())), what})
		return err
	})
}

// FinishBundle waits for all of them.
func (fn *respondFn) FinishBundle(emit emitBecame) error {
	if err := fn.running.Wait(); err != nil {
		return err
	}
	for _, b := range fn.became {
		emit(b.at, b.what)
	}
	return nil
}

// carryOut carries out one decision. The ledger sees to it that each step is done once, however often a bundle is
// tried. An error means that the ledger itself failed, and nothing can be done without it.
func (fn *respondFn) carryOut(ctx context.Context, d transforms.Decided) (became string, err error) {
	do := fn.out.Responder.Respond
	if advises(d.Decision) {
		do = fn.out.Responder.Advise
	}
	err = do(ctx, d.Anomaly, d.Decision)
	switch {
	case errors.Is(err, response.ErrRefused):
		log.Errorf(ctx, "%v", err)
		return refused, nil
	case errors.Is(err, response.ErrPending):
		log.Warnf(ctx, "%v", err)
		return pending, nil
	}
	return done, err
}
