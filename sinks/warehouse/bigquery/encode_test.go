// SPDX-License-Identifier: Apache-2.0

package bigquery

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/warehousetest"
)

// message is the message of a descriptor as the Storage Write API gets it.
func message(t *testing.T, d *descriptorpb.DescriptorProto) protoreflect.MessageDescriptor {
	t.Helper()
	f, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{Name: proto.String("rows"),
		MessageType: []*descriptorpb.DescriptorProto{d}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f.Messages().Get(0)
}

// read gives what a message says as Spec.Row does, of the columns that its row has.
func read(m protoreflect.Message, columns []warehouse.Column) map[string]any {
	out := map[string]any{}
	for _, c := range columns {
		fd := m.Descriptor().Fields().ByName(protoreflect.Name(c.Name))
		switch {
		case c.Repeated:
			list := []any{}
			for i := range m.Get(fd).List().Len() {
				list = append(list, scalarOf(m.Get(fd).List().Get(i), c))
			}
			out[c.Name] = list
		case m.Has(fd):
			out[c.Name] = scalarOf(m.Get(fd), c)
		default:
			out[c.Name] = nil
		}
	}
	return out
}

func scalarOf(v protoreflect.Value, c warehouse.Column) any {
	switch c.Kind {
	case warehouse.KindStruct:
		return read(v.Message(), c.Fields)
	case warehouse.KindTimestamp:
		return time.UnixMicro(v.Int()).UTC()
	}
	return v.Interface()
}

func TestEncodedRowsSayWhatTheRowSays(t *testing.T) {
	for _, s := range warehouse.Specs() {
		e, err := newEncoder(s)
		if err != nil {
			t.Fatal(err)
		}
		m := message(t, e.descriptor)
		for _, row := range []proto.Message{warehousetest.Row(s.Name, 1), warehousetest.Row(s.Name, 2)} {
			raw, err := e.encode(row)
			if err != nil {
				t.Fatal(err)
			}
			got := dynamicpb.NewMessage(m)
			if err := proto.Unmarshal(raw, got); err != nil {
				t.Fatalf("%s: %v", s.Name, err)
			}
			if len(got.GetUnknown()) > 0 {
				t.Errorf("%s: the row has what its descriptor does not: %x", s.Name, got.GetUnknown())
			}
			values, err := s.Row(row)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]any{}
			for i, c := range e.columns {
				want[c.Name] = values[i]
			}
			if diff := cmp.Diff(want, read(got, e.columns)); diff != "" {
				t.Errorf("%s (-row +encoded):\n%s", s.Name, diff)
			}
		}
	}
}

func BenchmarkEncodeSlice(b *testing.B) {
	spec, err := warehouse.SpecOf(warehouse.Activity)
	if err != nil {
		b.Fatal(err)
	}
	e, err := newEncoder(spec)
	if err != nil {
		b.Fatal(err)
	}
	var rows []*aerv1.Slice
	for i := range 100 {
		rows = append(rows, warehousetest.Slice("O1", fmt.Sprint("U", i), time.Unix(1795341600, 0), 3))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := e.encode(rows[i%len(rows)]); err != nil {
			b.Fatal(err)
		}
	}
}
