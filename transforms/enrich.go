// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"context"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/process"
)

func init() {
	beam.RegisterDoFn(&enrichFn{})
	register.Function1x1((&enrichFn{}).ProcessElement)
	direct(func(fn *enrichFn) any { return fn.ProcessElement })
}

// Enrich adds facts about the client to every event (PCollection<*aerv1.Event> in and out). No other stage may read
// the events that go in.
func Enrich(s beam.Scope, events beam.PCollection, run process.Run) beam.PCollection {
	return beam.ParDo(s.Scope("Enrich"), &enrichFn{Run: run}, events)
}

type enrichFn struct {
	Run process.Run

	core   *process.Core
	failed beam.Counter
}

// Setup finds the process's lists.
func (fn *enrichFn) Setup(ctx context.Context) (err error) {
	fn.failed = beam.NewCounter("enrich", "refresh_errors")
	fn.core, err = fn.Run.Core(ctx)
	return err
}

// StartBundle refreshes the lists if they are old. A list that cannot be read leaves the last good one in use; findings
// from a list that is too old only log.
func (fn *enrichFn) StartBundle(ctx context.Context) {
	if fn.Run.Mode == aerv1.ModeReplay {
		return // the lists of a replay are those it started with
	}
	if _, err := fn.core.Enricher.Refresh(time.Now()); err != nil {
		fn.failed.Inc(ctx, 1)
		log.Errorf(ctx, "refreshing lists: %v", err)
	}
}

// ProcessElement enriches the event itself. Elements must not be changed where other stages are given the same ones;
// the events of a source go to this stage alone, and copying each would cost more than enriching it.
func (fn *enrichFn) ProcessElement(ev *aerv1.Event) *aerv1.Event {
	fn.core.Enricher.Enrich(ev)
	return ev
}
