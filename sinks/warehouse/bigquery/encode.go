// SPDX-License-Identifier: Apache-2.0

package bigquery

import (
	"fmt"
	"math"
	"time"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"cloud.google.com/go/bigquery/storage/managedwriter/adapt"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/aer-project/aer/sinks/warehouse"
)

// encoder makes the rows of a table as the Storage Write API takes them: protobuf of a message that has the table's
// columns, in their order, as fields 1, 2, 3 and so on. It is not our own message: a table has derived columns, names
// in the place of enums, and microseconds in that of timestamps.
type encoder struct {
	spec       warehouse.Spec
	columns    []warehouse.Column
	descriptor *descriptorpb.DescriptorProto
}

func newEncoder(spec warehouse.Spec) (*encoder, error) {
	columns, err := spec.Columns()
	if err != nil {
		return nil, err
	}
	schema := &storagepb.TableSchema{Fields: storageFields(columns)}
	m, err := adapt.StorageSchemaToProto2Descriptor(schema, "root")
	if err != nil {
		return nil, fmt.Errorf("describing rows of %s: %w", spec.Name, err)
	}
	d, err := adapt.NormalizeDescriptor(m.(protoreflect.MessageDescriptor))
	if err != nil {
		return nil, fmt.Errorf("describing rows of %s: %w", spec.Name, err)
	}
	return &encoder{spec, columns, d}, nil
}

var storageTypes = map[warehouse.Kind]storagepb.TableFieldSchema_Type{
	warehouse.KindString: storagepb.TableFieldSchema_STRING, warehouse.KindInt: storagepb.TableFieldSchema_INT64,
	warehouse.KindFloat: storagepb.TableFieldSchema_DOUBLE, warehouse.KindBool: storagepb.TableFieldSchema_BOOL,
	warehouse.KindBytes: storagepb.TableFieldSchema_BYTES, warehouse.KindTimestamp: storagepb.TableFieldSchema_TIMESTAMP,
	warehouse.KindStruct: storagepb.TableFieldSchema_STRUCT,
}

func storageFields(columns []warehouse.Column) (out []*storagepb.TableFieldSchema) {
	for _, c := range columns {
		f := &storagepb.TableFieldSchema{Name: c.Name, Type: storageTypes[c.Kind], Fields: storageFields(c.Fields),
			Mode: storagepb.TableFieldSchema_NULLABLE}
		if c.Repeated {
			f.Mode = storagepb.TableFieldSchema_REPEATED
		}
		out = append(out, f)
	}
	return out
}

// encode gives a row's bytes.
func (e *encoder) encode(m proto.Message) ([]byte, error) {
	values, err := e.spec.Row(m)
	if err != nil {
		return nil, err
	}
	var b []byte
	for i, c := range e.columns {
		b = appendColumn(b, protowire.Number(i+1), c, values[i])
	}
	return b, nil
}

// appendColumn appends a value of Spec.Row. NULL is left out; what is zero is not, so that it is not NULL.
func appendColumn(b []byte, n protowire.Number, c warehouse.Column, v any) []byte {
	if list, ok := v.([]any); ok {
		return appendList(b, n, c, list)
	}
	switch v := v.(type) {
	case string:
		b = protowire.AppendString(protowire.AppendTag(b, n, protowire.BytesType), v)
	case []byte:
		b = protowire.AppendBytes(protowire.AppendTag(b, n, protowire.BytesType), v)
	case map[string]any:
		var sub []byte
		for i, f := range c.Fields {
			sub = appendColumn(sub, protowire.Number(i+1), f, v[f.Name])
		}
		b = protowire.AppendBytes(protowire.AppendTag(b, n, protowire.BytesType), sub)
	case float64:
		b = protowire.AppendFixed64(protowire.AppendTag(b, n, protowire.Fixed64Type), math.Float64bits(v))
	case int64, bool, time.Time:
		b = protowire.AppendVarint(protowire.AppendTag(b, n, protowire.VarintType), varint(v))
	}
	return b
}

// varint is what is written as one: a TIMESTAMP is microseconds since 1970.
func varint(v any) uint64 {
	switch v := v.(type) {
	case int64:
		return uint64(v)
	case bool:
		return protowire.EncodeBool(v)
	case time.Time:
		return uint64(v.UnixMicro())
	}
	return 0
}

// appendList appends an array; one of numbers is packed, as the descriptor says.
func appendList(b []byte, n protowire.Number, c warehouse.Column, list []any) []byte {
	if c.Kind != warehouse.KindInt {
		for _, v := range list {
			b = appendColumn(b, n, c, v)
		}
		return b
	}
	var packed []byte
	for _, v := range list {
		packed = protowire.AppendVarint(packed, varint(v))
	}
	if len(packed) == 0 {
		return b
	}
	return protowire.AppendBytes(protowire.AppendTag(b, n, protowire.BytesType), packed)
}
