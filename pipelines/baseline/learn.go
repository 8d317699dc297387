// SPDX-License-Identifier: Apache-2.0

// Package baseline makes versions of baselines from history, and keeps them in files.
package baseline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse/duckdb"
	"github.com/aer-project/aer/sinks/warehouse/feedback"
	"github.com/aer-project/aer/transforms/event"
)

// Learn says which versions to derive from activity.
type Learn struct {
	// Since and AsOf are UTC days: one version for each from Since to AsOf, both included, that stands on what was before
	// it and is valid on it. A zero AsOf is the day after the last event, a zero Since is AsOf: one version.
	Since, AsOf time.Time
	// People asks for rows of single persons too.
	People bool
	// Leave out what these persons did on these days: attacks must not teach. Not for warehouses, which know their
	// decisions.
	Leave []Period
	// MemoryMB bounds the warehouse that events are learned in; 0 is enough for a few thousand people.
	MemoryMB int
	// Stage is told what begins, Progress how far the events were read (total is -1 if unknown). Both may be nil.
	Stage    func(what string)
	Progress func(read, total int64)
}

// Learned is what was derived.
type Learned struct {
	Versions []*aerv1.Baseline
	// First and Last are the times of the activity behind them; zero if there is none.
	First, Last time.Time
}

// Events is where activity comes from.
type Events struct {
	Paths  []string
	Decode event.Options
	// Enrich derives facts about an event's client.
	Enrich func(*aerv1.Event)
}

// FromEvents builds versions from events, in one pass over the files.
func FromEvents(ctx context.Context, in Events, l Learn) (out Learned, err error) {
	h, err := Record(ctx, in, l, false)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	since, asOf := l.days(h.last)
	l.stage("deriving baselines")
	return h.versions(ctx, since, asOf, l.People, l.Leave)
}

// days is the first and last day with a version, where last is the time of the last event.
func (l Learn) days(last time.Time) (since, asOf time.Time) {
	since, asOf = l.Since, l.AsOf
	if asOf.IsZero() {
		asOf = last.UTC().Truncate(day).Add(day)
	}
	if since.IsZero() {
		since = asOf
	}
	return since, asOf
}

const day = 24 * time.Hour

func (l Learn) stage(what string) {
	if l.Stage != nil {
		l.Stage(what)
	}
}

// FromWarehouse builds versions from the activity in a warehouse file, and refreshes what is derived there on the way.
// Feedback that lies beside the file and that no run has brought into it counts too.
func FromWarehouse(ctx context.Context, path string, l Learn) (out Learned, err error) {
	if _, err := os.Stat(path); err != nil {
		return out, fmt.Errorf("opening the warehouse: %w", err)
	}
	db, err := duckdb.Open(ctx, path, duckdb.Options{})
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	first, last, ok, err := db.ActivitySpan(ctx)
	if err != nil || !ok {
		return out, err
	}
	out.First, out.Last = first, last
	if err := bringFeedback(ctx, filepath.Dir(path), db); err != nil {
		return out, fmt.Errorf("building baselines: %w", err)
	}
	l.stage("deriving baselines")
	since, asOf := l.days(last)
	if err := db.RefreshActivity(ctx, first, last.Add(time.Nanosecond)); err != nil {
		return out, fmt.Errorf("building baselines: %w", err)
	}
	out.Versions, err = derive(ctx, db, since, asOf, l.People)
	return out, err
}

// bringFeedback refuses what cannot be read: an attack that was confirmed there would be learnt.
func bringFeedback(ctx context.Context, dir string, db *duckdb.DB) error {
	rows, err := feedback.RowsOf(ctx, dir, db)
	if err != nil {
		return err
	}
	_, bad, err := rows.Bring(ctx)
	return errors.Join(append(bad, err)...)
}

// derive builds the versions of the days from since to asOf.
func derive(ctx context.Context, db *duckdb.DB, since, asOf time.Time, people bool) ([]*aerv1.Baseline, error) {
	versions, err := db.Baselines(ctx, duckdb.Build{From: since, Until: asOf.Add(time.Nanosecond), Users: people,
		Hours: people, Live: true})
	if err != nil {
		return nil, fmt.Errorf("building baselines: %w", err)
	}
	return versions, nil
}

// Span says what the versions stand on.
func (l Learned) Span() string {
	if l.First.IsZero() {
		return "no activity"
	}
	return fmt.Sprintf("activity from %s to %s", l.First.UTC().Format(time.DateOnly), l.Last.UTC().Format(time.DateOnly))
}
