// SPDX-License-Identifier: Apache-2.0

// Package warehouse keeps rows for people who ask questions later: what tables there are, how a message becomes a row,
// and the writers that do not need a database. The DuckDB writer is in a package of its own because linking it is slow.
package warehouse

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"
)

// Writer appends rows to tables. Delivery is at least once: a caller repeats an Append that failed, and the views
// remove what thereby appears twice. A Writer is safe for concurrent use.
type Writer interface {
	// Append adds rows, all of the table's message type, and returns when a crash of the process cannot lose them. Either
	// all or none of them are added, unless the process dies meanwhile. An error that is not about the rows may be tried
	// again.
	Append(ctx context.Context, table Table, rows ...proto.Message) error
	// Close makes everything durable. Appending after Close is an error; closing again is not.
	Close() error
}

// ErrClosed is what a closed Writer answers.
var ErrClosed = errors.New("warehouse writer is closed")

// Tee writes to all of several writers.
type Tee []Writer

// Append hands the rows to every writer, also after one of them failed: the copies must not depend on their order.
func (t Tee) Append(ctx context.Context, table Table, rows ...proto.Message) error {
	var errs []error
	for i, w := range t {
		if err := w.Append(ctx, table, rows...); err != nil {
			errs = append(errs, fmt.Errorf("warehouse %d of %d: %w", i+1, len(t), err))
		}
	}
	return errors.Join(errs...)
}

// Close closes every writer.
func (t Tee) Close() error {
	var errs []error
	for _, w := range t {
		errs = append(errs, w.Close())
	}
	return errors.Join(errs...)
}

// Failing is a Writer that always fails with Err: the twin for tests of what surrounds a writer.
type Failing struct{ Err error }

// Append fails.
func (f Failing) Append(context.Context, Table, ...proto.Message) error { return f.Err }

// Close fails.
func (f Failing) Close() error { return f.Err }

// Check is what every writer does first: it refuses rows that are not of the table.
func Check(ctx context.Context, table Table, rows []proto.Message) (Spec, error) {
	if err := ctx.Err(); err != nil {
		return Spec{}, err
	}
	spec, err := SpecOf(table)
	if err != nil {
		return Spec{}, err
	}
	for i, m := range rows {
		if err := spec.check(m); err != nil {
			return Spec{}, fmt.Errorf("row %d of %d: %w", i+1, len(rows), err)
		}
	}
	return spec, nil
}
