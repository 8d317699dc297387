// SPDX-License-Identifier: Apache-2.0

// Command schemagen writes what follows from the protos and the SQL templates into the directory it is run in
// (schemas/): BigQuery's table schemas and views, and DuckDB's table definitions for readers.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/aer-project/aer/schemas"
	"github.com/aer-project/aer/sinks/warehouse/sqlgen"
	"github.com/aer-project/aer/sinks/warehouse/sqlgen/sqlgentest"
)

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, "schemagen:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, "aer", "v1")); err != nil {
		return fmt.Errorf("run me in schemas/ (go generate does): %w", err)
	}
	docs, err := schemas.Comments()
	if err != nil {
		return err
	}
	files, err := sqlgen.Files(docs)
	if err != nil {
		return err
	}
	cases, err := sqlgentest.BigQuery()
	if err != nil {
		return err
	}
	files = append(files, sqlgen.File{Name: sqlgentest.BigQueryFile, Content: cases})
	for _, f := range files {
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.Content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
