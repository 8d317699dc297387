// SPDX-License-Identifier: Apache-2.0

package warehouse

import (
	"fmt"
	"slices"
	"sync"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// Kind is the type of a column, named as in GoogleSQL.
type Kind string

// The kinds a proto field can become.
const (
	KindString    Kind = "STRING"
	KindInt       Kind = "INT64"
	KindFloat     Kind = "FLOAT64"
	KindBool      Kind = "BOOL"
	KindBytes     Kind = "BYTES"
	KindTimestamp Kind = "TIMESTAMP"
	KindStruct    Kind = "STRUCT"
)

// Column is one column of a table, or one field of a STRUCT.
type Column struct {
	Name string
	// Field is the full name of the proto field, by which its comment is found; empty for a derived column, which has Doc.
	Field    protoreflect.FullName
	Doc      string
	Kind     Kind
	Repeated bool
	// Fields of a STRUCT.
	Fields []Column
}

const timestampName protoreflect.FullName = "google.protobuf.Timestamp"

// flatName is the message whose fields are columns of the table themselves, as window_start and window_end: a field
// called "end" cannot be asked for in every database, and times at the top can be filtered by.
const flatName protoreflect.FullName = "aer.v1.Window"

// Columns gives a table's columns: derived ones, then the fields of the message in the order of their numbers.
//
//	message = STRUCT (a Window: its fields, prefixed)    repeated = ARRAY    enum = STRING (the value's name)    Timestamp = TIMESTAMP (microseconds)
//	every integer = INT64; an unsigned 64-bit value of 2^63 and more wraps to a negative one (two's complement), which
//	matters for hashes: x < 0 stands for x + 2^64
//
// A field without presence is never NULL in a row that was written with it (its zero value is stored); absent messages
// and optional fields are NULL, and so is a column in rows older than it. Maps have no counterpart and give an error.
func (s Spec) Columns() ([]Column, error) {
	var cols []Column
	for _, d := range s.Derived {
		cols = append(cols, Column{Name: d.Name, Doc: d.Doc, Kind: d.Kind})
	}
	md := s.Message.ProtoReflect().Descriptor()
	list := fields(md)
	if s.Member != "" {
		list = slices.DeleteFunc(slices.Clone(list), func(fd protoreflect.FieldDescriptor) bool {
			return fd.Message() != nil && fd.Message().FullName() != timestampName
		})
		list = append(list, fields(md.Fields().ByName(protoreflect.Name(s.Member)).Message())...)
	}
	for _, fd := range list {
		more, err := columnsOf(fd)
		if err != nil {
			return nil, fmt.Errorf("columns of %s: %w", s.Name, err)
		}
		cols = append(cols, more...)
	}
	return cols, nil
}

// isFlat says whether a field's message has its fields among the columns.
func isFlat(fd protoreflect.FieldDescriptor) bool {
	return fd.Message() != nil && fd.Message().FullName() == flatName && !fd.IsList()
}

// columnsOf gives the columns of a field of a table's message.
func columnsOf(fd protoreflect.FieldDescriptor) ([]Column, error) {
	if !isFlat(fd) {
		c, err := columnOf(fd, nil)
		return []Column{c}, err
	}
	var cols []Column
	for _, sub := range fields(fd.Message()) {
		c, err := columnOf(sub, nil)
		if err != nil {
			return nil, err
		}
		c.Name = string(fd.Name()) + "_" + c.Name
		cols = append(cols, c)
	}
	return cols, nil
}

// fieldLists caches fields by message name: rows are made by the hundred thousand.
var fieldLists sync.Map

// fields lists a message's fields by number, so that a new field is a new last column wherever it stands in the file.
func fields(md protoreflect.MessageDescriptor) []protoreflect.FieldDescriptor {
	if known, ok := fieldLists.Load(md.FullName()); ok {
		return known.([]protoreflect.FieldDescriptor)
	}
	out := make([]protoreflect.FieldDescriptor, 0, md.Fields().Len())
	for i := range md.Fields().Len() {
		out = append(out, md.Fields().Get(i))
	}
	slices.SortFunc(out, func(a, b protoreflect.FieldDescriptor) int { return int(a.Number()) - int(b.Number()) })
	fieldLists.Store(md.FullName(), out)
	return out
}

// columnOf maps one field; path holds the messages it is nested in, to refuse recursion.
func columnOf(fd protoreflect.FieldDescriptor, path []protoreflect.FullName) (Column, error) {
	c := Column{Name: string(fd.Name()), Field: fd.FullName(), Repeated: fd.IsList()}
	if fd.IsMap() {
		return c, fmt.Errorf("%s is a map: tables have lists of messages instead", fd.FullName())
	}
	switch fd.Kind() {
	case protoreflect.StringKind, protoreflect.EnumKind:
		c.Kind = KindString
	case protoreflect.BytesKind:
		c.Kind = KindBytes
	case protoreflect.BoolKind:
		c.Kind = KindBool
	case protoreflect.DoubleKind, protoreflect.FloatKind:
		c.Kind = KindFloat
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return structOf(c, fd.Message(), path)
	default:
		c.Kind = KindInt
	}
	return c, nil
}

func structOf(c Column, md protoreflect.MessageDescriptor, path []protoreflect.FullName) (Column, error) {
	if md.FullName() == timestampName {
		c.Kind = KindTimestamp
		return c, nil
	}
	if slices.Contains(path, md.FullName()) {
		return c, fmt.Errorf("%s contains itself: a table cannot hold it", md.FullName())
	}
	c.Kind = KindStruct
	for _, fd := range fields(md) {
		sub, err := columnOf(fd, append(slices.Clone(path), md.FullName()))
		if err != nil {
			return c, err
		}
		c.Fields = append(c.Fields, sub)
	}
	return c, nil
}
