// SPDX-License-Identifier: Apache-2.0

package warehouse

import (
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Row gives the values of a row in the order of Columns: string, int64, float64, bool, []byte, time.Time (UTC,
// microseconds), map[string]any for a STRUCT, []any for an ARRAY, nil for NULL.
func (s Spec) Row(m proto.Message) ([]any, error) {
	if err := s.check(m); err != nil {
		return nil, err
	}
	row := make([]any, 0, 16)
	for _, d := range s.Derived {
		v, err := d.Value(m)
		if err != nil {
			return nil, err
		}
		row = append(row, v)
	}
	r := m.ProtoReflect()
	for _, fd := range fields(r.Descriptor()) {
		if s.Member == "" || fd.Message() == nil || fd.Message().FullName() == timestampName {
			row = appendField(row, r, fd)
		}
	}
	if s.Member == "" {
		return row, nil
	}
	sub := r.Get(r.Descriptor().Fields().ByName(protoreflect.Name(s.Member))).Message()
	for _, fd := range fields(sub.Descriptor()) {
		row = appendField(row, sub, fd)
	}
	return row, nil
}

// appendField appends the values of columnsOf.
func appendField(row []any, r protoreflect.Message, fd protoreflect.FieldDescriptor) []any {
	if !isFlat(fd) {
		return append(row, fieldValue(r, fd))
	}
	for _, sub := range fields(fd.Message()) {
		row = append(row, fieldValue(r.Get(fd).Message(), sub)) // of an absent message all are absent
	}
	return row
}

// check says whether m is a row of the table.
func (s Spec) check(m proto.Message) error {
	if m == nil || !m.ProtoReflect().IsValid() {
		return fmt.Errorf("row of %s is nil", s.Name)
	}
	r := m.ProtoReflect()
	if got, want := r.Descriptor().FullName(), s.Message.ProtoReflect().Descriptor().FullName(); got != want {
		return fmt.Errorf("row of %s is a %s, want a %s", s.Name, got, want)
	}
	if s.Member != "" && !r.Has(r.Descriptor().Fields().ByName(protoreflect.Name(s.Member))) {
		return fmt.Errorf("row of %s has no %q", s.Name, s.Member)
	}
	return nil
}

func fieldValue(r protoreflect.Message, fd protoreflect.FieldDescriptor) any {
	if fd.IsList() {
		list := r.Get(fd).List()
		out := make([]any, list.Len())
		for i := range out {
			out[i] = scalar(fd, list.Get(i))
		}
		return out
	}
	if fd.HasPresence() && !r.Has(fd) {
		return nil
	}
	return scalar(fd, r.Get(fd))
}

func scalar(fd protoreflect.FieldDescriptor, v protoreflect.Value) any {
	switch fd.Kind() {
	case protoreflect.StringKind:
		// Go's proto structs can hold text that is not UTF-8; no warehouse column can.
		return strings.ToValidUTF8(v.String(), "\uFFFD")
	case protoreflect.EnumKind:
		return enumName(fd.Enum(), v.Enum())
	case protoreflect.BytesKind:
		return v.Bytes()
	case protoreflect.BoolKind:
		return v.Bool()
	case protoreflect.DoubleKind, protoreflect.FloatKind:
		return v.Float()
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return structValue(v.Message())
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind, protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return int64(v.Uint())
	default:
		return v.Int()
	}
}

func enumName(ed protoreflect.EnumDescriptor, n protoreflect.EnumNumber) string {
	if v := ed.Values().ByNumber(n); v != nil {
		return string(v.Name())
	}
	return fmt.Sprint(n) // written by a newer version
}

func structValue(r protoreflect.Message) any {
	fds := r.Descriptor().Fields()
	if r.Descriptor().FullName() == timestampName {
		sec, nsec := r.Get(fds.ByName("seconds")).Int(), r.Get(fds.ByName("nanos")).Int()
		return time.Unix(sec, nsec).UTC().Truncate(time.Microsecond)
	}
	out := make(map[string]any, fds.Len())
	for _, fd := range fields(r.Descriptor()) {
		out[string(fd.Name())] = fieldValue(r, fd)
	}
	return out
}
