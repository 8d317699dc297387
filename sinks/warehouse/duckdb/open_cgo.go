// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"

	driverpkg "github.com/duckdb/duckdb-go/v2"

	"github.com/aer-project/aer/sinks/warehouse"
)

// Open opens or creates a warehouse file; "" is one in memory. Only one process can have a file open for writing.
func Open(ctx context.Context, path string, opt Options) (*DB, error) {
	connector, err := driverpkg.NewConnector(path, nil)
	if err != nil {
		return nil, fmt.Errorf("opening warehouse %s (another process may have it open): %w", path, err)
	}
	return open(ctx, sql.OpenDB(connector), path, opt)
}

// bulk is DuckDB's Appender: several times as fast as prepared inserts, and the only way in for nested values.
type bulk struct {
	a      *driverpkg.Appender
	values []driver.Value
}

func newAppender(conn *sql.Conn, table warehouse.Table, columns []string) (appender, error) {
	b := &bulk{}
	err := conn.Raw(func(c any) (err error) {
		b.a, err = driverpkg.NewAppenderWithColumns(c.(driver.Conn), "", "", string(table), columns)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("opening appender: %w", err)
	}
	return b, nil
}

func (b *bulk) add(row []any) error {
	b.values = b.values[:0]
	for _, v := range row {
		b.values = append(b.values, v)
	}
	return b.a.AppendRow(b.values...)
}

func (b *bulk) flush() error { return b.a.Flush() }
func (b *bulk) close() error { return b.a.Close() }
