// SPDX-License-Identifier: Apache-2.0

package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/sqlgen"
)

var _ warehouse.Reader = (*DB)(nil)

// rowsPerRead is about how many rows one query of Read sorts and holds: some 40 MB of slices. Where rows are few it is
// one day's.
const rowsPerRead = 50_000

// Read implements warehouse.Reader.
func (db *DB) Read(ctx context.Context, table warehouse.Table, from, until time.Time,
	each func(proto.Message) error) error {
	spec, err := warehouse.SpecOf(table)
	if err != nil {
		return err
	}
	r := reading{db: db.sql, spec: spec, each: each}
	if r.Reads, err = warehouse.NewReads(spec); err != nil {
		return err
	}
	first, last, n, err := db.Span(ctx, table, from, until)
	if err != nil || n == 0 {
		return err
	}
	step := min(day, max(time.Minute, time.Duration(float64(last.Sub(first))*rowsPerRead/float64(n))))
	for at := first; !at.After(last); at = at.Add(step) {
		if err := r.read(ctx, at, earlier(at.Add(step), until)); err != nil {
			return fmt.Errorf("reading %s: %w", table, err)
		}
	}
	return nil
}

// reading is one call of Read.
type reading struct {
	warehouse.Reads
	db   *sql.DB
	spec warehouse.Spec
	each func(proto.Message) error
}

// Span implements warehouse.Reader.
func (db *DB) Span(ctx context.Context, table warehouse.Table,
	from, until time.Time) (first, last time.Time, n int64, err error) {
	spec, err := warehouse.SpecOf(table)
	if err != nil {
		return first, last, 0, err
	}
	at := sqlgen.QuoteDuckDB(spec.Time)
	var a, b sql.NullTime
	query := fmt.Sprintf("SELECT MIN(%s), MAX(%s), COUNT(*) FROM %s WHERE %s >= ? AND %s < ?", at, at, table, at, at)
	if err := db.sql.QueryRowContext(ctx, query, from, until).Scan(&a, &b, &n); err != nil {
		return first, last, 0, fmt.Errorf("reading the span of %s: %w", table, err)
	}
	if n == 0 {
		return first, last, 0, nil
	}
	return a.Time.UTC(), b.Time.UTC(), n, nil
}

// read gives the rows of [from, until), by time and key. Rows of one key are beside each other, so that repeats are
// seen without a look at any others.
func (r reading) read(ctx context.Context, from, until time.Time) (err error) {
	var columns []string
	for _, c := range slices.Concat(r.spec.Key, r.Columns()) {
		columns = append(columns, sqlgen.QuoteDuckDB(c))
	}
	keys := len(r.spec.Key)
	order := append([]string{sqlgen.QuoteDuckDB(r.spec.Time)}, columns[:keys]...)
	if r.spec.Latest != "" {
		order = append(order, sqlgen.QuoteDuckDB(r.spec.Latest)+" DESC")
	}
	rows, err := r.db.QueryContext(ctx, fmt.Sprintf("SELECT %s FROM %s WHERE %s >= ? AND %s < ? ORDER BY %s",
		strings.Join(columns, ", "), r.spec.Name, order[0], order[0], strings.Join(order, ", ")), from, until)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	before := make([]any, keys)
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if slices.Equal(before, values[:keys]) {
			continue
		}
		copy(before, values)
		m, err := r.Message(values[keys:])
		if err != nil {
			return err
		}
		if err := r.each(m); err != nil {
			return err
		}
	}
	return rows.Err()
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
