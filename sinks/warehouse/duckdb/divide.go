// SPDX-License-Identifier: Apache-2.0

package duckdb

import (
	"context"
	"fmt"

	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/sqlgen"
)

// What activity is divided into is a database of its own, in memory and what does not fit in a temporary file. Numbers
// stand for people and clients, so that nearly all of it is numbers, and rows are sorted by person, so that a part of
// the people can be read alone.
const narrowDatabase = "aer_narrow"

// narrow are the statements that fill it, from activity between $1 and $2. An id is as good as its hash: it tells
// slices of one person and window apart. Sessions are as good as theirs: they are only counted.
var narrow = []struct{ what, query string }{
	// Row groups are small: a part is read without much of its neighbours.
	{"opening", "ATTACH ':memory:' AS " + narrowDatabase + " (ROW_GROUP_SIZE 8192)"},
	{"people", `CREATE TABLE aer_narrow.people AS
SELECT person, org_id, user_id,
  CAST(SUM(weight) OVER (ORDER BY person ROWS UNBOUNDED PRECEDING) AS BIGINT) // %[2]d AS part
FROM (
  SELECT CAST(ROW_NUMBER() OVER () AS INTEGER) AS person, *
  FROM (
    SELECT org_id, user_id, SUM(1 + COALESCE(len(downloads.hashes), 0) + COALESCE(len(reads.hashes), 0)) AS weight
    FROM activity
    WHERE %[1]s
    GROUP BY org_id, user_id
  )
)`},
	{"clients", `CREATE TABLE aer_narrow.clients AS
SELECT CAST(ROW_NUMBER() OVER () AS INTEGER) AS client, *
FROM (
  SELECT DISTINCT COALESCE(f.client.family, '') AS family, COALESCE(f.client.ja4, '') AS ja4,
    COALESCE(f.client.class, '') AS class, COALESCE(f.client.asn, 0) AS asn
  FROM (SELECT UNNEST(facets) AS f FROM activity WHERE %[1]s)
)`},
	{"slices", `CREATE TABLE aer_narrow.slices AS
SELECT person, a.rowid AS slice, hash(id) AS id, {{sinceYear1 "window_start_ms"}} AS ms, user_type, events, download_bytes, bytes
FROM activity AS a JOIN aer_narrow.people USING (org_id, user_id)
WHERE %[1]s
ORDER BY person`},
	{"calls of methods", `CREATE TABLE aer_narrow.method_calls AS
SELECT person, slice, ms, m.class AS class, m.method AS method, m.calls AS calls, m.errors AS errors,
  m.rate_limited AS rate_limited
FROM (
  SELECT org_id, user_id, rowid AS slice, {{sinceYear1 "window_start_ms"}} AS ms, UNNEST(methods) AS m
  FROM activity
  WHERE %[1]s
) JOIN aer_narrow.people USING (org_id, user_id)
ORDER BY person`},
	{"uses of clients", `CREATE TABLE aer_narrow.client_uses AS
SELECT person, slice, ms, client, session, events
FROM (
  SELECT org_id, user_id, slice, ms, CASE WHEN f.session_id <> '' THEN hash(f.session_id) END AS session,
    f.events AS events,
    COALESCE(f.client.family, '') AS family, COALESCE(f.client.ja4, '') AS ja4, COALESCE(f.client.class, '') AS class,
    COALESCE(f.client.asn, 0) AS asn
  FROM (
    SELECT org_id, user_id, rowid AS slice, {{sinceYear1 "window_start_ms"}} AS ms, UNNEST(facets) AS f
    FROM activity
    WHERE %[1]s
  )
) JOIN aer_narrow.people USING (org_id, user_id) JOIN aer_narrow.clients USING (family, ja4, class, asn)
ORDER BY person`},
	{"objects", `CREATE TABLE aer_narrow.objects AS
SELECT person, ms, CAST(metric AS ENUM('downloads', 'reads')) AS metric, h, theta
FROM (
  SELECT org_id, user_id, {{sinceYear1 "window_start_ms"}} AS ms, 'downloads' AS metric, UNNEST(downloads.hashes) AS h,
    CASE WHEN downloads.sketched THEN {{hash01 (last "downloads.hashes")}} END AS theta
  FROM activity
  WHERE %[1]s
  UNION ALL
  SELECT org_id, user_id, {{sinceYear1 "window_start_ms"}} AS ms, 'reads' AS metric, UNNEST(reads.hashes) AS h,
    CASE WHEN reads.sketched THEN {{hash01 (last "reads.hashes")}} END AS theta
  FROM activity
  WHERE %[1]s
) JOIN aer_narrow.people USING (org_id, user_id)
ORDER BY person`},
}

// part is a range of people, both ends included.
type part struct{ first, last int }

// in says that a row is of one of the people.
func (p part) in() string { return fmt.Sprintf("person BETWEEN %d AND %d", p.first, p.last) }

// divide makes parts of about the given weight, and forgets what is derived anew.
func (r *refreshing) divide(ctx context.Context, weight int) error {
	from := r.first.AddDate(0, 0, -6-sqlgen.MemoryDays) // as far back as the SQL looks
	const those = "time >= $1 AND time < $2 AND COALESCE(actor_kind, '') IN ('', 'signed_in')"
	for _, step := range narrow {
		query, err := sqlgen.Renderer{Dialect: sqlgen.DuckDB}.RenderText(step.query)
		if err != nil {
			return err
		}
		args := []any{from, r.end}
		if step.what == "opening" {
			args = nil
		} else {
			query = fmt.Sprintf(query, those, weight)
		}
		if _, err := r.pool.ExecContext(ctx, query, args...); err != nil {
			return fmt.Errorf("dividing activity, %s: %w", step.what, err)
		}
	}
	if err := r.divideHours(ctx); err != nil {
		return err
	}
	return r.readParts(ctx)
}

// divideHours divides what the first weeks reach back to, and forgets what is derived anew.
func (r *refreshing) divideHours(ctx context.Context) error {
	const before = `CREATE TABLE aer_narrow.hours AS
SELECT person, h.* EXCLUDE (org_id, user_id)
FROM activity_hourly_v AS h JOIN aer_narrow.people USING (org_id, user_id)
WHERE hour >= $1 AND hour < $2
ORDER BY person`
	if _, err := r.pool.ExecContext(ctx, before, r.first.AddDate(0, 0, -6), r.first); err != nil {
		return fmt.Errorf("dividing hours: %w", err)
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

func (r *refreshing) readParts(ctx context.Context) (err error) {
	const ranges = "SELECT MIN(person), MAX(person) FROM aer_narrow.people GROUP BY part ORDER BY 1"
	rows, err := r.pool.QueryContext(ctx, ranges)
	if err != nil {
		return fmt.Errorf("reading parts: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var p part
		if err := rows.Scan(&p.first, &p.last); err != nil {
			return fmt.Errorf("reading parts: %w", err)
		}
		r.parts = append(r.parts, p)
	}
	return rows.Err()
}
