package setup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/duckdb"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/event"
)

// rowsPerAppend is how many slices go into the warehouse at once.
const rowsPerAppend = 5000

// Rolling builds the baselines that the events themselves would have led to: one version for each UTC day of event time,
// from the activity before it, as a daily job in production does. It reads the files once; a second reading then detects.
func (j *Judge) Rolling(ctx context.Context, paths []string, opt event.Options, progress func(read, total int64)) (versions []*aerv1.Baseline, err error) {
	dir, err := os.MkdirTemp("", "aer-baseline-*")
	if err != nil {
		return nil, fmt.Errorf("building baselines: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	db, err := duckdb.Open(ctx, filepath.Join(dir, "activity.duckdb"), duckdb.Options{MemoryMB: 128})
	if err != nil {
		return nil, fmt.Errorf("building baselines: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	span, err := j.recordActivity(ctx, db, paths, opt, progress)
	if err != nil || span.Events == 0 {
		return nil, err
	}
	if err := db.RefreshActivity(ctx, span.First, span.Last.Add(time.Nanosecond)); err != nil {
		return nil, fmt.Errorf("building baselines: %w", err)
	}
	versions, err = db.Baselines(ctx, duckdb.Build{From: span.First, Until: span.Last.Add(time.Nanosecond)})
	if err != nil {
		return nil, fmt.Errorf("building baselines: %w", err)
	}
	return versions, nil
}

// recordActivity writes the slices of all events into db.
func (j *Judge) recordActivity(ctx context.Context, db warehouse.Writer, paths []string, opt event.Options, progress func(read, total int64)) (span local.Summary, err error) {
	in, err := event.OpenFiles(paths, opt)
	if err != nil {
		return span, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	rows := &activityRows{ctx: ctx, db: db}
	cfg := local.Config{
		Enrich: j.Enricher.Enrich, Slices: rows.add, Workers: runtime.GOMAXPROCS(0),
	}
	span, err = local.Replay(ctx, in, cfg, decision.Config{}, nothing{}, progress)
	return span, errors.Join(err, rows.flush())
}

// activityRows gathers slices of several goroutines into appends.
type activityRows struct {
	ctx  context.Context // of the one call that gathers
	db   warehouse.Writer
	mu   sync.Mutex
	rows []proto.Message
	err  error
}

func (a *activityRows) add(s *aerv1.Slice) {
	row := proto.Clone(s) // the engine keeps the slice
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.rows = append(a.rows, row); len(a.rows) >= rowsPerAppend {
		a.append()
	}
}

// append writes what was gathered; after an error nothing more is written.
func (a *activityRows) append() {
	if a.err == nil && len(a.rows) > 0 {
		a.err = a.db.Append(a.ctx, warehouse.Activity, a.rows...)
	}
	a.rows = nil
}

func (a *activityRows) flush() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.append()
	return a.err
}

// nothing is the output of a pass that only records activity.
type nothing struct{}

func (nothing) Anomaly(*aerv1.Anomaly) error       { return nil }
func (nothing) Decision(*aerv1.Decision) error     { return nil }
func (nothing) DeadLetter(*aerv1.DeadLetter) error { return nil }
