// SPDX-License-Identifier: Apache-2.0

package warehouse

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Reader gives the rows of tables back as the messages that were appended.
type Reader interface {
	// Span gives the times of the first and last row of a table whose time (Spec.Time) is in [from, until), zero if there
	// is none, and about how many there are.
	Span(ctx context.Context, table Table, from, until time.Time) (first, last time.Time, n int64, err error)
	// Read calls each with the rows of a table whose time is in [from, until), in the order of that time, each
	// once, however often it was delivered. What each returns ends the reading.
	Read(ctx context.Context, table Table, from, until time.Time, each func(proto.Message) error) error
}

// Reads makes messages of a table's rows.
type Reads struct {
	spec    Spec
	columns []place
}

// place is where the value of a column belongs: in a field of the message, or of a message in it.
type place struct {
	column   string
	in, last protoreflect.FieldDescriptor // in is nil for fields of the message itself
}

// NewReads is for tables whose rows are whole messages: not those of baselines.
func NewReads(s Spec) (Reads, error) {
	if s.Member != "" {
		return Reads{}, fmt.Errorf("rows of %s leave out parts of their messages", s.Name)
	}
	r := Reads{spec: s}
	for _, fd := range fields(s.Message.ProtoReflect().Descriptor()) {
		if !isFlat(fd) {
			r.columns = append(r.columns, place{string(fd.Name()), nil, fd})
			continue
		}
		for _, sub := range fields(fd.Message()) {
			r.columns = append(r.columns, place{string(fd.Name()) + "_" + string(sub.Name()), fd, sub})
		}
	}
	return r, nil
}

// Columns are the names of the columns whose values Message takes: those that are fields of the message.
func (r Reads) Columns() []string {
	names := make([]string, len(r.columns))
	for i, c := range r.columns {
		names[i] = c.column
	}
	return names
}

// Message is the inverse of Spec.Row, for the values of Columns: types as there, any integer for an int64, and the
// fields of a STRUCT by name or in their order. NULL, also in a column that is younger than the row, is absent.
func (r Reads) Message(row []any) (proto.Message, error) {
	m := r.spec.Message.ProtoReflect().New()
	for i, c := range r.columns {
		to := m
		if c.in != nil && row[i] != nil {
			to = m.Mutable(c.in).Message()
		}
		if err := setField(to, c.last, row[i]); err != nil {
			return nil, fmt.Errorf("reading a row of %s: %w", r.spec.Name, err)
		}
	}
	return m.Interface(), nil
}

func setField(m protoreflect.Message, fd protoreflect.FieldDescriptor, v any) error {
	if v == nil {
		return nil
	}
	if !fd.IsList() {
		x, err := valueOf(fd, v, func() protoreflect.Message { return m.NewField(fd).Message() })
		if err == nil && (fd.HasPresence() || !x.Equal(fd.Default())) {
			m.Set(fd, x)
		}
		return err
	}
	values, ok := v.([]any)
	if !ok {
		return fmt.Errorf("column %s is %T, want a list", fd.FullName(), v)
	}
	if len(values) == 0 {
		return nil
	}
	list := m.Mutable(fd).List()
	for _, v := range values {
		x, err := valueOf(fd, v, func() protoreflect.Message { return list.NewElement().Message() })
		if err != nil {
			return err
		}
		list.Append(x)
	}
	return nil
}

func valueOf(fd protoreflect.FieldDescriptor, v any, empty func() protoreflect.Message) (protoreflect.Value, error) {
	switch x := v.(type) {
	case string:
		return textOf(fd, x)
	case bool:
		if fd.Kind() == protoreflect.BoolKind {
			return protoreflect.ValueOfBool(x), nil
		}
	case []byte:
		if fd.Kind() == protoreflect.BytesKind {
			return protoreflect.ValueOfBytes(x), nil
		}
	case float64:
		return floatOf(fd, x)
	case int64:
		return intOf(fd, x)
	case time.Time:
		if fd.Message() != nil && fd.Message().FullName() == timestampName {
			return protoreflect.ValueOfMessage(stamp(empty(), x)), nil
		}
	case map[string]any, []any:
		if fd.Message() != nil {
			m := empty()
			return protoreflect.ValueOfMessage(m), setFields(m, x)
		}
	}
	return protoreflect.Value{}, fmt.Errorf("column %s is %T, want %s", fd.FullName(), v, fd.Kind())
}

// setFields takes the fields of a STRUCT.
func setFields(m protoreflect.Message, values any) error {
	list := fields(m.Descriptor())
	byName, _ := values.(map[string]any)
	inOrder, _ := values.([]any)
	if byName == nil && len(inOrder) != len(list) {
		return fmt.Errorf("column %s has %d fields, want %d", m.Descriptor().FullName(), len(inOrder), len(list))
	}
	for i, fd := range list {
		v := byName[string(fd.Name())]
		if byName == nil {
			v = inOrder[i]
		}
		if err := setField(m, fd, v); err != nil {
			return err
		}
	}
	return nil
}

func stamp(m protoreflect.Message, t time.Time) protoreflect.Message {
	of := m.Descriptor().Fields()
	m.Set(of.ByName("seconds"), protoreflect.ValueOfInt64(t.Unix()))
	m.Set(of.ByName("nanos"), protoreflect.ValueOfInt32(int32(t.Nanosecond())))
	return m
}

func textOf(fd protoreflect.FieldDescriptor, s string) (protoreflect.Value, error) {
	switch fd.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(s), nil
	case protoreflect.EnumKind:
		if v := fd.Enum().Values().ByName(protoreflect.Name(s)); v != nil {
			return protoreflect.ValueOfEnum(v.Number()), nil
		}
		return protoreflect.Value{}, fmt.Errorf("column %s is %q, which this version does not know: a newer aer wrote it",
			fd.FullName(), s)
	}
	return protoreflect.Value{}, fmt.Errorf("column %s is a text, want %s", fd.FullName(), fd.Kind())
}

func floatOf(fd protoreflect.FieldDescriptor, x float64) (protoreflect.Value, error) {
	switch fd.Kind() {
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(x), nil
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32(float32(x)), nil
	}
	return protoreflect.Value{}, fmt.Errorf("column %s is a float, want %s", fd.FullName(), fd.Kind())
}

func intOf(fd protoreflect.FieldDescriptor, x int64) (protoreflect.Value, error) {
	switch fd.Kind() {
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.ValueOfInt64(x), nil
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(uint64(x)), nil // as Row wraps it
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.ValueOfInt32(int32(x)), nil
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(uint32(x)), nil
	}
	return protoreflect.Value{}, fmt.Errorf("column %s is an integer, want %s", fd.FullName(), fd.Kind())
}
