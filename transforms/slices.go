// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"context"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/event"
)

func init() {
	beam.RegisterDoFn(&gatherFn{})
	register.Function3x0((&gatherFn{}).ProcessElement)
	direct(func(fn *gatherFn) any { return fn.ProcessElement })
	beam.RegisterDoFn(&mergeFn{})
	register.Iter1[*aerv1.PackedBatches]()
}

// Slices gathers events (PCollection<*aerv1.Event>) into batches: for each shard and window of windowMS milliseconds
// one batch of per-user slices, plus one for what comes late. The result (KV<int32, *aerv1.PackedBatches>) is in the
// global window; its timestamps are the last milliseconds of the windows.
//
// Events are gathered within their bundle first, so that what is shuffled are batches already, one or a few per shard
// and window. Beam's lifted combiner would do the same, but looks for the accumulator of an event by encoding its key
// and window, four times, and has room for 2,000 of them: a bundle of a sparse file has more.
func Slices(s beam.Scope, events beam.PCollection, shards int, windowMS int32,
	lateness time.Duration) beam.PCollection {
	s = s.Scope("Slices")
	parts := beam.ParDo(s, &gatherFn{Shards: shards, WindowMS: windowMS}, events)
	windowed := beam.WindowInto(s, window.NewFixedWindows(time.Duration(windowMS)*time.Millisecond), parts,
		beam.AllowedLateness(lateness), beam.PanesDiscard())
	batches := beam.ParDo(s, &mergeFn{WindowMS: windowMS}, beam.GroupByKey(s, windowed))
	return beam.WindowInto(s, window.NewGlobalWindows(), batches)
}

// gatherFn gathers the events of a bundle by the shard of their user and by window. What counts for nobody, because the
// platform did it or it is a record of what was done to the user, is counted and goes no further.
type gatherFn struct {
	Shards   int
	WindowMS int32

	waiting map[shardWindow][]*aerv1.Event
	events  int
	acc     *activity.Accumulator // empty; its memory is used again
	nobodys beam.Counter
}

type shardWindow struct {
	shard   int32
	startMS int64
}

type emitBatches = func(beam.EventTime, int32, *aerv1.PackedBatches)

// gatheredMax is how many events are gathered before they go on although the bundle has not ended, because some runners
// make one bundle of a whole file: some 50 MB.
const gatheredMax = 50_000

// Setup makes the counter.
func (fn *gatherFn) Setup() {
	fn.nobodys = beam.NewCounter("slices", "events_not_a_persons")
	fn.acc = activity.NewAccumulator(fn.WindowMS)
}

// StartBundle begins with nothing.
func (fn *gatherFn) StartBundle(_ emitBatches) { fn.waiting = map[shardWindow][]*aerv1.Event{} }

// ProcessElement keeps an event until the bundle ends. Then it is given back to the decoders: elements may be kept for
// so long, and no later stage sees them, but the fast lane, which is given the same ones, may come after this stage.
func (fn *gatherFn) ProcessElement(ctx context.Context, ev *aerv1.Event, emit emitBatches) {
	if _, counts := aerv1.PrincipalOfEvent(ev); !counts {
		fn.nobodys.Inc(ctx, 1)
		return
	}
	if fn.events == gatheredMax { // not after the last was added, which others may not have seen yet
		fn.FinishBundle(emit)
	}
	key := shardWindow{activity.Shard(aerv1.OrgID(ev.OrgId), aerv1.UserID(ev.UserId), fn.Shards),
		activity.WindowStartMS(ev.Time.AsTime().UnixMilli(), int64(fn.WindowMS))}
	fn.waiting[key] = append(fn.waiting[key], ev)
	fn.events++
}

// FinishBundle hands on what was gathered, each batch at the end of its window.
func (fn *gatherFn) FinishBundle(emit emitBatches) {
	for key, events := range fn.waiting {
		for _, ev := range events {
			fn.acc.Add(ev)
			event.Release(ev)
		}
		p := Pack(fn.acc.Batch())
		fn.acc.Reset()
		emit(eventTime(batchMS(p)), key.shard, packed(p))
	}
	clear(fn.waiting)
	fn.events = 0
}

// mergeFn makes one batch of those that bundles have gathered for a shard and window. Most often it is only one, which
// goes on as it is.
type mergeFn struct{ WindowMS int32 }

// ProcessElement merges the parts of one pane.
func (fn *mergeFn) ProcessElement(shard int32, parts func(**aerv1.PackedBatches) bool,
	emit func(int32, *aerv1.PackedBatches)) error {
	var first, next *aerv1.PackedBatches
	if !parts(&first) {
		return nil
	}
	var acc *activity.Accumulator
	for parts(&next) {
		if acc == nil {
			acc = activity.NewAccumulator(fn.WindowMS)
			if err := add(acc, first); err != nil {
				return err
			}
		}
		if err := add(acc, next); err != nil {
			return err
		}
	}
	if acc != nil {
		first = packed(Pack(acc.Batch()))
	}
	emit(shard, first)
	return nil
}

func add(to *activity.Accumulator, part *aerv1.PackedBatches) error {
	for _, p := range part.List {
		b, err := Unpack(p)
		if err != nil {
			return err
		}
		to.Merge(activity.FromBatch(b, to.WindowMS))
	}
	return nil
}
