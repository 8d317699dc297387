// SPDX-License-Identifier: Apache-2.0

//go:build !cgo

package duckdb

import (
	"context"
	"database/sql"
	"errors"

	"github.com/aer-project/aer/sinks/warehouse"
)

// ErrNoCGO is what Open answers in a binary built without cgo.
var ErrNoCGO = errors.New("this binary was built without cgo, which DuckDB needs: build it with CGO_ENABLED=1 and a " +
	"C compiler, or use the ndjson warehouse")

// Open fails with ErrNoCGO.
func Open(context.Context, string, Options) (*DB, error) { return nil, ErrNoCGO }

func newAppender(*sql.Conn, warehouse.Table, []string) (appender, error) { return nil, ErrNoCGO }
