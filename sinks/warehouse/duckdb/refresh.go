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
// megabyte that DuckDB may use. Each part costs 30 ms to plan, whatever it holds; with 1,000 the labelled set, whose
// people are not equal, did not fit into 192 MB, with 400 it does.
const partWeightPerMB = 400

// The tables of a part are those of one connection: the slices that are there once more, and the hours.
const (
	repeatedTable = "aer_part_repeated"
	hoursTable    = "aer_part_hourly"
)

// refreshing derives the hours and days of [first, end).
type refreshing struct {
	pool       *sql.DB
	first, end time.Time
	parts      []part
	threads    string // sets the number of threads again
}

// deriveAll derives the parts, so many at once: a part is too small for DuckDB to share it out itself.
func (r *refreshing) deriveAll(ctx context.Context, workers int) (err error) {
	// Each worker alone: DuckDB sharing out what is small takes a quarter more time, and more memory.
	if _, err := r.pool.ExecContext(ctx, "SET threads = 1"); err != nil {
		return err
	}
	defer func() {
		_, reset := r.pool.ExecContext(context.WithoutCancel(ctx), r.threads)
		err = errors.Join(err, reset)
	}()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var wg sync.WaitGroup
	var next atomic.Int64
	for range min(workers, len(r.parts)) {
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
	for i := int(next.Add(1)) - 1; i < len(r.parts); i = int(next.Add(1)) - 1 {
		if err := r.derive(ctx, conn, r.parts[i]); err != nil {
			return fmt.Errorf("deriving activity, part %d of %d: %w", i+1, len(r.parts), err)
		}
	}
	return nil
}

// derive derives the hours and days of the people of a part.
func (r *refreshing) derive(ctx context.Context, conn *sql.Conn, p part) error {
	again, err := r.repeated(ctx, conn, p)
	if err != nil {
		return err
	}
	relations := sqlgen.Renderer{Dialect: sqlgen.DuckDB, Parts: p.relations(again)}
	hours, err := relations.Render(string(warehouse.ActivityHourly), nil)
	if err != nil {
		return err
	}
	days, err := relations.Render(string(warehouse.ActivityDaily), nil)
	if err != nil {
		return err
	}
	const insert = "INSERT INTO %s BY NAME SELECT org_id, user_id, r.* EXCLUDE (person) " +
		"FROM (%s) AS r JOIN aer_narrow.people USING (person)"
	for _, step := range []struct {
		query string
		args  []any
	}{
		{fmt.Sprintf("CREATE OR REPLACE TEMP TABLE %s AS %s", hoursTable, hours),
			[]any{sql.Named("start", r.first), sql.Named("until", r.end)}},
		{fmt.Sprintf(insert, warehouse.ActivityHourly, "FROM "+hoursTable), nil},
		{fmt.Sprintf("INSERT INTO %s BY NAME SELECT * FROM aer_narrow.hours WHERE %s", hoursTable, p.in()), nil},
		{fmt.Sprintf(insert, warehouse.ActivityDaily, days),
			[]any{sql.Named("first_day", r.first), sql.Named("last_day", r.end.Add(-day))}},
	} {
		if _, err := conn.ExecContext(ctx, step.query, step.args...); err != nil {
			return err
		}
	}
	return nil
}

// repeated finds the slices that are there once more, and says whether there are any.
func (r *refreshing) repeated(ctx context.Context, conn *sql.Conn, p part) (again bool, err error) {
	find := fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE %[1]s AS
SELECT s.slice
FROM aer_narrow.slices AS s
JOIN (
  SELECT id, ms, MIN(slice) AS slice FROM aer_narrow.slices WHERE %[2]s GROUP BY id, ms HAVING COUNT(*) > 1
) AS first
  ON first.id = s.id AND first.ms = s.ms AND first.slice <> s.slice
WHERE %[2]s`, repeatedTable, p.in())
	if _, err := conn.ExecContext(ctx, find); err != nil {
		return false, err
	}
	err = conn.QueryRowContext(ctx, "SELECT EXISTS (FROM "+repeatedTable+")").Scan(&again)
	return again, err
}

// relations are what the SQL reads of a part: without the slices that are there once more, if there are any. Of objects
// they do not matter.
func (p part) relations(again bool) map[string]string {
	out := map[string]string{"activity_hourly": hoursTable, "clients": narrowDatabase + ".clients"}
	for _, name := range []string{"slices", "method_calls", "client_uses", "objects"} {
		without := ""
		if again && name != "objects" {
			without = " ANTI JOIN " + repeatedTable + " USING (slice)"
		}
		out[name] = fmt.Sprintf("(FROM %s.%s%s WHERE %s)", narrowDatabase, name, without, p.in())
	}
	return out
}

// release drops a connection's tables and gives it back.
func release(ctx context.Context, conn *sql.Conn) error {
	drop := fmt.Sprintf("DROP TABLE IF EXISTS %s; DROP TABLE IF EXISTS %s", repeatedTable, hoursTable)
	_, err := conn.ExecContext(context.WithoutCancel(ctx), drop)
	return errors.Join(err, conn.Close())
}

func (r *refreshing) close(ctx context.Context) error {
	_, err := r.pool.ExecContext(context.WithoutCancel(ctx), "DETACH DATABASE IF EXISTS "+narrowDatabase)
	return err
}
