// SPDX-License-Identifier: Apache-2.0

package warehouse_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/warehousetest"
)

// A message is its row's, whether a database gives the fields of a STRUCT by name (DuckDB) or in order (BigQuery).
func TestMessageOfARow(t *testing.T) {
	at := time.Date(2026, 11, 20, 10, 0, 0, 1000, time.UTC)
	for _, spec := range warehouse.Specs() {
		if spec.Member != "" {
			if _, err := warehouse.NewReads(spec); err == nil {
				t.Errorf("rows of %s leave parts out and are read", spec.Name)
			}
			continue
		}
		want := warehousetest.Full(spec.Name, at, 3)
		row, err := spec.Row(want)
		if err != nil {
			t.Fatal(err)
		}
		row = row[len(spec.Derived):]
		reads, err := warehouse.NewReads(spec)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := spec.Columns()
		if err != nil {
			t.Fatal(err)
		}
		columns = columns[len(spec.Derived):]
		ordered := make([]any, len(row))
		for i := range row {
			if columns[i].Name != reads.Columns()[i] {
				t.Fatalf("column %d of %s is %s, want %s", i, spec.Name, reads.Columns()[i], columns[i].Name)
			}
			ordered[i] = inOrder(columns[i], row[i])
		}
		for how, values := range map[string][]any{"by name": row, "in order": ordered} {
			got, err := reads.Message(values)
			if err != nil {
				t.Errorf("%s, %s: %v", spec.Name, how, err)
			} else if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
				t.Errorf("%s, %s (-written +read):\n%s", spec.Name, how, diff)
			}
		}
	}
}

// inOrder gives the fields of STRUCTs in their order.
func inOrder(c warehouse.Column, v any) any {
	switch x := v.(type) {
	case []any:
		out := make([]any, len(x))
		one := c
		one.Repeated = false
		for i := range x {
			out[i] = inOrder(one, x[i])
		}
		return out
	case map[string]any:
		out := make([]any, len(c.Fields))
		for i, f := range c.Fields {
			out[i] = inOrder(f, x[f.Name])
		}
		return out
	}
	return v
}

// What a column cannot hold is refused, with its name: another version wrote it, or it is another table.
func TestRowsOfAnotherVersionAreRefused(t *testing.T) {
	spec, err := warehouse.SpecOf(warehouse.Decisions)
	if err != nil {
		t.Fatal(err)
	}
	reads, err := warehouse.NewReads(spec)
	if err != nil {
		t.Fatal(err)
	}
	for column, c := range map[string]struct {
		value any
		want  string
	}{
		"outcome":     {"FORGIVEN", "a newer aer wrote it"},
		"id":          {int64(7), "want string"},
		"time":        {"noon", "want message"},
		"trace":       {"gates", "want a list"},
		"session_ids": {[]any{true}, "want string"},
		"escalate":    {1.5, "want bool"},
	} {
		row := make([]any, len(reads.Columns()))
		for i, name := range reads.Columns() {
			if name == column {
				row[i] = c.value
			}
		}
		if _, err := reads.Message(row); err == nil || !strings.Contains(err.Error(), c.want) ||
			!strings.Contains(err.Error(), column) {
			t.Errorf("%s = %v: %v, want an error with %q", column, c.value, err, c.want)
		}
	}
}
