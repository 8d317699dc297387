// SPDX-License-Identifier: Apache-2.0

package sinks

import (
	"fmt"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/transforms"
)

func init() {
	beam.RegisterType(reflect.TypeFor[Row]())
	registerRows[*aerv1.DeadLetter]()
	registerRows[*aerv1.Anomaly]()
	registerRows[*aerv1.Decision]()
	beam.RegisterDoFn(&sliceRowsFn{})
	beam.RegisterDoFn(&decidedRowsFn{})
	register.Emitter1[Row]()
}

// Row is a row of any table on its way to the warehouse: all tables share one sink, since every stage costs.
type Row struct {
	Table string
	// Data is the row's message in protobuf; of the activity table a PackedBatch, whose slices are the rows.
	Data []byte
}

// message is what vtproto generates for a message.
type message interface {
	proto.Message
	MarshalVT() ([]byte, error)
	UnmarshalVT([]byte) error
}

func registerRows[M message]() { beam.RegisterDoFn(&rowFn[M]{}) }

// Rows makes rows of a table from a PCollection of its messages.
func Rows[M message](s beam.Scope, table warehouse.Table, messages beam.PCollection) beam.PCollection {
	return beam.ParDo(s.Scope("Rows."+string(table)), &rowFn[M]{Table: string(table)}, messages)
}

type rowFn[M message] struct{ Table string }

func (fn *rowFn[M]) ProcessElement(m M) (Row, error) {
	raw, err := m.MarshalVT()
	if err != nil {
		return Row{}, fmt.Errorf("writing a row of %s: %w", fn.Table, err)
	}
	return Row{fn.Table, raw}, nil
}

// SliceRows makes rows of the activity table of batches (KV<int32, *aerv1.PackedBatches> in). They cross the shuffle as
// they are and are taken apart where they are written.
func SliceRows(s beam.Scope, batches beam.PCollection) beam.PCollection {
	return beam.ParDo(s.Scope("Rows.activity"), &sliceRowsFn{}, batches)
}

type sliceRowsFn struct{}

func (fn *sliceRowsFn) ProcessElement(_ int32, batches *aerv1.PackedBatches, emit func(Row)) error {
	for _, b := range batches.List {
		raw, err := b.MarshalVT()
		if err != nil {
			return fmt.Errorf("writing a batch of rows of %s: %w", warehouse.Activity, err)
		}
		emit(Row{string(warehouse.Activity), raw})
	}
	return nil
}

// DecidedRows makes rows of anomalies and decisions (PCollection<transforms.Decided> in).
func DecidedRows(s beam.Scope, decided beam.PCollection) beam.PCollection {
	return beam.ParDo(s.Scope("Rows.decided"), &decidedRowsFn{}, decided)
}

type decidedRowsFn struct{}

func (fn *decidedRowsFn) ProcessElement(d transforms.Decided, emit func(Row)) error {
	anomaly, err := (&rowFn[*aerv1.Anomaly]{Table: string(warehouse.Anomalies)}).ProcessElement(d.Anomaly)
	if err != nil {
		return err
	}
	verdict, err := (&rowFn[*aerv1.Decision]{Table: string(warehouse.Decisions)}).ProcessElement(d.Decision)
	if err != nil {
		return err
	}
	emit(anomaly)
	emit(verdict)
	return nil
}

// messages are the rows themselves.
func (r Row) messages() ([]proto.Message, error) {
	if r.Table == string(warehouse.Activity) {
		return r.slices()
	}
	spec, err := warehouse.SpecOf(warehouse.Table(r.Table))
	if err != nil {
		return nil, err
	}
	m := spec.Message.ProtoReflect().New().Interface()
	vt, ok := m.(message)
	if !ok {
		return nil, fmt.Errorf("%T is not one of our messages", m)
	}
	return []proto.Message{m}, vt.UnmarshalVT(r.Data)
}

func (r Row) slices() (rows []proto.Message, err error) {
	var p aerv1.PackedBatch
	if err := p.UnmarshalVT(r.Data); err != nil {
		return nil, err
	}
	b, err := transforms.Unpack(&p)
	for _, s := range b.GetSlices() {
		rows = append(rows, s)
	}
	return rows, err
}
