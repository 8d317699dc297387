// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/event"
)

// rowsPerAppend is how many slices go into the warehouse at once.
const rowsPerAppend = 5000

// record writes the slices of all events into db.
func (e Events) record(ctx context.Context, db warehouse.Writer,
	progress func(read, total int64)) (span local.Summary, err error) {
	in, err := event.OpenFiles(e.Paths, e.Decode)
	if err != nil {
		return span, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	rows := &activityRows{ctx: ctx, db: db}
	cfg := local.Config{
		Enrich: e.Enrich, Slices: rows.add, Workers: runtime.GOMAXPROCS(0),
	}
	span, err = local.Replay(ctx, in, cfg, decision.Config{}, local.Discard{}, progress)
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
