// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/duckdb"
)

// historyMB bounds the warehouse of a History unless Learn says otherwise: a replay has other uses for memory, and
// nothing is slower for it.
const historyMB = 192

// History is the activity of events in a warehouse of its own, from which versions can be derived more than once.
type History struct {
	dir         string
	memoryMB    int
	db          *duckdb.DB // nil while there is nothing to learn from
	first, last time.Time  // zero if there is no activity
	told        map[Period]bool
}

// Record reads events once and keeps their activity until Close, in temporary files. If rolling is set it leaves out
// what no version for a day of these events stands on.
func Record(ctx context.Context, in Events, l Learn, rolling bool) (*History, error) {
	h := &History{told: map[Period]bool{}, memoryMB: cmp.Or(l.MemoryMB, historyMB)}
	if err := h.record(ctx, in, l, rolling); err != nil {
		return nil, errors.Join(fmt.Errorf("building baselines: %w", err), h.Close())
	}
	return h, nil
}

func (h *History) record(ctx context.Context, in Events, l Learn, rolling bool) (err error) {
	if h.dir, err = os.MkdirTemp("", "aer-baseline-*"); err != nil {
		return err
	}
	l.stage("reading events")
	rows := &activityRows{ctx: ctx, open: func() (warehouse.Writer, error) { return h.warehouse(ctx) }}
	if rolling {
		rows.newest = newNewestDay(h.dir)
		defer func() { err = errors.Join(err, rows.newest.close()) }()
	}
	span, err := in.taken(ctx, rows.add, l.Progress)
	h.first, h.last = span.First, span.Last
	if err = errors.Join(err, rows.finish(rows.newest.teaches(h.first, h.last))); err != nil || h.db == nil {
		return err
	}
	return h.db.RefreshActivity(ctx, h.first, h.last.Add(time.Nanosecond))
}

// warehouse opens the warehouse when it is first needed.
func (h *History) warehouse(ctx context.Context) (db warehouse.Writer, err error) {
	if h.db == nil {
		h.db, err = duckdb.Open(ctx, filepath.Join(h.dir, "activity.duckdb"), duckdb.Options{MemoryMB: h.memoryMB})
	}
	return h.db, err
}

// Rolling derives a version for each UTC day with events, without the periods to leave out. Those of earlier calls stay
// out.
func (h *History) Rolling(ctx context.Context, leave []Period) (Learned, error) {
	return h.versions(ctx, h.first, h.last, false, leave)
}

func (h *History) versions(ctx context.Context, since, asOf time.Time, people bool,
	leave []Period) (out Learned, err error) {
	out.First, out.Last = h.first, h.last
	if h.db == nil {
		return out, nil
	}
	leave = slices.DeleteFunc(slices.Clone(leave), func(p Period) bool { return h.told[p] })
	if err := leaveOut(ctx, h.db, leave); err != nil {
		return out, err
	}
	for _, p := range leave {
		h.told[p] = true
	}
	out.Versions, err = derive(ctx, h.db, since, asOf, people)
	return out, err
}

// Close removes the activity.
func (h *History) Close() error {
	var err error
	if h.db != nil {
		err = h.db.Close()
	}
	if h.dir == "" {
		return err
	}
	return errors.Join(err, os.RemoveAll(h.dir))
}
