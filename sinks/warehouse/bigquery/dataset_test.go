// SPDX-License-Identifier: Apache-2.0

package bigquery

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	bq "cloud.google.com/go/bigquery"

	"github.com/aer-project/aer/sinks/warehouse"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// lines are the changes of a plan as text.
func lines(plan []Change) (out []string) {
	for _, c := range plan {
		out = append(out, c.Error())
	}
	return out
}

// TestMerge: what a live schema lacks is added wherever it is; what it has besides stays; another type is refused.
func TestMerge(t *testing.T) {
	live := schemaOf([]field{{Name: "mine", Type: "STRING"}, {Name: "id", Type: "STRING"},
		{Name: "share", Type: "FLOAT"}, {Name: "count", Type: "STRING"}, {Name: "tags", Type: "STRING"},
		{Name: "evidence", Type: "STRUCT", Fields: []field{
			{Name: "signs", Type: "RECORD", Mode: "REPEATED", Fields: []field{{Name: "code", Type: "INT64"}}}}}})
	want := schemaOf([]field{{Name: "id", Type: "STRING", Description: "Its name."}, {Name: "time", Type: "TIMESTAMP"},
		{Name: "share", Type: "FLOAT64"}, {Name: "count", Type: "INTEGER"}, {Name: "tags", Type: "STRING", Mode: "REPEATED"},
		{Name: "evidence", Type: "RECORD", Fields: []field{
			{Name: "signs", Type: "RECORD", Mode: "REPEATED", Fields: []field{{Name: "weight", Type: "FLOAT64"},
				{Name: "code", Type: "STRING"}}},
			{Name: "unit", Type: "STRING"}}}})
	var diff difference
	merged := merge(live, want, "", &diff)
	if want := []string{"time", "evidence.signs.weight", "evidence.unit"}; !slices.Equal(diff.Missing, want) {
		t.Errorf("missing %q, want %q", diff.Missing, want)
	}
	if want := []refusal{{"count", "STRING", "INTEGER"}, {"tags", "STRING", "STRING REPEATED"},
		{"evidence.signs.code", "INTEGER", "STRING"}}; !slices.Equal(diff.Refused, want) {
		t.Errorf("refused %v, want %v", diff.Refused, want)
	}
	var names []string
	for _, f := range merged {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "mine id share count tags evidence time" {
		t.Errorf("merged: %s", got)
	}
	if merged[1].Description != "Its name." || live[1].Description != "" {
		t.Error("the merged schema is not described, or the live one is")
	}
	sub := merged[5].Schema
	if len(sub) != 2 || len(sub[0].Schema) != 2 || sub[0].Schema[1].Name != "weight" {
		t.Errorf("nested: %v", sub)
	}
	diff = difference{}
	if merge(want, want, "", &diff); diff.Missing != nil || diff.Refused != nil {
		t.Errorf("a schema differs from itself: %+v", diff)
	}
}

// TestWantedSchemasAreTheColumnsOfRows: the generated files and the encoder speak of the same columns.
func TestWantedSchemasAreTheColumnsOfRows(t *testing.T) {
	for _, s := range warehouse.Specs() {
		schema, err := wanted(s)
		must(t, err)
		columns, err := s.Columns()
		must(t, err)
		var a, b []string
		for _, f := range schema {
			a = append(a, f.Name)
		}
		for _, c := range columns {
			b = append(b, c.Name)
		}
		if !slices.Equal(a, b) {
			t.Errorf("%s: the schema has %q, rows have %q", s.Name, a, b)
		}
	}
}

// TestIntegrationMigration: a dataset is made, an older one is brought up to date with its rows, and one that cannot be
// is left alone.
func TestIntegrationMigration(t *testing.T) {
	c := emulator(t)
	d := prepared(t, c)
	plan, err := d.Plan(limited(t))
	must(t, err)
	if len(plan) > 0 {
		t.Errorf("a dataset that was just made needs %q", lines(plan))
	}
	must(t, d.Check(limited(t)))

	c.Dataset = "older"
	d = prepared(t, c)
	older(t, d, warehouse.Decisions, func(s bq.Schema) bq.Schema {
		kept := slices.DeleteFunc(s, func(f *bq.FieldSchema) bool { return f.Name == "recommendation" })
		return append(kept, &bq.FieldSchema{Name: "ours", Type: "STRING"})
	})
	older(t, d, warehouse.DeadLetters, nil)
	query(t, d, "INSERT INTO `older.decisions` (id, org_id, time, ours) VALUES ('old', 'O1', TIMESTAMP '2026-11-01', 'x')")
	err = d.Check(limited(t))
	if want := "run aer warehouse migrate\nadd column decisions.recommendation\ncreate table dead_letters"; !errors.Is(err,
		ErrNotReady) || !strings.Contains(err.Error(), want) {
		t.Errorf("check: %v, want %q in it", err, want)
	}
	plan, err = d.Plan(limited(t))
	must(t, err)
	must(t, d.Apply(limited(t), plan))
	must(t, d.Check(limited(t)))
	// Rows of the new columns cannot be tried: the emulator changes what it says of a table, and not the table.
	rows, _ := query(t, d, "SELECT id, ours FROM `older.decisions`")
	live, err := d.live.Table("decisions").Metadata(limited(t))
	must(t, err)
	ours := slices.ContainsFunc(live.Schema, func(f *bq.FieldSchema) bool { return f.Name == "ours" })
	if got := fmt.Sprint(rows); got != "[[old x]]" || !ours {
		t.Errorf("what was there is %s, and its own column there: %v", got, ours)
	}

	older(t, d, warehouse.Decisions, func(s bq.Schema) bq.Schema {
		s[slices.IndexFunc(s, func(f *bq.FieldSchema) bool { return f.Name == "escalate" })].Type = "STRING"
		return s[1:]
	})
	plan, err = d.Plan(limited(t))
	must(t, err)
	err = d.Apply(limited(t), plan)
	if want := "refused decisions.escalate: it is STRING, and this version writes BOOLEAN: move the table away"; err == nil ||
		!strings.Contains(err.Error(), want) {
		t.Errorf("a changed column: %v, want %q in it", err, want)
	}
	again, err := d.Plan(limited(t))
	must(t, err)
	if !slices.Equal(lines(plan), lines(again)) {
		t.Errorf("something was done all the same: %q is left of %q", lines(again), lines(plan))
	}
}

// older puts a table of another version in the place of one, or none if there is no schema.
func older(t *testing.T, d *Dataset, name warehouse.Table, schema func(bq.Schema) bq.Schema) {
	t.Helper()
	spec, err := warehouse.SpecOf(name)
	must(t, err)
	table := d.live.Table(string(name))
	must(t, table.Delete(limited(t)))
	if schema == nil {
		return
	}
	s, err := wanted(spec)
	must(t, err)
	must(t, table.Create(limited(t), &bq.TableMetadata{Schema: schema(s),
		TimePartitioning: &bq.TimePartitioning{Type: bq.DayPartitioningType, Field: spec.Time}}))
}
