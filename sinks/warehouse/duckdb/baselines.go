// SPDX-License-Identifier: Apache-2.0

package duckdb

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/sqlgen"
)

// Starting values of Build.
const (
	DefaultHabitDays = sqlgen.DefaultHabitDays
	DefaultLagDays   = sqlgen.DefaultLagDays
	// defaultBatchDays bounds memory: this many versions are derived at once. More is slower, not faster (measured: 256
	// take three times as long for each).
	defaultBatchDays = 64
)

// Build says which baselines to derive from activity_daily.
type Build struct {
	// One version for every UTC day in [From, Until), valid on that day.
	From, Until time.Time
	// The history of a version: HabitDays days ending LagDays before its own. 0 = the defaults; LagDays < 0 = no lag (the
	// history then ends with the day before).
	HabitDays, LagDays int
	// Users asks for the habits, clients and networks of each person too: many rows. Without it Baseline.users,
	// user_clients and user_networks stay empty.
	Users bool
	// Hours asks for the hours of the week and the live rows: about 380 for every organisation and version. Live asks for
	// those live rows only that raise a threshold, which are few; no row means a factor of 1.
	Hours, Live bool
	// BatchDays versions are derived at once; 0 = default. Only speed and memory depend on it.
	BatchDays int
}

func (b Build) withDefaults() Build {
	if b.HabitDays <= 0 {
		b.HabitDays = DefaultHabitDays
	}
	switch {
	case b.LagDays == 0:
		b.LagDays = DefaultLagDays
	case b.LagDays < 0:
		b.LagDays = 0
	}
	if b.BatchDays <= 0 {
		b.BatchDays = defaultBatchDays
	}
	b.From, b.Until = b.From.UTC().Truncate(day), b.Until.UTC().Add(day-1).Truncate(day)
	return b
}

// BuildBaselines derives the versions in the order of their days and hands each to emit; RefreshActivity must have been
// run. A day without any history gives no version. Rows that do not change from one version to the next are the same
// pointers in both: messages must not be changed, and holding all versions of some years is affordable.
//
// Versions are named by day and content ("2026-11-22.1f3a9c04"), so the same history gives the same name everywhere and
// another history another one.
func (db *DB) BuildBaselines(ctx context.Context, b Build, emit func(*aerv1.Baseline) error) error {
	b = b.withDefaults()
	memo := newMemo()
	for first := b.From; first.Before(b.Until); first = first.Add(time.Duration(b.BatchDays) * day) {
		last := first.Add(time.Duration(b.BatchDays-1) * day)
		if end := b.Until.Add(-day); last.After(end) {
			last = end
		}
		var versions []*aerv1.Baseline
		some, err := db.hasHistory(ctx, b, first, last)
		if some {
			versions, err = db.buildBatch(ctx, b, first, last, memo)
		}
		if err != nil {
			return fmt.Errorf("deriving baselines of %s to %s: %w", first.Format(time.DateOnly), last.Format(time.DateOnly), err)
		}
		for _, v := range versions {
			v.HabitDays, v.LagDays = uint32(b.HabitDays), uint32(b.LagDays)
			if err := name(v); err != nil {
				return err
			}
			if err := emit(v); err != nil {
				return err
			}
		}
	}
	return nil
}

// hasHistory says whether any version from first to last stands on any day. One event with a clock that is decades off
// makes tens of thousands of days between it and the others, which are asked for in vain.
func (db *DB) hasHistory(ctx context.Context, b Build, first, last time.Time) (some bool, err error) {
	from := first.AddDate(0, 0, -b.LagDays-max(b.HabitDays, sqlgen.FingerprintDays))
	const query = `SELECT EXISTS (SELECT 1 FROM activity_daily WHERE day >= $1 AND day < $2)
		OR EXISTS (SELECT 1 FROM activity_hourly WHERE hour >= $1 AND hour < $2)`
	if err := db.sql.QueryRowContext(ctx, query, from, last.Add(day)).Scan(&some); err != nil {
		return false, fmt.Errorf("looking for activity: %w", err)
	}
	return some, nil
}

