// SPDX-License-Identifier: Apache-2.0

package sinks

import (
	"context"
	"errors"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/state"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"golang.org/x/sync/errgroup"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/transforms"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/process"
)

func init() {
	beam.RegisterDoFn(&actFn{})
	beam.RegisterDoFn(&endFn{})
	beam.RegisterDoFn(&respondFn{})
	beam.RegisterDoFn(&respondedFn{})
	register.Emitter2[beam.EventTime, transforms.Decisions]()
	register.Emitter2[int32, transforms.Decisions]()
	register.Emitter1[string]()
}

// Respond carries out the decisions that end sessions or need a person (PCollection<transforms.Decided>). Who carries a
// response out also writes its rows, which may be a sweep after this stage has left it open, so that none come from
// here. Build it into a pipeline only to enforce.
//
// What is to be carried out crosses to endFn a bundle at a time, which ends the sessions of all side by side. The rest
// of their responses, which nobody is waiting for, goes on in respondFn, in so many lanes: see the package. What became
// of them is counted behind another Reshuffle, as in Write: a response takes long, and Prism would keep a core busy
// meanwhile.
//
// What is returned is for Over.
func Respond(s beam.Scope, decided beam.PCollection, run process.Run, lanes int) beam.PCollection {
	s = s.Scope("Respond")
	acting := beam.ParDo(s, &actFn{}, decided)
	ended := beam.ParDo(s, &endFn{Run: run, Lanes: lanes}, beam.Reshuffle(s, acting))
	became := beam.ParDo(s, newRespondFn(run), ended)
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
		emit(mtime.FromMilliseconds(fn.acting[0].TimeMS()), transforms.Decisions{List: fn.acting})
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

// sideBySide does something about each of a list of decisions, one after the other only about one user.
func sideBySide(list []transforms.Decided, do func(i int, d transforms.Decided) error) error {
	var users errgroup.Group
	users.SetLimit(atOnceMax)
	for _, own := range byUser(list) {
		users.Go(func() error {
			for _, i := range own {
				if err := do(i, list[i]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return users.Wait()
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

// endFn ends the sessions of decisions and hands them on by the lane of their user.
type endFn struct {
	Run   process.Run
	Lanes int

	to Responder
}

// Setup finds the responder.
func (fn *endFn) Setup(ctx context.Context) (err error) {
	fn.to, err = responderOf(ctx, fn.Run)
	return err
}

// ProcessElement ends sessions. What could not be done is for respondFn to try again and to say; an error means that
// the ledger itself failed, and nothing can be done without it.
func (fn *endFn) ProcessElement(ctx context.Context, d transforms.Decisions,
	emit func(int32, transforms.Decisions)) error {
	err := sideBySide(d.List, func(_ int, d transforms.Decided) error {
		if advises(d.Decision) {
			return nil
		}
		err := fn.to.End(ctx, d.Anomaly, d.Decision)
		if errors.Is(err, response.ErrRefused) || errors.Is(err, response.ErrPending) {
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	lanes := map[int32][]transforms.Decided{}
	for _, d := range d.List {
		lane := activity.Shard(aerv1.OrgID(d.Decision.GetOrgId()), aerv1.UserID(d.Decision.GetUserId()), fn.Lanes)
		lanes[lane] = append(lanes[lane], d)
	}
	for lane, list := range lanes {
		emit(lane, transforms.Decisions{List: list})
	}
	return nil
}

type respondFn struct {
	Run  process.Run
	Lane state.Value[bool] // nothing is kept: see the package

	to Responder
}

func newRespondFn(run process.Run) *respondFn {
	return &respondFn{Run: run, Lane: state.MakeValueState[bool]("lane")}
}

// Setup finds the responder.
func (fn *respondFn) Setup(ctx context.Context) (err error) {
	fn.to, err = responderOf(ctx, fn.Run)
	return err
}

// responderOf is the responder of a run.
func responderOf(ctx context.Context, run process.Run) (Responder, error) {
	out, err := outputOf(ctx, run)
	if err != nil {
		return nil, err
	}
	if out.Responder == nil {
		return nil, errors.New("setting up responses: the run enforces, but it was given no responder")
	}
	return out.Responder, nil
}

// ProcessElement carries out decisions, or what is left of them, and says what became of each.
func (fn *respondFn) ProcessElement(ctx context.Context, _ state.Provider, _ int32, d transforms.Decisions,
	emit func(string)) error {
	became := make([]string, len(d.List))
	err := sideBySide(d.List, func(i int, d transforms.Decided) (err error) {
		became[i], err = fn.carryOut(ctx, d)
		return err
	})
	if err != nil {
		return err
	}
	for _, b := range became {
		emit(b)
	}
	return nil
}

// carryOut carries out one decision. The ledger sees to it that each step is done once, however often a bundle is
// tried. An error means that the ledger itself failed, and nothing can be done without it.
func (fn *respondFn) carryOut(ctx context.Context, d transforms.Decided) (became string, err error) {
	do := fn.to.Respond
	if advises(d.Decision) {
		do = fn.to.Advise
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
