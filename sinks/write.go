// SPDX-License-Identifier: Apache-2.0

package sinks

import (
	"context"
	"fmt"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/state"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/transforms/process"
)

func init() {
	beam.RegisterType(reflect.TypeFor[RowList]())
	beam.RegisterCoder(reflect.TypeFor[RowList](), encodeRows, decodeRows)
	beam.RegisterDoFn(&togetherFn{})
	beam.RegisterDoFn(&writeFn{})
	beam.RegisterDoFn(&nothingFn{})
	register.Emitter3[beam.EventTime, int32, RowList]()
}

// Write writes rows (PCollection<Row>s) to the warehouse, a bundle at a time, in so many lanes: see the package for why
// a bundle of rows is one element of what is written, and for lanes.
//
// A stage follows it that is given nothing and never runs, because on Prism a stage that nothing follows keeps a core
// busy for as long as it runs. What is returned is for Over.
func Write(s beam.Scope, run process.Run, lanes int, rows ...beam.PCollection) beam.PCollection {
	s = s.Scope("Write")
	together := beam.ParDo(s, &togetherFn{Lanes: lanes}, beam.Flatten(s, rows...))
	written := beam.ParDo(s, newWriteFn(run), together)
	beam.ParDo0(s, &nothingFn{}, beam.Reshuffle(s, written))
	return written
}

// nothingFn follows a sink.
type nothingFn struct{}

func (fn *nothingFn) ProcessElement(int64) {}

// RowList is rows that are written together.
type RowList struct{ List []Row }

// encodeRows writes the table and the data of one row after the other, each with its length before it.
func encodeRows(rows RowList) ([]byte, error) {
	var raw []byte
	for _, r := range rows.List {
		raw = protowire.AppendBytes(protowire.AppendString(raw, r.Table), r.Data)
	}
	return raw, nil
}

func decodeRows(raw []byte) (rows RowList, err error) {
	for len(raw) > 0 {
		table, n := protowire.ConsumeString(raw)
		if n < 0 {
			return rows, fmt.Errorf("reading the table of row %d: %w", len(rows.List), protowire.ParseError(n))
		}
		data, m := protowire.ConsumeBytes(raw[n:])
		if m < 0 {
			return rows, fmt.Errorf("reading row %d: %w", len(rows.List), protowire.ParseError(m))
		}
		rows.List, raw = append(rows.List, Row{table, data}), raw[n+m:]
	}
	return rows, nil
}

// listBytes is about how large a list of rows becomes, unless a single row is larger.
const listBytes = 1 << 20

type emitRows = func(beam.EventTime, int32, RowList)

// togetherFn makes lists of the rows of a bundle, for each lane in turn.
type togetherFn struct {
	Lanes int

	lists int
	at    beam.EventTime // of the first row
	rows  []Row
	bytes int
}

// StartBundle begins with nothing.
func (fn *togetherFn) StartBundle(_ emitRows) { fn.rows, fn.bytes = nil, 0 }

// ProcessElement keeps a row.
func (fn *togetherFn) ProcessElement(at beam.EventTime, r Row, emit emitRows) {
	if len(fn.rows) == 0 {
		fn.at = at
	}
	fn.rows = append(fn.rows, r)
	if fn.bytes += len(r.Data); fn.bytes >= listBytes {
		fn.FinishBundle(emit)
	}
}

// FinishBundle emits what is left.
func (fn *togetherFn) FinishBundle(emit emitRows) {
	if len(fn.rows) > 0 {
		emit(fn.at, int32(fn.lists%max(1, fn.Lanes)), RowList{fn.rows})
		fn.lists++
	}
	fn.rows, fn.bytes = nil, 0
}

// rowsPerAppend bounds the memory of what is written: at 1 KB a row, 5 MB.
const rowsPerAppend = 5000

type writeFn struct {
	Run  process.Run
	Lane state.Value[bool] // nothing is kept: see the package

	out     *Output
	written beam.Counter
}

func newWriteFn(run process.Run) *writeFn {
	return &writeFn{Run: run, Lane: state.MakeValueState[bool]("lane")}
}

// Setup finds the warehouse.
func (fn *writeFn) Setup(ctx context.Context) (err error) {
	fn.written = beam.NewCounter("warehouse", "rows_written")
	fn.out, err = outputOf(ctx, fn.Run)
	return err
}

// ProcessElement writes rows. It has an output that it never makes: see Write. An error fails the bundle, which is then
// tried again; rows that were written already appear twice, and the views show them once.
func (fn *writeFn) ProcessElement(ctx context.Context, _ state.Provider, _ int32, rows RowList, _ func(int64)) error {
	held, tables := 0, map[warehouse.Table][]proto.Message{}
	for _, r := range rows.List {
		table := warehouse.Table(r.Table)
		messages, err := r.messages()
		if err != nil {
			return fmt.Errorf("reading a row of %s: %w", table, err)
		}
		tables[table] = append(tables[table], messages...)
		if held += len(messages); held < rowsPerAppend {
			continue
		}
		if err := fn.append(ctx, tables); err != nil {
			return err
		}
		held = 0
		clear(tables)
	}
	return fn.append(ctx, tables)
}

func (fn *writeFn) append(ctx context.Context, tables map[warehouse.Table][]proto.Message) error {
	for _, spec := range warehouse.Specs() {
		rows := tables[spec.Name]
		if len(rows) == 0 {
			continue
		}
		if err := fn.out.Warehouse.Append(ctx, spec.Name, rows...); err != nil {
			return fmt.Errorf("writing %d rows of %s: %w", len(rows), spec.Name, err)
		}
		fn.written.Inc(ctx, int64(len(rows)))
	}
	return nil
}
