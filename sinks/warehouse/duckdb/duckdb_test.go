// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package duckdb

import (
	"path/filepath"
	"testing"

	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/warehousetest"
)

func openFile(t testing.TB, path string) *DB {
	t.Helper()
	db, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestConformance(t *testing.T) {
	warehousetest.Run(t, func(t *testing.T) warehousetest.Harness {
		path := filepath.Join(t.TempDir(), "warehouse.duckdb")
		return warehousetest.Harness{
			Open: func(t *testing.T) warehouse.Writer { return openFile(t, path) },
			IDs: func(t *testing.T, table warehouse.Table) []string {
				db := openFile(t, path)
				defer db.Close()
				id := "id"
				if spec, _ := warehouse.SpecOf(table); spec.Key[0] != "id" {
					id = spec.Key[len(spec.Key)-1] // baselines and derived activity
				}
				return texts(t, db, "SELECT CAST("+id+" AS VARCHAR) FROM "+string(table))
			},
		}
	})
}

// texts runs a query with one column of text.
func texts(t testing.TB, db *DB, query string, args ...any) []string {
	t.Helper()
	rows, err := db.SQL().QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatalf("%v\nin %s", err, query)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
