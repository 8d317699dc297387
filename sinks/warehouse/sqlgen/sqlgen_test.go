// SPDX-License-Identifier: Apache-2.0

package sqlgen

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aer-project/aer/schemas"
	"github.com/aer-project/aer/sinks/warehouse"
)

// TestGeneratedFilesAreCurrent compares what the protos and templates give now with what is committed.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	docs, err := schemas.Comments()
	if err != nil {
		t.Fatal(err)
	}
	files, err := Files(docs)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		got, err := os.ReadFile(filepath.Join("../../../schemas", f.Name))
		if err != nil {
			t.Errorf("%v: run go generate ./schemas", err)
		} else if !bytes.Equal(got, f.Content) {
			t.Errorf("schemas/%s is not what the protos and templates give: run go generate ./schemas", f.Name)
		}
	}
}

func TestCommentsOfProtosAreFound(t *testing.T) {
	docs, err := schemas.Comments()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"aer.v1.Anomaly.known_at": "Event time at which the evidence was complete: the event's own time in the " +
			"fast lane, else the end of the window. Decisions about a user are taken in this order.",
		"aer.v1.Anomaly":                     "Anomaly is a detector's finding about one user, with its evidence.",
		"aer.v1.Decision.Outcome.PERSISTING": "Responds and escalates.",
		"aer.v1.Event.id":                    "", // has none, and is no column
		"aer.v1.ActivityHour.hour":           "Start of the hour.",
		"aer.v1.Settings.detectors":          "By anomaly type.",
		"aer.v1.ObjectSet.hashes":            "The smallest hashes, sorted, at most 256.",
	} {
		if got := docs[name]; got != want {
			t.Errorf("comment of %s: %q, want %q", name, got, want)
		}
	}
}

// TestEveryColumnIsDescribed: what analysts see of a column is the comment above its field, so that one without is no
// column.
func TestEveryColumnIsDescribed(t *testing.T) {
	docs, err := schemas.Comments()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range warehouse.Specs() {
		if _, err := BigQuerySchema(s, docs); err != nil {
			t.Error(err)
		}
	}
	delete(docs, "aer.v1.Sign.weight")
	anomalies, err := warehouse.SpecOf(warehouse.Anomalies)
	if err != nil {
		t.Fatal(err)
	}
	_, err = BigQuerySchema(anomalies, docs)
	if want := "describing table anomalies: column weight has no description: write a comment above aer.v1.Sign.weight"; err ==
		nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// duckDBOnly are words that BigQuery does not have; their presence means that a template forgot a dialect function.
var duckDBOnly = regexp.MustCompile(
	`::|\$\w|//|\b(list|list_sort|quantile_disc|generate_series|date_trunc|date_diff|strftime|len|DOUBLE|VARCHAR|BIGINT|ILIKE|EXCLUDE)\b`)

func TestBigQueryRenderingHasNoDuckDBInIt(t *testing.T) {
	r := Renderer{Dialect: BigQuery, Dataset: "project.dataset"}
	texts := map[string]string{}
	for _, name := range Names() {
		text, err := r.Render(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = text
	}
	views, err := r.CreateViews()
	if err != nil {
		t.Fatal(err)
	}
	texts["views"] = views
	for name, text := range texts {
		for line := range strings.Lines(text) {
			code, _, _ := strings.Cut(line, "--")
			if word := duckDBOnly.FindString(code); word != "" {
				t.Errorf("%s: %q in %s", name, word, strings.TrimSpace(line))
			}
			if strings.Contains(code, `"`) {
				t.Errorf("%s: double quotes are strings in BigQuery: %s", name, strings.TrimSpace(line))
			}
		}
	}
	if !strings.Contains(texts["activity_hourly"], "`project.dataset.activity_v`") {
		t.Error("tables are not qualified with the dataset")
	}
}

// TestBigQueryTablesExist: whatever a query reads is a table, its view, or excluded_days_v.
func TestBigQueryTablesExist(t *testing.T) {
	known := map[string]bool{"excluded_days_v": true}
	for _, s := range warehouse.Specs() {
		known[string(s.Name)], known[s.View()] = true, true
	}
	for _, name := range Names() {
		text, err := Render(name, BigQuery)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("`aer\\.(\\w+)`").FindAllStringSubmatch(text, -1) {
			if !known[m[1]] {
				t.Errorf("%s reads %q, which is no table", name, m[1])
			}
		}
	}
}

func TestErrorsSayWhatWouldBeRight(t *testing.T) {
	for _, c := range []struct {
		name    string
		dialect Dialect
		want    string
	}{
		{"activity_hourly", "postgres", `unknown SQL dialect "postgres": want "bigquery" or "duckdb"`},
		{"baseline_org", DuckDB,
			`no SQL template "baseline_org"; there are: activity_daily, activity_hourly, baselines_client`},
	} {
		_, err := Render(c.name, c.dialect)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Render(%q, %q): %v, want %q in it", c.name, c.dialect, err, c.want)
		}
	}
	if _, err := (Renderer{Dialect: DuckDB}).RenderText(`{{quantileAt "q" 123}}`); err == nil {
		t.Error("a quantile that is not gathered was rendered")
	}
	if _, err := (Renderer{Dialect: DuckDB}).RenderText(`{{structs "a, b" "b"}}`); err == nil {
		t.Error("structs were to be sorted by a column that is not the first")
	}
}

func TestSpecsHaveDocs(t *testing.T) {
	for _, s := range warehouse.Specs() {
		if s.Doc == "" || s.Time == "" || len(s.Cluster) == 0 || len(s.Key) == 0 {
			t.Errorf("%s lacks a description, partition, clustering or key: %+v", s.Name, s)
		}
	}
}
