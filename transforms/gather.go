// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
)

// batchFn combines the events of a shard in one window.
type batchFn struct{ WindowMS int32 }

// gathered is a batch in the making, either packed or taken apart. What comes over a shuffle stays as it is unless there
// is more to be put into it: nearly always it is all there is, and goes on to the profiles without being unpacked.
type gathered struct {
	windowMS int32
	packed   []byte
	open     *activity.Accumulator // nil while it is packed
}

func (fn *batchFn) CreateAccumulator() *gathered {
	return &gathered{windowMS: fn.WindowMS, open: activity.NewAccumulator(fn.WindowMS)}
}

func (fn *batchFn) AddInput(g *gathered, ev *aerv1.Event) (*gathered, error) {
	acc, err := g.unpacked()
	if err == nil {
		acc.Add(ev)
	}
	return g, err
}

func (fn *batchFn) MergeAccumulators(a, b *gathered) (*gathered, error) {
	if a.empty() {
		return b, nil
	}
	into, err := a.unpacked()
	if err != nil {
		return nil, err
	}
	from, err := b.unpacked()
	if err == nil {
		into.Merge(from)
	}
	return a, err
}

func (fn *batchFn) ExtractOutput(g *gathered) (*aerv1.PackedBatches, error) {
	data := g.pack()
	end, err := endOf(data)
	return packed(&aerv1.PackedBatch{EndMs: end, Data: data}), err
}

func (g *gathered) empty() bool { return g.open != nil && g.open.Len() == 0 }

// unpacked is what was gathered, to be added to.
func (g *gathered) unpacked() (*activity.Accumulator, error) {
	if g.open == nil {
		b, err := unpack(g.packed)
		if err != nil {
			return nil, err
		}
		g.open, g.packed = activity.FromBatch(b, g.windowMS), nil
	}
	return g.open, nil
}

// pack is the data of a PackedBatch.
func (g *gathered) pack() []byte {
	if g.open == nil {
		return g.packed
	}
	return packBatch(g.open.Batch())
}

func encodeGathered(g *gathered) ([]byte, error) {
	return (&aerv1.Accumulated{Version: aerv1.StateVersion, WindowMs: g.windowMS, Data: g.pack()}).MarshalVT()
}

func decodeGathered(raw []byte) (*gathered, error) {
	var a aerv1.Accumulated
	if err := aerv1.UnmarshalState(raw, &a); err != nil {
		return nil, err
	}
	return &gathered{windowMS: a.WindowMs, packed: a.Data}, nil
}
