// SPDX-License-Identifier: Apache-2.0

package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/sqlgen"
)

// partWeightPerMB is how many slices and objects of slices go into the parts that are derived at once, for each
// megabyte that DuckDB may use. The queries hold about 3 KB of memory for each (measured on parts of equal people);
// people are not equal and none can be divided, so parts are a fifth of what would fit.
const partWeightPerMB = 64

// What activity is divided into is a database of its own, in memory and what does not fit in a temporary file. The
// tables of a part are those of one connection: they stand instead of activity and activity_hourly in the SQL.
const (
	narrowDatabase = "aer_narrow"
	narrowTable    = narrowDatabase + ".activity"
	partTable      = "aer_part"
	hoursTable     = "aer_part_hourly"
)

// refreshing derives the hours and days of [first, end).
type refreshing struct {
	pool       *sql.DB
	first, end time.Time
	parts      int
}

// narrow is what the SQL reads of activity, sorted by parts so that each can be read alone. An id is as good as its
// hash: it tells slices of one person and window apart.
const narrow = `CREATE TABLE ` + narrowTable + ` AS
SELECT hash(org_id, user_id) %% %d AS part, hash(id) AS id, time, org_id, user_id, user_type, '' AS actor_kind,
  window_start_ms, events, download_bytes, bytes, downloads, reads,
  list_transform(methods, lambda m: {'class': m.class, 'method': m.method, 'calls': m.calls, 'errors': m.errors,
    'rate_limited': m.rate_limited}) AS methods,
  list_transform(facets, lambda f: {'session_id': f.session_id, 'events': f.events, 'client':
    {'family': f.client.family, 'ja4': f.client.ja4, 'class': f.client.class, 'asn': f.client.asn}}) AS facets
FROM activity
WHERE time >= $1 AND time < $2 AND COALESCE(actor_kind, '') IN ('', 'signed_in')
ORDER BY part`

// divide makes parts of about the given weight, and forgets what is derived anew.
func (r *refreshing) divide(ctx context.Context, weight int) error {
	const count = `SELECT COALESCE(SUM(1 + COALESCE(len(downloads.hashes), 0) + COALESCE(len(reads.hashes), 0)), 0)::BIGINT
FROM activity WHERE time >= $1 AND time < $2`
	from := r.first.AddDate(0, 0, -6-sqlgen.MemoryDays) // as far back as the SQL looks
	var total int
	if err := r.pool.QueryRowContext(ctx, count, from, r.end).Scan(&total); err != nil {
		return fmt.Errorf("counting activity: %w", err)
	}
	r.parts = 1 + total/weight
	// Small groups of rows: a part is read without much of its neighbours.
	if _, err := r.pool.ExecContext(ctx, "ATTACH ':memory:' AS "+narrowDatabase+" (ROW_GROUP_SIZE 8192)"); err != nil {
		return err
	}
	if _, err := r.pool.ExecContext(ctx, fmt.Sprintf(narrow, r.parts), from, r.end); err != nil {
		return fmt.Errorf("dividing activity: %w", err)
	}
	for _, t := range []struct {
		table  warehouse.Table
		column string
	}{{warehouse.ActivityHourly, "hour"}, {warehouse.ActivityDaily, "day"}} {
		forget := fmt.Sprintf("DELETE FROM %s WHERE %s >= $1 AND %s < $2", t.table, t.column, t.column)
		if _, err := r.pool.ExecContext(ctx, forget, r.first, r.end); err != nil {
			return fmt.Errorf("forgetting what was derived: %w", err)
		}
	}
	return nil
}

// deriveAll derives the parts, so many at once: a part is too small for DuckDB to share it out itself.
func (r *refreshing) deriveAll(ctx context.Context, workers int) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var wg sync.WaitGroup
	var next atomic.Int64
	for range min(workers, r.parts) {
		wg.Go(func() {
			if err := r.deriveNext(ctx, &next); err != nil {
				stop(err) // the first is the cause
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// deriveNext derives parts until none is left.
func (r *refreshing) deriveNext(ctx context.Context, next *atomic.Int64) (err error) {
	conn, err := r.pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release(ctx, conn)) }()
	for i := int(next.Add(1)) - 1; i < r.parts; i = int(next.Add(1)) - 1 {
		if err := r.derive(ctx, conn, i); err != nil {
			return fmt.Errorf("deriving activity, part %d of %d: %w", i+1, r.parts, err)
		}
	}
	return nil
}

// derive derives the hours and days of the people of a part.
func (r *refreshing) derive(ctx context.Context, conn *sql.Conn, part int) error {
	instead := sqlgen.Renderer{Dialect: sqlgen.DuckDB, Instead: map[warehouse.Table]string{
		warehouse.Activity: partTable, warehouse.ActivityHourly: hoursTable}}
	hours, err := instead.Render(string(warehouse.ActivityHourly), nil)
	if err != nil {
		return err
	}
	days, err := instead.Render(string(warehouse.ActivityDaily), nil)
	if err != nil {
		return err
	}
	mine := fmt.Sprintf("hash(org_id, user_id) %% %d = %d", r.parts, part)
	for _, step := range []struct {
		query string
		args  []any
	}{
		{fmt.Sprintf("CREATE OR REPLACE TEMP TABLE %[1]s AS SELECT * EXCLUDE (part) FROM %[2]s WHERE part = %[3]d AND rowid "+
			"IN (SELECT MIN(rowid) FROM %[2]s WHERE part = %[3]d GROUP BY id, time)", partTable, narrowTable, part), nil},
		{fmt.Sprintf("CREATE OR REPLACE TEMP TABLE %s AS %s", hoursTable, hours),
			[]any{sql.Named("start", r.first), sql.Named("until", r.end)}},
		{fmt.Sprintf("INSERT INTO %s BY NAME SELECT * FROM %s", warehouse.ActivityHourly, hoursTable), nil},
		// what the first weeks reach back to
		{fmt.Sprintf("INSERT INTO %s BY NAME SELECT * FROM %s_v WHERE hour >= $1 AND hour < $2 AND %s", hoursTable,
			warehouse.ActivityHourly, mine), []any{r.first.AddDate(0, 0, -6), r.first}},
		{fmt.Sprintf("INSERT INTO %s BY NAME (%s)", warehouse.ActivityDaily, days),
			[]any{sql.Named("first_day", r.first), sql.Named("last_day", r.end.Add(-day))}},
	} {
		if _, err := conn.ExecContext(ctx, step.query, step.args...); err != nil {
			return err
		}
	}
	return nil
}

// release drops a connection's tables and gives it back.
func release(ctx context.Context, conn *sql.Conn) error {
	drop := fmt.Sprintf("DROP TABLE IF EXISTS %s; DROP TABLE IF EXISTS %s", partTable, hoursTable)
	_, err := conn.ExecContext(context.WithoutCancel(ctx), drop)
	return errors.Join(err, conn.Close())
}

func (r *refreshing) close(ctx context.Context) error {
	_, err := r.pool.ExecContext(context.WithoutCancel(ctx), "DETACH DATABASE IF EXISTS "+narrowDatabase)
	return err
}
