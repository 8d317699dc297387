// SPDX-License-Identifier: Apache-2.0

package sinks

import (
	"context"
	"errors"

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
	register.Emitter2[beam.EventTime, transforms.Decisions]()
	register.Emitter1[string]()
}

// Respond carries out the decisions that end sessions or need a person (PCollection<transforms.Decided>). Who carries a
// response out also writes its rows, which may be a sweep after this stage has left it open, so that none come from
// here. Build it into a pipeline only to enforce.
//
// What is to be carried out crosses to respondFn a bundle at a time, because it is carried out side by side there, and
// that must not happen in FinishBundle: see the package. What became of them is counted behind another Reshuffle, as in
// Write: a response takes long, and Prism would keep a core busy meanwhile.
//
// What is returned is for Over.
func Respond(s beam.Scope, decided beam.PCollection, run process.Run) beam.PCollection {
	s = s.Scope("Respond")
	acting := beam.ParDo(s, &actFn{}, decided)
	became := beam.ParDo(s, &respondFn{Run: run}, beam.Reshuffle(s, acting))
	beam.ParDo0(s, &respondedFn{}, beam.Reshuffle(s, became))
	return became
}

// actFn lets through what is to be carried out of a bundle, together.
type actFn struct{ acting []transforms.Decided }

type emitDecisions = func(beam.EventTime, transforms.Decisions)

// StartBundle begins with nothing.
func (fn *actFn) StartBundle(_ emitDecisions) { fn.acting = nil }

// ProcessElement keeps a pair that is to be carried out. It names the output, because Beam looks for it here, but
// FinishBundle makes it.
func (fn *actFn) ProcessElement(d transforms.Decided, _ emitDecisions) {
	if d.Decision.Mode == aerv1.ModeEnforce && (decision.WantsReset(d.Decision) || advises(d.Decision)) {
		fn.acting = append(fn.acting, d)
	}
}

// FinishBundle emits what was kept.
func (fn *actFn) FinishBundle(emit emitDecisions) {
	if len(fn.acting) > 0 {
		emit(beam.EventTime(mtime.FromMilliseconds(fn.acting[0].TimeMS())), transforms.Decisions{List: fn.acting})
	}
	fn.acting = nil
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

// atOnceMax is how many responses of a bundle are carried out side by side: what a window brings at its end waits for
// the disk and for others' servers most of the time, and one after the other the last would wait for all before it. How
// many are at one server at a time is bounded by package response.
const atOnceMax = 64

type respondFn struct {
	Run process.Run

	out *Output
}

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

// ProcessElement carries out decisions side by side, but those about one user in the order in which they come.
func (fn *respondFn) ProcessElement(ctx context.Context, d transforms.Decisions, emit func(string)) error {
	became := make([]string, len(d.List))
	var users errgroup.Group
	users.SetLimit(atOnceMax)
	for _, own := range byUser(d.List) {
		users.Go(func() (err error) {
			for _, i := range own {
				if became[i], err = fn.carryOut(ctx, d.List[i]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := users.Wait(); err != nil {
		return err
	}
	for _, b := range became {
		emit(b)
	}
	return nil
}

// byUser is which decisions of a list are about whom.
func byUser(list []transforms.Decided) map[[2]string][]int {
	users := map[[2]string][]int{}
	for i, d := range list {
		user := [2]string{d.Decision.GetOrgId(), d.Decision.GetUserId()}
		users[user] = append(users[user], i)
	}
	return users
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
