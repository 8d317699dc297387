// SPDX-License-Identifier: Apache-2.0

package googlesql

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// parameters are those of the templates, and of BigQuery's scheduled queries (run_date, run_time).
var parameters = map[string]string{
	"start": "TIMESTAMP", "until": "TIMESTAMP", "first_day": "DATE", "last_day": "DATE", "first_version": "DATE",
	"last_version": "DATE",
	"habit":        "INT64", "lag": "INT64", "how_many": "INT64", "run_date": "DATE", "run_time": "TIMESTAMP",
}

// ownViews are the views beside those that remove a table's duplicates.
var ownViews = []string{
	"excluded_days_v", "incidents", "person_timeline", "detector_health", "sign_outs", "org_overview", "false_positives",
	"common_causes",
}

// warehouse knows every table by its generated schema, and the views.
func warehouse(t *testing.T) *Analyzer {
	t.Helper()
	a, err := New(parameters)
	if err != nil {
		t.Fatal(err)
	}
	var tables []struct{ Table, Schema string }
	if err := json.Unmarshal(read(t, "../bigquery/tables.json"), &tables); err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if err := a.AddTable("aer."+table.Table, read(t, "../bigquery/"+table.Schema)); err != nil {
			t.Fatal(err)
		}
	}
	kinds, err := a.Analyze(string(read(t, "../sql/bigquery/views.sql")))
	if err != nil {
		t.Fatalf("views.sql: %v", err)
	}
	if want := len(tables) + len(ownViews); len(kinds) != want {
		t.Errorf("views.sql has %d statements, want %d: a view for each table, and %v", len(kinds), want, ownViews)
	}
	return a
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestEveryBigQueryFileResolves: each statement that is meant for BigQuery names tables, columns and functions that
// exist, with types that fit.
func TestEveryBigQueryFileResolves(t *testing.T) {
	a := warehouse(t)
	files, err := filepath.Glob("../sql/bigquery/*.sql")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		if filepath.Base(file) == "views.sql" {
			continue // by warehouse
		}
		kinds, err := a.Analyze(string(read(t, file)))
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(file), err)
		}
		if len(kinds) == 0 {
			t.Errorf("%s has no statement", filepath.Base(file))
		}
	}
}

// TestDialectCasesResolve: the queries that are executed in DuckDB with the results that BigQuery's documentation
// gives.
func TestDialectCasesResolve(t *testing.T) {
	text := string(read(t, "testdata/dialect.sql"))
	kinds, err := warehouse(t).Analyze(text)
	if err != nil {
		t.Error(err)
	}
	if cases := strings.Count(text, ";\n"); len(kinds) != cases || cases < 30 {
		t.Errorf("%d of %d cases resolved", len(kinds), cases)
	}
}

// TestScheduledScriptsNeverRewriteABaseline: what they do to baseline tables is insert, all within one transaction.
func TestScheduledScriptsNeverRewriteABaseline(t *testing.T) {
	a := warehouse(t)
	for _, name := range []string{"daily", "hourly"} {
		text := string(read(t, "../sql/bigquery/scheduled_"+name+".sql"))
		kinds, err := a.Analyze(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if n := len(kinds); n < 5 || kinds[0] != "BeginStmt" || kinds[n-1] != "CommitStmt" {
			t.Errorf("%s is not one transaction: %v", name, kinds)
		}
		for _, kind := range kinds[1 : len(kinds)-1] {
			if kind != "DeleteStmt" && kind != "InsertStmt" {
				t.Errorf("%s has a %s", name, kind)
			}
		}
		if n := strings.Count(text, "DELETE FROM"); n != strings.Count(text, "DELETE FROM `aer.activity_") {
			t.Errorf("%s deletes from another table than activity_hourly and activity_daily", name)
		}
	}
}

// TestMistakesAreFound breaks a query that resolves in one way each: the analysis would be worth nothing if it let them
// pass.
func TestMistakesAreFound(t *testing.T) {
	a := warehouse(t)
	sound := string(read(t, "../sql/bigquery/activity_hourly.sql"))
	for _, c := range []struct{ name, old, new, want string }{
		{"a column that is not there", "SUM(download_bytes)", "SUM(downloaded_bytes)", "Unrecognized name: downloaded_bytes"},
		{"a field of a struct that is not there", "m.rate_limited", "m.rate_limits",
			"Field name rate_limits does not exist in STRUCT"},
		{"a table that is not there", "`aer.activity_v`", "`aer.activities_v`", "Table not found"},
		{"a type that does not fit", "time >= @start", "time >= 'yesterday, or so'", "TIMESTAMP"},
		{"a sum of text", "SUM(events)", "SUM(org_id)", "No matching signature for aggregate function SUM"},
		{"a function that is not there", "TIMESTAMP_MILLIS(t.hour_number", "to_timestamp(t.hour_number",
			"Function not found: to_timestamp"},
		{"a parameter that is not there", "@until", "@end", "Query parameter"},
		{"a column that is not grouped", "GROUP BY org_id, user_id, hour_number, five", "GROUP BY org_id, user_id, five",
			"neither grouped nor aggregated"},
	} {
		broken := strings.Replace(sound, c.old, c.new, 1)
		if broken == sound {
			t.Errorf("%s: %q is not in the query", c.name, c.old)
			continue
		}
		if _, err := a.Analyze(broken); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", c.name, err, c.want)
		}
	}
}

// TestChangedSchemaIsFound: it is the schemas that queries are held against, so a field that changes its type is
// noticed.
func TestChangedSchemaIsFound(t *testing.T) {
	a, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	schema := `[{"name":"events","type":"INTEGER","mode":"NULLABLE"},{"name":"seen","type":"RECORD","mode":"REPEATED","fields":[{"name":"at","type":"TIMESTAMP"}]}]`
	if err := a.AddTable("aer.t", []byte(schema)); err != nil {
		t.Fatal(err)
	}
	if err := a.AddTable("aer.u", []byte(strings.ReplaceAll(schema, "INTEGER", "STRING"))); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Analyze(
		"SELECT SUM(events) FROM `aer.t` AS t CROSS JOIN UNNEST(t.seen) AS s WHERE s.at < CURRENT_TIMESTAMP()"); err != nil {
		t.Error(err)
	}
	if _, err := a.Analyze("SELECT SUM(events) FROM `aer.u`"); err == nil {
		t.Error("a sum of STRING was resolved")
	}
	if err := a.AddTable("aer.v", []byte(`[{"name":"x","type":"MONEY"}]`)); err == nil ||
		!strings.Contains(err.Error(), `unknown type "MONEY"`) {
		t.Errorf("a schema with an unknown type: %v", err)
	}
}
