// SPDX-License-Identifier: Apache-2.0

package sinks

import (
	"context"
	"fmt"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/transforms"
	"github.com/aer-project/aer/transforms/process"
)

func init() {
	beam.RegisterType(reflect.TypeFor[Row]())
	registerRows[*aerv1.Slice]()
	registerRows[*aerv1.DeadLetter]()
	registerRows[*aerv1.Anomaly]()
	registerRows[*aerv1.Decision]()
	beam.RegisterDoFn(&decidedRowsFn{})
	beam.RegisterDoFn(&writeFn{})
	register.Emitter1[Row]()
}

// Row is a row of any table on its way to the warehouse: all tables share one sink, since every stage costs.
type Row struct {
	Table string
	// Data is the row's message in protobuf.
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

// rowsPerAppend bounds the memory of a bundle: at 1 KB a row, 5 MB.
const rowsPerAppend = 5000

// Write writes rows (PCollection<Row>s) to the warehouse, a bundle at a time.
func Write(s beam.Scope, run process.Run, rows ...beam.PCollection) {
	s = s.Scope("Write")
	beam.ParDo0(s, &writeFn{Run: run}, beam.Reshuffle(s, beam.Flatten(s, rows...)))
}

type writeFn struct {
	Run process.Run

	out     *Output
	rows    map[warehouse.Table][]proto.Message
	held    int
	written beam.Counter
}

// Setup finds the warehouse.
func (fn *writeFn) Setup(ctx context.Context) (err error) {
	fn.written = beam.NewCounter("warehouse", "rows_written")
	fn.out, err = outputOf(ctx, fn.Run)
	return err
}

// StartBundle begins with nothing.
func (fn *writeFn) StartBundle(context.Context) {
	fn.rows, fn.held = map[warehouse.Table][]proto.Message{}, 0
}

// ProcessElement keeps a row.
func (fn *writeFn) ProcessElement(ctx context.Context, r Row) error {
	table := warehouse.Table(r.Table)
	spec, err := warehouse.SpecOf(table)
	if err != nil {
		return err
	}
	m := spec.Message.ProtoReflect().New().Interface()
	vt, ok := m.(message)
	if !ok {
		return fmt.Errorf("reading a row of %s: %T is not one of our messages", table, m)
	}
	if err := vt.UnmarshalVT(r.Data); err != nil {
		return fmt.Errorf("reading a row of %s: %w", table, err)
	}
	fn.rows[table] = append(fn.rows[table], m)
	if fn.held++; fn.held < rowsPerAppend {
		return nil
	}
	return fn.flush(ctx)
}

// FinishBundle writes what is left.
func (fn *writeFn) FinishBundle(ctx context.Context) error { return fn.flush(ctx) }

// flush appends. An error fails the bundle, which is then tried again; rows that were written already appear twice, and
// the views show them once.
func (fn *writeFn) flush(ctx context.Context) error {
	for _, spec := range warehouse.Specs() {
		rows := fn.rows[spec.Name]
		if len(rows) == 0 {
			continue
		}
		if err := fn.out.Warehouse.Append(ctx, spec.Name, rows...); err != nil {
			return fmt.Errorf("writing %d rows of %s: %w", len(rows), spec.Name, err)
		}
		fn.written.Inc(ctx, int64(len(rows)))
	}
	fn.rows, fn.held = map[warehouse.Table][]proto.Message{}, 0
	return nil
}
