// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"context"
	"reflect"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
)

func init() {
	beam.RegisterDoFn(&shardFn{})
	register.Function3x0((&shardFn{}).ProcessElement)
	register.Emitter2[int32, *aerv1.Event]()
	direct(func(fn *shardFn) any { return fn.ProcessElement })
	register.Combiner3[*gathered, *aerv1.Event, *aerv1.PackedBatches](&batchFn{})
	beam.RegisterDoFn(&activityFn{})
	register.Emitter1[*aerv1.Slice]()
	beam.RegisterCoder(reflect.TypeFor[*gathered](), encodeGathered, decodeGathered)
}

// Slices gathers events (PCollection<*aerv1.Event>) into batches: for each shard and window of windowMS milliseconds
// one batch of per-user slices, plus one for what comes late. The result (KV<int32, *aerv1.PackedBatches>) is in the
// global window; its timestamps are the last milliseconds of the windows.
func Slices(s beam.Scope, events beam.PCollection, shards int, windowMS int32,
	lateness time.Duration) beam.PCollection {
	s = s.Scope("Slices")
	windowed := beam.WindowInto(s, window.NewFixedWindows(time.Duration(windowMS)*time.Millisecond), events,
		beam.AllowedLateness(lateness), beam.PanesDiscard())
	keyed := beam.ParDo(s, &shardFn{Shards: shards}, windowed)
	batches := beam.CombinePerKey(s, &batchFn{WindowMS: windowMS}, keyed)
	return beam.WindowInto(s, window.NewGlobalWindows(), batches)
}

// Activity is the slices themselves (PCollection<*aerv1.Slice>), the rows of the activity table.
func Activity(s beam.Scope, batches beam.PCollection) beam.PCollection {
	return beam.ParDo(s.Scope("Activity"), &activityFn{}, batches)
}

// shardFn keys an event by the shard of its user. What counts for nobody, because the platform did it or it is a record
// of what was done to the user, is counted and goes no further.
type shardFn struct {
	Shards int

	nobodys beam.Counter
}

// Setup makes the counter.
func (fn *shardFn) Setup() { fn.nobodys = beam.NewCounter("slices", "events_not_a_persons") }

func (fn *shardFn) ProcessElement(ctx context.Context, ev *aerv1.Event, emit func(int32, *aerv1.Event)) {
	if _, counts := aerv1.PrincipalOfEvent(ev); !counts {
		fn.nobodys.Inc(ctx, 1)
		return
	}
	emit(activity.Shard(aerv1.OrgID(ev.OrgId), aerv1.UserID(ev.UserId), fn.Shards), ev)
}

// activityFn takes batches apart.
type activityFn struct{}

func (fn *activityFn) ProcessElement(_ int32, batches *aerv1.PackedBatches, emit func(*aerv1.Slice)) error {
	for _, p := range batches.List {
		b, err := unpack(p.Data)
		if err != nil {
			return err
		}
		for _, s := range b.Slices {
			emit(s)
		}
	}
	return nil
}
