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

// RefreshActivity derives activity_hourly and activity_daily anew for the UTC days that [from, until) touches. Days outside
// are left alone, so a day can be redone when late slices have come; the weekly values of the six days after it then have to
// be redone as well.
func (db *DB) RefreshActivity(ctx context.Context, from, until time.Time) error {
	first, last := from.UTC().Truncate(day), until.UTC().Add(-1).Truncate(day)
	if last.Before(first) {
		return fmt.Errorf("refreshing activity: until (%s) is not after from (%s)", until, from)
	}
	err := db.replace(ctx, warehouse.ActivityHourly, first, last.Add(day), sql.Named("start", first), sql.Named("until", last.Add(day)))
	if err != nil {
		return err
	}
	return db.replace(ctx, warehouse.ActivityDaily, first, last.Add(day), sql.Named("first_day", first), sql.Named("last_day", last))
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
	_, err = tx.ExecContext(ctx, fmt.Sprintf("DELETE FROM %s WHERE %s >= $1 AND %s < $2", table, timeColumn, timeColumn), from, until)
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
