// SPDX-License-Identifier: Apache-2.0

package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/sqlgen"
)

const day = 24 * time.Hour

// RefreshActivity derives activity_hourly and activity_daily anew for the UTC days that [from, until) touches. Days
// outside are left alone, so a day can be redone when late slices have come; the weekly values of the six days after it
// then have to be redone as well.
func (db *DB) RefreshActivity(ctx context.Context, from, until time.Time) error {
	first, last := from.UTC().Truncate(day), until.UTC().Add(-1).Truncate(day)
	if last.Before(first) {
		return fmt.Errorf("refreshing activity: until (%s) is not after from (%s)", until, from)
	}
	chunks, err := db.chunks(ctx, first, last)
	if err != nil {
		return err
	}
	for _, c := range chunks {
		if err := db.replace(ctx, warehouse.ActivityHourly, c.first, c.last.Add(day), sql.Named("start", c.first),
			sql.Named("until", c.last.Add(day))); err != nil {
			return err
		}
		if err := db.replace(ctx, warehouse.ActivityDaily, c.first, c.last.Add(day), sql.Named("first_day", c.first),
			sql.Named("last_day", c.last)); err != nil {
			return err
		}
	}
	return nil
}

// chunkSlices bounds the memory of a refresh: days are taken together up to this many slices (about 12 KB of memory
// each, at worst).
const chunkSlices = 20_000

// span is whole days, both included.
type span struct{ first, last time.Time }

// chunks divides the days from first to last so that each has about chunkSlices slices, or is one day.
func (db *DB) chunks(ctx context.Context, first, last time.Time) ([]span, error) {
	const query = "SELECT CAST(CAST(time AS DATE) AS TIMESTAMP) AS d, COUNT(*) FROM activity WHERE time >= $1 AND time " +
		"< $2 GROUP BY d ORDER BY d"
	rows, err := db.sql.QueryContext(ctx, query, first, last.Add(day))
	if err != nil {
		return nil, fmt.Errorf("counting slices by day: %w", err)
	}
	defer rows.Close()
	chunk, slices := span{first: first}, 0
	var out []span
	for rows.Next() {
		var d time.Time
		var n int
		if err := rows.Scan(&d, &n); err != nil {
			return nil, fmt.Errorf("counting slices by day: %w", err)
		}
		if slices > 0 && slices+n > chunkSlices {
			chunk.last = d.Add(-day)
			out, chunk, slices = append(out, chunk), span{first: d}, 0
		}
		slices += n
	}
	chunk.last = last
	return append(out, chunk), rows.Err()
}

// replace fills [from, until) of a table with what its query gives, in one transaction.
func (db *DB) replace(ctx context.Context, table warehouse.Table, from, until time.Time, args ...any) error {
	spec, err := warehouse.SpecOf(table)
	if err != nil {
		return err
	}
	query, err := sqlgen.Render(string(table), sqlgen.DuckDB)
	if err != nil {
		return err
	}
	tx, err := db.sql.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("deriving %s: %w", table, err)
	}
	timeColumn := sqlgen.QuoteDuckDB(spec.Time)
	_, err = tx.ExecContext(ctx, fmt.Sprintf("DELETE FROM %s WHERE %s >= $1 AND %s < $2", table, timeColumn,
		timeColumn), from, until)
	if err == nil {
		_, err = tx.ExecContext(ctx, fmt.Sprintf("INSERT INTO %s BY NAME (%s)", table, query), args...)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("deriving %s: %w", table, err), tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing %s: %w", table, err)
	}
	return nil
}

// ActivitySpan gives the times of the first and last slice; ok is false when there is none.
func (db *DB) ActivitySpan(ctx context.Context) (first, last time.Time, ok bool, err error) {
	var a, b sql.NullTime
	if err := db.sql.QueryRowContext(ctx, "SELECT MIN(time), MAX(time) FROM activity").Scan(&a, &b); err != nil {
		return first, last, false, fmt.Errorf("reading the span of activity: %w", err)
	}
	return a.Time.UTC(), b.Time.UTC(), a.Valid, nil
}
