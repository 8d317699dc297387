// SPDX-License-Identifier: Apache-2.0

package sqlgen

import (
	"fmt"

	"github.com/aer-project/aer/sinks/warehouse"
)

// File is a generated file, named relative to schemas/.
type File struct {
	Name    string
	Content []byte
}

// header starts generated SQL; "rendered" and not "generated code" because people are meant to read and run it.
const header = "-- Rendered from schemas/sql and the protos by go generate ./schemas. Do not edit.\n\n"

// Files renders everything that is kept in the repository: table schemas, table definitions, views and queries of both
// dialects. docs are the comments of the protos.
func Files(docs map[string]string) ([]File, error) {
	list, err := BigQueryTables()
	if err != nil {
		return nil, err
	}
	files := []File{{"bigquery/tables.json", list}}
	ddl := header
	for _, s := range warehouse.Specs() {
		raw, err := BigQuerySchema(s, docs)
		if err != nil {
			return nil, err
		}
		files = append(files, File{fmt.Sprintf("bigquery/%s.json", s.Name), raw})
		create, err := CreateDuckDB(s)
		if err != nil {
			return nil, err
		}
		ddl += create + "\n"
	}
	files = append(files, File{"sql/duckdb/tables.sql", []byte(ddl)})
	for _, d := range []Dialect{BigQuery, DuckDB} {
		more, err := sqlFiles(Renderer{Dialect: d, Dataset: DefaultDataset})
		if err != nil {
			return nil, err
		}
		files = append(files, more...)
	}
	return scheduledFiles(files)
}

// scheduledFiles adds the scripts for BigQuery's scheduled queries.
func scheduledFiles(files []File) ([]File, error) {
	daily, err := Schedule{}.Daily()
	if err != nil {
		return nil, err
	}
	hourly, err := Schedule{}.Hourly()
	if err != nil {
		return nil, err
	}
	return append(files, File{"sql/bigquery/scheduled_daily.sql", []byte(header + daily)},
		File{"sql/bigquery/scheduled_hourly.sql", []byte(header + hourly)}), nil
}

func sqlFiles(r Renderer) ([]File, error) {
	views, err := r.CreateViews()
	if err != nil {
		return nil, err
	}
	files := []File{{fmt.Sprintf("sql/%s/views.sql", r.Dialect), []byte(header + views)}}
	for _, name := range Names() {
		text, err := r.Render(name, nil)
		if err != nil {
			return nil, err
		}
		files = append(files, File{fmt.Sprintf("sql/%s/%s.sql", r.Dialect, name), []byte(header + text)})
	}
	return files, nil
}
