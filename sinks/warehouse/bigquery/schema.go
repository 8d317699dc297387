// SPDX-License-Identifier: Apache-2.0

package bigquery

import (
	"encoding/json"
	"fmt"
	"slices"

	bq "cloud.google.com/go/bigquery"

	"github.com/aer-project/aer/schemas"
	"github.com/aer-project/aer/sinks/warehouse"
)

// wanted is a table's schema as this version writes it, from the generated file, with the descriptions.
func wanted(spec warehouse.Spec) (bq.Schema, error) {
	raw, err := schemas.BigQuery.ReadFile(fmt.Sprintf("bigquery/%s.json", spec.Name))
	if err != nil {
		return nil, fmt.Errorf("reading the schema of table %s: %w", spec.Name, err)
	}
	var fields []field
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, fmt.Errorf("reading the schema of table %s: %w", spec.Name, err)
	}
	return schemaOf(fields), nil
}

// field is a column in the generated file. The client's own reader renames types, which an emulator does not know.
type field struct {
	Name, Type, Mode, Description string
	Fields                        []field
}

func schemaOf(fields []field) (out bq.Schema) {
	for _, f := range fields {
		out = append(out, &bq.FieldSchema{Name: f.Name, Type: bq.FieldType(f.Type), Repeated: f.Mode == "REPEATED",
			Description: f.Description, Schema: schemaOf(f.Fields)})
	}
	return out
}

// typeNames are the names that BigQuery gives types besides those of our files.
var typeNames = map[bq.FieldType]bq.FieldType{
	"FLOAT": "FLOAT64", "INT64": "INTEGER", "BOOL": "BOOLEAN", "STRUCT": "RECORD",
}

// typeOf says a column's type in one way.
func typeOf(f *bq.FieldSchema) string {
	t := f.Type
	if other, ok := typeNames[t]; ok {
		t = other
	}
	switch {
	case f.Repeated:
		return fmt.Sprintf("%s REPEATED", t)
	case f.Required:
		return fmt.Sprintf("%s REQUIRED", t)
	}
	return string(t)
}

// difference is what a live table lacks, and what stands in its way.
type difference struct {
	// Missing and Refused are columns, nested ones as "evidence.signs.code". Refused ones have another type than the one
	// that this version writes: was and is.
	Missing []string
	Refused []refusal
}

type refusal struct{ Column, Live, Wanted string }

// merge adds to a live schema what is wanted besides, at the end as BigQuery does, and describes its columns as wanted.
// Columns that only the live table has are left as they are: another version may write them.
func merge(live, want bq.Schema, path string, d *difference) bq.Schema {
	out := slices.Clone(live)
	for _, w := range want {
		i := slices.IndexFunc(live, func(f *bq.FieldSchema) bool { return f.Name == w.Name })
		if i < 0 {
			d.Missing = append(d.Missing, path+w.Name)
			out = append(out, w)
			continue
		}
		have := *live[i]
		if got, should := typeOf(&have), typeOf(w); got != should {
			d.Refused = append(d.Refused, refusal{path + w.Name, got, should})
			continue
		}
		have.Description = w.Description
		have.Schema = merge(have.Schema, w.Schema, path+w.Name+".", d)
		out[i] = &have
	}
	return out
}
