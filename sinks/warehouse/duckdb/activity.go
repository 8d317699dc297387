// SPDX-License-Identifier: Apache-2.0

package duckdb

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"time"
)

const day = 24 * time.Hour

// partMB is the least memory for a part of people: two at once in 128 MB ran out of it now and then, one in 96 and two
// in 192 did not.
const partMB = 96

// RefreshActivity derives activity_hourly and activity_daily anew for the UTC days that [from, until) touches. Days
// outside are left alone, so a day can be redone when late slices have come; the weekly values of the six days after it
// then have to be redone as well. What fails on the way leaves days that have to be redone.
//
// It takes people in parts that fit into memory, because nothing of it is about more than one person, and each with all
// of its days: what is new to somebody is told by what they touched weeks before, which is looked at once that way.
func (db *DB) RefreshActivity(ctx context.Context, from, until time.Time) (err error) {
	first, last := from.UTC().Truncate(day), until.UTC().Add(-1).Truncate(day)
	if last.Before(first) {
		return fmt.Errorf("refreshing activity: until (%s) is not after from (%s)", until, from)
	}
	workers := min(cmp.Or(db.opt.Threads, runtime.GOMAXPROCS(0)), max(1, db.opt.MemoryMB/partMB))
	return db.refreshIn(ctx, first, last.Add(day), db.opt.MemoryMB*partWeightPerMB/workers, workers)
}

// refreshIn derives [first, end) in parts of about the given weight, so many at once.
func (db *DB) refreshIn(ctx context.Context, first, end time.Time, weight, workers int) (err error) {
	db.refresh.Lock()
	defer db.refresh.Unlock()
	r := &refreshing{pool: db.sql, first: first, end: end, threads: db.opt.setThreads()}
	defer func() { err = errors.Join(err, r.close(ctx)) }()
	if err := r.divide(ctx, weight); err != nil {
		return fmt.Errorf("refreshing activity: %w", err)
	}
	return r.deriveAll(ctx, workers)
}

// ActivitySpan gives the times of the first and last slice; ok is false when there is none.
func (db *DB) ActivitySpan(ctx context.Context) (first, last time.Time, ok bool, err error) {
	var a, b sql.NullTime
	if err := db.sql.QueryRowContext(ctx, "SELECT MIN(time), MAX(time) FROM activity").Scan(&a, &b); err != nil {
		return first, last, false, fmt.Errorf("reading the span of activity: %w", err)
	}
	return a.Time.UTC(), b.Time.UTC(), a.Valid, nil
}
