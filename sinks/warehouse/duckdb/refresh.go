// SPDX-License-Identifier: Apache-2.0

package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/sqlgen"
)

// partWeightPerMB is how many slices and objects of slices go into a part for each megabyte that DuckDB may use: the
// queries hold about 2 KB of memory for each (measured).
const partWeightPerMB = 250

// Tables of a connection, which stand instead of activity and activity_hourly in the SQL.
const (
	narrowTable = "aer_narrow"
	partTable   = "aer_part"
	hoursTable  = "aer_part_hourly"
)

// refreshing derives the hours and days of [first, end).
type refreshing struct {
	conn       *sql.Conn
	first, end time.Time
	parts      int
}

// narrow is what the SQL reads of activity, sorted by parts so that each can be read alone. An id is as good as its
// hash: it tells slices of one person and window apart.
const narrow = `CREATE OR REPLACE TEMP TABLE ` + narrowTable + ` AS
SELECT hash(org_id, user_id) %% %d AS part, hash(id) AS id, time, org_id, user_id, user_type, '' AS actor_kind, window_start_ms,
  events, download_bytes, bytes, downloads, reads,
  list_transform(methods, lambda m: {'class': m.class, 'method': m.method, 'calls': m.calls, 'errors': m.errors,
    'rate_limited': m.rate_limited}) AS methods,
  list_transform(facets, lambda f: {'session_id': f.session_id, 'events': f.events, 'client': {'family': f.client.family,
    'ja4': f.client.ja4, 'class': f.client.class, 'asn': f.client.asn}}) AS facets
FROM activity
WHERE time >= $1 AND time < $2 AND COALESCE(actor_kind, '') IN ('', 'signed_in')
ORDER BY part`

// divide makes parts of about the given weight, and forgets what is derived anew.
func (r *refreshing) divide(ctx context.Context, weight int) error {
	const count = `SELECT COALESCE(SUM(1 + COALESCE(len(downloads.hashes), 0) + COALESCE(len(reads.hashes), 0)), 0)::BIGINT
FROM activity WHERE time >= $1 AND time < $2`
	from := r.first.AddDate(0, 0, -6-sqlgen.MemoryDays) // as far back as the SQL looks
	var total int
	if err := r.conn.QueryRowContext(ctx, count, from, r.end).Scan(&total); err != nil {
		return fmt.Errorf("counting activity: %w", err)
	}
	r.parts = 1 + total/weight
	if _, err := r.conn.ExecContext(ctx, fmt.Sprintf(narrow, r.parts), from, r.end); err != nil {
		return fmt.Errorf("dividing activity: %w", err)
	}
	for _, t := range []struct {
		table  warehouse.Table
		column string
	}{{warehouse.ActivityHourly, "hour"}, {warehouse.ActivityDaily, "day"}} {
		forget := fmt.Sprintf("DELETE FROM %s WHERE %s >= $1 AND %s < $2", t.table, t.column, t.column)
		if _, err := r.conn.ExecContext(ctx, forget, r.first, r.end); err != nil {
			return fmt.Errorf("forgetting what was derived: %w", err)
		}
	}
	return nil
}

// derive derives the hours and days of the people of a part.
func (r *refreshing) derive(ctx context.Context, part int) error {
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
		{fmt.Sprintf("CREATE OR REPLACE TEMP TABLE %[1]s AS SELECT * EXCLUDE (part) FROM %[2]s WHERE part = %[3]d AND rowid IN "+
			"(SELECT MIN(rowid) FROM %[2]s WHERE part = %[3]d GROUP BY id, time)", partTable, narrowTable, part), nil},
		{fmt.Sprintf("CREATE OR REPLACE TEMP TABLE %s AS %s", hoursTable, hours),
			[]any{sql.Named("start", r.first), sql.Named("until", r.end)}},
		{fmt.Sprintf("INSERT INTO %s BY NAME SELECT * FROM %s", warehouse.ActivityHourly, hoursTable), nil},
		// what the first weeks reach back to
		{fmt.Sprintf("INSERT INTO %s BY NAME SELECT * FROM %s_v WHERE hour >= $1 AND hour < $2 AND %s", hoursTable,
			warehouse.ActivityHourly, mine), []any{r.first.AddDate(0, 0, -6), r.first}},
		{fmt.Sprintf("INSERT INTO %s BY NAME (%s)", warehouse.ActivityDaily, days),
			[]any{sql.Named("first_day", r.first), sql.Named("last_day", r.end.Add(-day))}},
	} {
		if _, err := r.conn.ExecContext(ctx, step.query, step.args...); err != nil {
			return err
		}
	}
	return nil
}

// close drops the connection's tables and gives it back.
func (r *refreshing) close(ctx context.Context) error {
	for _, t := range []string{narrowTable, partTable, hoursTable} {
		if _, err := r.conn.ExecContext(context.WithoutCancel(ctx), "DROP TABLE IF EXISTS "+t); err != nil {
			return fmt.Errorf("dropping %s: %w", t, err)
		}
	}
	return r.conn.Close()
}
