// SPDX-License-Identifier: Apache-2.0

// Package bigquery keeps the warehouse in a BigQuery dataset: it appends rows by the Storage Write API, creates tables
// and views and adds columns to them, and never takes any away.
package bigquery

import (
	"context"
	"fmt"
	"sync"
	"time"

	"cloud.google.com/go/bigquery/storage/managedwriter"
	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/warehouse"
)

// Limits of a worker's appends (start values).
const (
	// appendMax is how long one append may take, with all that is tried again: past it the caller's bundle fails, and the
	// engine tries that again. BigQuery is not away for longer without being down.
	appendMax = 2 * time.Minute
	// appendsMax is how many appends are under way at once. More callers wait, and with them what feeds them: each holds
	// the rows of a bundle.
	appendsMax = 8
	// requestBytesMax is how much goes in one request, and the most that one row may have: BigQuery takes 10 MB with the
	// rest of the request.
	requestBytesMax = 8 << 20
)

// Options are for tests; the zero value is right otherwise.
type Options struct {
	// AppendMax replaces appendMax, Retry how to wait between attempts, Now the clock.
	AppendMax time.Duration
	Retry     retry.Policy
	Now       func() time.Time
}

// Writer appends rows to the tables of a dataset. It is safe for concurrent use; a worker has one.
//
// An append returns when BigQuery has acknowledged all of its rows. It is at least once, and not all or none: after an
// error some rows may be there, which the views show once when they come again. Rows that BigQuery refuses, or that are
// too large for it, become dead letters with its reason, and hold up nobody.
type Writer struct {
	config  Config
	o       Options
	client  *managedwriter.Client
	running context.Context // ends with Close; connections live in it
	stop    context.CancelFunc
	slots   chan struct{} // taken by appends under way

	mu     sync.Mutex
	tables map[warehouse.Table]*table
	closed bool
}

var _ warehouse.Writer = (*Writer)(nil)

// table is what appends to a table need.
type table struct {
	*encoder
	mu     sync.Mutex
	stream *managedwriter.ManagedStream // nil until it is used
}

// Open makes a client with the credentials of the environment. It does not ask whether the tables are there: see Check.
func Open(ctx context.Context, c Config, o Options) (*Writer, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("opening the warehouse: %w", err)
	}
	if o.AppendMax == 0 {
		o.AppendMax = appendMax
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	client, err := c.storage(running)
	if err != nil {
		stop()
		return nil, err
	}
	return &Writer{config: c, o: o, client: client, running: running, stop: stop,
		slots: make(chan struct{}, appendsMax), tables: map[warehouse.Table]*table{}}, nil
}

// Append implements warehouse.Writer.
func (w *Writer) Append(ctx context.Context, name warehouse.Table, rows ...proto.Message) error {
	spec, err := warehouse.Check(ctx, name, rows)
	if err != nil {
		return err
	}
	t, err := w.table(spec)
	if err != nil || len(rows) == 0 {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, w.o.AppendMax)
	defer stop()
	select {
	case w.slots <- struct{}{}:
		defer func() { <-w.slots }()
	case <-ctx.Done():
		return fmt.Errorf("waiting to append to %s: %w", name, ctx.Err())
	}
	poison, err := w.appendAll(ctx, t, rows)
	if err == nil {
		err = w.bury(ctx, name, poison)
	}
	if err != nil {
		return fmt.Errorf("appending %d rows to %s.%s: %w", len(rows), w.config, name, err)
	}
	return nil
}

func (w *Writer) table(spec warehouse.Spec) (*table, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, warehouse.ErrClosed
	}
	if t := w.tables[spec.Name]; t != nil {
		return t, nil
	}
	e, err := newEncoder(spec)
	if err != nil {
		return nil, err
	}
	w.tables[spec.Name] = &table{encoder: e}
	return w.tables[spec.Name], nil
}

// Close ends all connections. What an Append has returned for is in BigQuery.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil
	}
	w.closed = true
	w.stop()
	for _, t := range w.tables {
		t.forget()
	}
	if err := w.client.Close(); err != nil {
		return fmt.Errorf("closing warehouse %s: %w", w.config, err)
	}
	return nil
}
