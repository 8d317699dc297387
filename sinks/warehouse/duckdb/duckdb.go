// SPDX-License-Identifier: Apache-2.0

// Package duckdb keeps the warehouse in a DuckDB file and derives baselines in it with the SQL that BigQuery runs in
// production. It needs cgo; without it Open says so.
package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/sinks/warehouse"
)

// Options limit what the database takes from the machine.
type Options struct {
	// MemoryMB bounds DuckDB's buffers; what does not fit goes to a file beside the database (in memory: is an error).
	MemoryMB int
	// Threads bounds its parallelism; 0 = one per core.
	Threads int
}

// DefaultMemoryMB is enough for years of baselines of a few thousand people, and leaves room in a 1 GB container.
const DefaultMemoryMB = 512

// DB is a warehouse.Writer and what reads from it. It is safe for concurrent use.
type DB struct {
	sql  *sql.DB
	path string
	opt  Options

	refresh sync.Mutex // one at a time

	mu     sync.Mutex // guards what is below: appenders belong to one connection
	conn   *sql.Conn
	tables map[warehouse.Table]appender
	closed bool
}

var _ warehouse.Writer = (*DB)(nil)

// appender adds rows to one table; flush puts them into the running transaction.
type appender interface {
	add(row []any) error
	flush() error
	close() error
}

// open prepares a freshly opened database: limits, tables, views.
func open(ctx context.Context, pool *sql.DB, path string, opt Options) (*DB, error) {
	if opt.MemoryMB <= 0 {
		opt.MemoryMB = DefaultMemoryMB
	}
	db := &DB{sql: pool, path: path, opt: opt, tables: map[warehouse.Table]appender{}}
	if err := db.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("preparing warehouse %s: %w", path, err), pool.Close())
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("connecting to warehouse %s: %w", path, err), pool.Close())
	}
	db.conn = conn
	return db, nil
}

// Append adds rows in one transaction: committed, and on disk, when it returns.
// One call costs a few milliseconds whatever it holds, so callers batch.
func (db *DB) Append(ctx context.Context, table warehouse.Table, rows ...proto.Message) error {
	spec, err := warehouse.SpecOf(table)
	if err != nil {
		return err
	}
	values := make([][]any, len(rows))
	for i, m := range rows {
		if values[i], err = spec.Row(m); err != nil {
			return fmt.Errorf("row %d of %d: %w", i+1, len(rows), err)
		}
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return warehouse.ErrClosed
	}
	if err := ctx.Err(); err != nil || len(values) == 0 {
		return err
	}
	return db.appendRows(ctx, spec, values)
}

func (db *DB) appendRows(ctx context.Context, spec warehouse.Spec, rows [][]any) error {
	table := spec.Name
	columns, err := columnNames(spec)
	if err != nil {
		return err
	}
	if _, err := db.conn.ExecContext(ctx, "BEGIN"); err != nil {
		return fmt.Errorf("beginning to append to %s: %w", table, err)
	}
	err = db.fill(spec.Name, columns, rows)
	if err == nil {
		_, err = db.conn.ExecContext(ctx, "COMMIT")
	}
	if err == nil {
		return nil
	}
	// The appender may hold rows that were not taken: the next call gets a new one. The context may be what failed.
	undo := context.WithoutCancel(ctx)
	if a := db.tables[table]; a != nil {
		_ = a.close() // says again what err says
		delete(db.tables, table)
	}
	_, _ = db.conn.ExecContext(undo, "ROLLBACK") // fails if the commit already ended the transaction
	return fmt.Errorf("appending %d rows to %s: %w", len(rows), table, err)
}

// columnNames are given to the appender because the columns of an older file stand in another order.
func columnNames(s warehouse.Spec) ([]string, error) {
	cols, err := s.Columns()
	if err != nil {
		return nil, err
	}
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = c.Name
	}
	return names, nil
}

func (db *DB) fill(table warehouse.Table, columns []string, rows [][]any) error {
	a := db.tables[table]
	if a == nil {
		var err error
		if a, err = newAppender(db.conn, table, columns); err != nil {
			return err
		}
		db.tables[table] = a
	}
	for _, row := range rows {
		if err := a.add(row); err != nil {
			return err
		}
	}
	return a.flush()
}

// SQL gives the database for queries of one's own. Tables have views without duplicates, <table>_v.
func (db *DB) SQL() *sql.DB { return db.sql }

// Path is the file, or "" in memory.
func (db *DB) Path() string { return db.path }

// Close writes everything into the file and releases it.
func (db *DB) Close() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return nil
	}
	db.closed = true
	var errs []error
	for table, a := range db.tables {
		errs = append(errs, a.close())
		delete(db.tables, table)
	}
	errs = append(errs, db.conn.Close(), db.sql.Close())
	return errors.Join(errs...)
}
