// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"context"
	"maps"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/process"
)

func init() {
	beam.RegisterDoFn(&joinFn{})
	register.Emitter3[beam.EventTime, int32, *aerv1.PackedBatches]()
}

// Join puts the batches of a shard that are ready in one bundle together, so that the stage behind touches its state
// once for all of them, with one timer: a runner that is catching up costs no more than one that is live. For Prism and
// Flink, whose bundles are large then; Dataflow's are its own business, and it fuses the stage behind differently.
func Join(s beam.Scope, batches beam.PCollection, run process.Run) beam.PCollection {
	return beam.ParDo(s.Scope("Join"), &joinFn{Run: run}, batches)
}

// joinFn collects a bundle. It also counts the bytes of batches as on their way until the profiles have taken them in,
// which is what bounds the source on Prism, where both are in one process.
type joinFn struct {
	Run process.Run

	process *process.Process
	ready   map[int32]*aerv1.PackedBatches
}

// Setup finds what counts the batches.
func (fn *joinFn) Setup(ctx context.Context) (err error) {
	fn.process, err = fn.Run.Process(ctx)
	return err
}

// StartBundle begins with nothing.
func (fn *joinFn) StartBundle(_ func(beam.EventTime, int32, *aerv1.PackedBatches)) {
	fn.ready = map[int32]*aerv1.PackedBatches{}
}

// ProcessElement keeps a batch. It names the output, because Beam looks for it here, but FinishBundle makes it.
func (fn *joinFn) ProcessElement(shard int32, b *aerv1.PackedBatches,
	_ func(beam.EventTime, int32, *aerv1.PackedBatches)) {
	if have, ok := fn.ready[shard]; ok {
		have.List = append(have.List, b.List...)
		return
	}
	fn.ready[shard] = packed(slices.Clone(b.List)...) // other stages are given the same element
}

// FinishBundle emits the batches of each shard in the order of their windows, with the timestamp of the first.
func (fn *joinFn) FinishBundle(emit func(beam.EventTime, int32, *aerv1.PackedBatches)) {
	for _, shard := range slices.Sorted(maps.Keys(fn.ready)) {
		b := fn.ready[shard]
		slices.SortFunc(b.List, comparePacked)
		fn.process.InFlight.Add(sizeOf(b.List))
		for _, part := range inCells(b.List, (*aerv1.PackedBatch).SizeVT) {
			emit(eventTime(batchMS(part[0])), shard, packed(part...))
		}
	}
	fn.ready = nil
}
