// SPDX-License-Identifier: Apache-2.0

package sqlgen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aer-project/aer/sinks/warehouse"
)

// DuckDBType gives a column's type in DuckDB. A TIMESTAMP there has no zone: all times are UTC.
func DuckDBType(c warehouse.Column) string {
	t := map[warehouse.Kind]string{
		warehouse.KindString: "VARCHAR", warehouse.KindInt: "BIGINT", warehouse.KindFloat: "DOUBLE",
		warehouse.KindBool:  "BOOLEAN",
		warehouse.KindBytes: "BLOB", warehouse.KindTimestamp: "TIMESTAMP",
	}[c.Kind]
	if c.Kind == warehouse.KindStruct {
		parts := make([]string, len(c.Fields))
		for i, f := range c.Fields {
			parts[i] = QuoteDuckDB(f.Name) + " " + DuckDBType(f)
		}
		t = "STRUCT(" + strings.Join(parts, ", ") + ")"
	}
	if c.Repeated {
		t += "[]"
	}
	return t
}

// QuoteDuckDB quotes a name: several columns ("values", "max") are reserved words.
func QuoteDuckDB(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// CreateDuckDB renders CREATE TABLE IF NOT EXISTS for a table.
func CreateDuckDB(s warehouse.Spec) (string, error) {
	cols, err := s.Columns()
	if err != nil {
		return "", err
	}
	lines := make([]string, len(cols))
	for i, c := range cols {
		lines[i] = "  " + QuoteDuckDB(c.Name) + " " + DuckDBType(c)
	}
	return fmt.Sprintf("-- %s\nCREATE TABLE IF NOT EXISTS %s (\n%s\n);\n", s.Doc, s.Name, strings.Join(lines, ",\n")), nil
}

type bigQueryField struct {
	Name        string          `json:"name"`
	Type        string          `json:"type"`
	Mode        string          `json:"mode"`
	Description string          `json:"description"`
	Fields      []bigQueryField `json:"fields,omitempty"`
}

// bigQueryTypes are the names that BigQuery's JSON schemas use. (FLOAT64, not FLOAT, which its emulator does not take.)
var bigQueryTypes = map[warehouse.Kind]string{
	warehouse.KindString: "STRING", warehouse.KindInt: "INTEGER", warehouse.KindFloat: "FLOAT64",
	warehouse.KindBool:  "BOOLEAN",
	warehouse.KindBytes: "BYTES", warehouse.KindTimestamp: "TIMESTAMP", warehouse.KindStruct: "RECORD",
}

// BigQuerySchema renders a table's fields as bq, Terraform and the client library take them. docs holds the proto
// comments by full name; a column without one is an error. Every column is NULLABLE or REPEATED: columns are added over
// time, and old rows do not have them.
func BigQuerySchema(s warehouse.Spec, docs map[string]string) ([]byte, error) {
	cols, err := s.Columns()
	if err != nil {
		return nil, err
	}
	fields, err := bigQueryFields(cols, docs)
	if err != nil {
		return nil, fmt.Errorf("describing table %s: %w", s.Name, err)
	}
	return indented(fields)
}

func bigQueryFields(cols []warehouse.Column, docs map[string]string) ([]bigQueryField, error) {
	var out []bigQueryField
	for _, c := range cols {
		f := bigQueryField{Name: c.Name, Type: bigQueryTypes[c.Kind], Mode: "NULLABLE", Description: c.Doc}
		if c.Repeated {
			f.Mode = "REPEATED"
		}
		if c.Field != "" {
			f.Description = docs[string(c.Field)]
		}
		if f.Description == "" {
			return nil, fmt.Errorf("column %s has no description: write a comment above %s", c.Name, c.Field)
		}
		var err error
		if f.Fields, err = bigQueryFields(c.Fields, docs); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

type bigQueryTable struct {
	Table       warehouse.Table `json:"table"`
	Description string          `json:"description"`
	Schema      string          `json:"schema"`
	Partition   string          `json:"partition_by_day_of"`
	Cluster     []string        `json:"cluster_by"`
	View        string          `json:"view_without_duplicates"`
	Key         []string        `json:"key"`
}

// BigQueryTables renders the list of all tables with what a schema cannot say.
func BigQueryTables() ([]byte, error) {
	var out []bigQueryTable
	for _, s := range warehouse.Specs() {
		out = append(out, bigQueryTable{s.Name, s.Doc, string(s.Name) + ".json", s.Time, s.Cluster, s.View(), s.Key})
	}
	return indented(out)
}

func indented(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("rendering schema: %w", err)
	}
	return out.Bytes(), nil
}
