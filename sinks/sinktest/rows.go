// SPDX-License-Identifier: Apache-2.0

package sinktest

import (
	"context"
	"slices"
	"sync"

	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/sinks/warehouse"
)

// Rows is a warehouse in memory. The zero value is empty.
type Rows struct {
	mu     sync.Mutex
	tables map[warehouse.Table][]proto.Message
}

// Append implements warehouse.Writer.
func (r *Rows) Append(ctx context.Context, table warehouse.Table, rows ...proto.Message) error {
	if _, err := warehouse.Check(ctx, table, rows); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tables == nil {
		r.tables = map[warehouse.Table][]proto.Message{}
	}
	for _, m := range rows {
		r.tables[table] = append(r.tables[table], proto.Clone(m))
	}
	return nil
}

// Close implements warehouse.Writer.
func (r *Rows) Close() error { return nil }

// Of returns the rows of a table in the order they came, as often as they came.
func (r *Rows) Of(table warehouse.Table) []proto.Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.tables[table])
}

// FaultyWarehouse is a warehouse whose appends pass through Point, as "append" and the table.
type FaultyWarehouse struct {
	warehouse.Writer
	Point Point
}

// Append implements warehouse.Writer.
func (f FaultyWarehouse) Append(ctx context.Context, table warehouse.Table, rows ...proto.Message) error {
	return callOnly(f.Point, "append "+string(table), func() error { return f.Writer.Append(ctx, table, rows...) })
}