// Baselines collects what BuildBaselines emits.
func (db *DB) Baselines(ctx context.Context, b Build) ([]*aerv1.Baseline, error) {
	var out []*aerv1.Baseline
	err := db.BuildBaselines(ctx, b, func(v *aerv1.Baseline) error {
		out = append(out, v)
		return nil
	})
	return out, err
}

// SaveBaselines writes versions into the baseline tables.
func (db *DB) SaveBaselines(ctx context.Context, versions ...*aerv1.Baseline) error {
	return warehouse.AppendBaselines(ctx, db, versions...)
}

// wants says whether rows of a table were asked for.
func (b Build) wants(table warehouse.Table) bool {
	switch table {
	case warehouse.BaselinesUser, warehouse.BaselinesUserClient, warehouse.BaselinesUserNetwork:
		return b.Users
	case warehouse.BaselinesHour:
		return b.Hours
	case warehouse.BaselinesLive:
		return b.Hours || b.Live
	}
	return true
}

func (db *DB) buildBatch(ctx context.Context, b Build, first, last time.Time, memo *memo) ([]*aerv1.Baseline, error) {
	batch := &batch{first: first, versions: make([]*aerv1.Baseline, int(last.Sub(first)/day)+1)}
	for _, part := range parts {
		if !b.wants(part.table) {
			continue
		}
		habit, lag := sqlgen.History(part.table, b.HabitDays, b.LagDays)
		args := []any{sql.Named("first_version", first), sql.Named("last_version", last), sql.Named("habit", habit),
			sql.Named("lag", lag)}
		query, err := b.query(part.table, habit)
		if err != nil {
			return nil, err
		}
		if err := db.eachRow(ctx, part.table, query, args,
			func(rows *sql.Rows) error { return part.scan(rows, batch, memo) }); err != nil {
			return nil, err
		}
	}
	if !b.Hours {
		batch.keepRaising()
	}
	var out []*aerv1.Baseline
	for _, v := range batch.versions {
		if v != nil {
			out = append(out, v)
		}
	}
	return out, nil
}

// query renders the SQL of a table for a history of so many days. Live rows that change nothing are nearly all of them:
// those are left out but for the first hour's, which say that there is a version.
func (b Build) query(table warehouse.Table, habitDays int) (string, error) {
	query, err := sqlgen.Renderer{Dialect: sqlgen.DuckDB, HabitDays: habitDays}.Render(string(table), nil)
	if table == warehouse.BaselinesLive && !b.Hours {
		query = "FROM (" + query + ") WHERE factor > 1 OR hours = 1 ORDER BY version, org_id, metric, hours"
	}
	return query, err
}

func (db *DB) eachRow(ctx context.Context, table warehouse.Table, query string, args []any,
	scan func(*sql.Rows) error) error {
	rows, err := db.sql.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("querying %s: %w", table, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return fmt.Errorf("reading %s: %w", table, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading %s: %w", table, err)
	}
	return nil
}

// batch collects the versions of consecutive days; a day without rows stays nil.
type batch struct {
	first    time.Time
	versions []*aerv1.Baseline
}

// keepRaising drops live rows that change nothing.
func (b *batch) keepRaising() {
	for _, v := range b.versions {
		if v != nil {
			v.Live = slices.DeleteFunc(v.Live, func(r *aerv1.BaselineLive) bool { return r.Factor <= 1 })
		}
	}
}

func (b *batch) version(validFrom time.Time) *aerv1.Baseline {
	i := int(validFrom.UTC().Sub(b.first) / day)
	if b.versions[i] == nil {
		b.versions[i] = &aerv1.Baseline{ValidFrom: aerv1.Time(validFrom), ValidUntil: aerv1.Time(validFrom.Add(day))}
	}
	return b.versions[i]
}

// name gives a version its name: its day and 32 bits of a hash of its rows. Live rows are not among them, because the
// version is there before its day has begun.
func name(v *aerv1.Baseline) error {
	live := v.Live
	v.Version, v.Live = "", nil
	raw, err := v.MarshalVT()
	v.Live = live
	if err != nil {
		return fmt.Errorf("naming baseline: %w", err)
	}
	sum := sha256.Sum256(raw)
	v.Version = v.ValidFrom.AsTime().Format(time.DateOnly) + "." + hex.EncodeToString(sum[:4])
	for _, r := range live {
		r.Version = v.Version
	}
	return nil
}
