// SPDX-License-Identifier: Apache-2.0

package duckdb

import (
	"context"
	"fmt"
	"strings"

	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/sqlgen"
)

// prepare sets the limits and creates what the file lacks: tables, columns, views.
func (db *DB) prepare(ctx context.Context) error {
	setup := fmt.Sprintf("SET memory_limit = '%dMB'; SET preserve_insertion_order = false;\n%s;\n", db.opt.MemoryMB,
		db.opt.setThreads())
	for _, s := range warehouse.Specs() {
		create, err := sqlgen.CreateDuckDB(s)
		if err != nil {
			return err
		}
		setup += create
	}
	if _, err := db.sql.ExecContext(ctx, setup); err != nil {
		return fmt.Errorf("creating tables: %w", err)
	}
	have, err := db.columns(ctx)
	if err != nil {
		return err
	}
	for _, s := range warehouse.Specs() {
		if err := db.migrate(ctx, s, have[string(s.Name)]); err != nil {
			return err
		}
	}
	views, err := sqlgen.Renderer{Dialect: sqlgen.DuckDB}.CreateViews()
	if err != nil {
		return err
	}
	if _, err := db.sql.ExecContext(ctx, views); err != nil {
		return fmt.Errorf("creating views: %w", err)
	}
	return nil
}

func (o Options) setThreads() string {
	if o.Threads > 0 {
		return fmt.Sprintf("SET threads = %d", o.Threads)
	}
	return "RESET threads"
}

// migrate adds the columns that a file written by an older version lacks. A column whose type has changed cannot be
// repaired.
func (db *DB) migrate(ctx context.Context, s warehouse.Spec, have map[string]string) error {
	cols, err := s.Columns()
	if err != nil {
		return err
	}
	for _, c := range cols {
		want := sqlgen.DuckDBType(c)
		got, ok := have[c.Name]
		if !ok {
			add := fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s %s", s.Name, sqlgen.QuoteDuckDB(c.Name), want)
			if _, err := db.sql.ExecContext(ctx, add); err != nil {
				return fmt.Errorf("adding column %s.%s: %w", s.Name, c.Name, err)
			}
			continue
		}
		if unquoted(got) != unquoted(want) {
			return fmt.Errorf("column %s.%s of the file is %s, this version writes %s: move the file away, or name another one",
				s.Name, c.Name, got, want)
		}
	}
	return nil
}

// unquoted removes what DuckDB's own rendering of a type quotes more sparingly than ours.
func unquoted(t string) string { return strings.ReplaceAll(t, `"`, "") }

// columns gives the types of the columns of every table, by table and column.
func (db *DB) columns(ctx context.Context) (map[string]map[string]string, error) {
	rows, err := db.sql.QueryContext(ctx,
		"SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'main'")
	if err != nil {
		return nil, fmt.Errorf("listing columns: %w", err)
	}
	defer rows.Close()
	have := map[string]map[string]string{}
	for rows.Next() {
		var table, name, typ string
		if err := rows.Scan(&table, &name, &typ); err != nil {
			return nil, fmt.Errorf("listing columns: %w", err)
		}
		if have[table] == nil {
			have[table] = map[string]string{}
		}
		have[table][name] = typ
	}
	return have, rows.Err()
}
