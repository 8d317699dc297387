package transforms

import (
	"bytes"
	"cmp"
	"fmt"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func init() {
	beam.RegisterType(reflect.TypeOf((*Batches)(nil)).Elem())
	beam.RegisterCoder(reflect.TypeOf((*Batches)(nil)).Elem(), encodeBatches, decodeBatches)
}

// Packed is a batch in the form in which it crosses shuffles and rests in state: compressed, with what is needed to order
// it outside. It is unpacked only to be applied.
type Packed struct {
	EndMS int64 // end of the window, Unix milliseconds
	Data  []byte
}

// Batches are batches of one shard.
type Batches struct{ List []Packed }

func pack(b *aerv1.Batch) (Packed, error) {
	raw, err := b.MarshalVT()
	if err != nil {
		return Packed{}, fmt.Errorf("packing the batch of the window that ends at %d: %w", b.WindowEndMs, err)
	}
	return Packed{EndMS: b.WindowEndMs, Data: compress(raw)}, nil
}

func (p Packed) unpack() (*aerv1.Batch, error) {
	raw, err := decompress(p.Data)
	if err != nil {
		return nil, fmt.Errorf("unpacking the batch of the window that ends at %d: %w", p.EndMS, err)
	}
	b := &aerv1.Batch{}
	if err := b.UnmarshalVT(raw); err != nil {
		return nil, fmt.Errorf("unpacking the batch of the window that ends at %d: %w", p.EndMS, err)
	}
	return b, nil
}

// timestampMS is the last millisecond of the batch's window, which is its timestamp in the pipeline.
func (p Packed) timestampMS() int64 { return p.EndMS - 1 }

// comparePacked orders batches by window. Two panes of one window have no order of their own; their bytes give them one.
func comparePacked(a, b Packed) int {
	return cmp.Or(cmp.Compare(a.EndMS, b.EndMS), bytes.Compare(a.Data, b.Data))
}

func encodeBatches(b Batches) []byte {
	things := make([]timed, len(b.List))
	for i, p := range b.List {
		things[i] = timed{p.EndMS, p.Data}
	}
	return encodeTimed(things)
}

func decodeBatches(b []byte) (Batches, error) {
	things, err := decodeTimed(b)
	if err != nil {
		return Batches{}, err
	}
	out := Batches{List: make([]Packed, len(things))}
	for i, t := range things {
		out.List[i] = Packed{EndMS: t.ms, Data: t.data}
	}
	return out, nil
}
