// SPDX-License-Identifier: Apache-2.0

// Package sqlgen renders the warehouse's SQL for the dialect that will run it: one template source, two databases.
package sqlgen

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"text/template"

	"github.com/aer-project/aer/schemas"
	"github.com/aer-project/aer/sinks/warehouse"
)

// Dialect is a database's SQL.
type Dialect string

// The dialects.
const (
	BigQuery Dialect = "bigquery"
	DuckDB   Dialect = "duckdb"
)

// DefaultDataset is the BigQuery dataset that renderings name unless told otherwise.
const DefaultDataset = "aer"

// Renderer renders templates for one dialect.
type Renderer struct {
	Dialect Dialect
	// Dataset qualifies tables in BigQuery: "dataset" or "project.dataset". DuckDB has no use for it.
	Dataset string
	// Parts, if set, are what DuckDB reads instead of activity and activity_hourly: relations without duplicates, by the
	// names of lib_activity.sql.tmpl, and activity_hourly. In them and in what is rendered a number (person) stands for
	// organisation and user, and in client_uses one (client) for the columns of clients.
	Parts map[string]string
	// HabitDays, if set, is the length of the history: no person has more values of one kind.
	HabitDays int
	// values are expressions that stand where a parameter of that name would.
	values map[string]string
	// memoryDays replaces MemoryDays; nil does not.
	memoryDays *int
}

// DefaultHabitDays is four weeks: every weekday four times, and short enough to follow people who change.
const DefaultHabitDays = 28

// DefaultLagDays is the longest horizon of any detector: nothing that a detector still looks at has been learnt.
const DefaultLagDays = 7

// FingerprintDays is how far back TLS fingerprints are known: libraries are used by few people and not every week, old
// programs stay in use for years, and a library's fingerprint does not become a browser's.
const FingerprintDays = 5 * 365

// History is the days that a baseline table stands on, for a given habit and lag. Fingerprints need no lag, because one
// visit does not make one known, and a new release of a browser should be known as soon as it is used.
func History(table warehouse.Table, habitDays, lagDays int) (habit, lag int) {
	if table == warehouse.BaselinesFingerprint {
		return max(habitDays, FingerprintDays), 0
	}
	return habitDays, lagDays
}

// Render renders a template of schemas/sql by its name without extension, with the default dataset.
func Render(name string, dialect Dialect) (string, error) {
	return Renderer{Dialect: dialect, Dataset: DefaultDataset}.Render(name, nil)
}

// Render renders a template with data, which only the templates of views and tests use.
func (r Renderer) Render(name string, data any) (string, error) {
	funcs, err := r.funcs()
	if err != nil {
		return "", err
	}
	t, err := template.New("").Funcs(funcs).Option("missingkey=error").ParseFS(schemas.SQL, "sql/*.sql.tmpl")
	if err != nil {
		return "", fmt.Errorf("parsing SQL templates: %w", err)
	}
	return execute(t, name+".sql.tmpl", data)
}

// RenderText renders a template given as text: for queries of tools and for tests of the dialect functions.
func (r Renderer) RenderText(text string) (string, error) {
	funcs, err := r.funcs()
	if err != nil {
		return "", err
	}
	t, err := template.New("text").Funcs(funcs).Option("missingkey=error").Parse(text)
	if err != nil {
		return "", fmt.Errorf("parsing SQL template: %w", err)
	}
	return execute(t, "text", nil)
}

func execute(t *template.Template, name string, data any) (string, error) {
	if t.Lookup(name) == nil {
		return "", fmt.Errorf("no SQL template %q; there are: %s", strings.TrimSuffix(name, ".sql.tmpl"),
			strings.Join(Names(), ", "))
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, name, data); err != nil {
		return "", fmt.Errorf("rendering SQL %s: %w", name, err)
	}
	return strings.TrimSpace(out.String()) + "\n", nil
}

// Names lists the templates of queries: those of views and the library of shared definitions are left out.
func Names() []string {
	files, err := fs.Glob(schemas.SQL, "sql/*.sql.tmpl")
	if err != nil {
		return nil // only a malformed pattern
	}
	var out []string
	for _, f := range files {
		name := strings.TrimSuffix(path.Base(f), ".sql.tmpl")
		if !strings.HasPrefix(name, viewPrefix) && !strings.HasPrefix(name, "lib_") {
			out = append(out, name)
		}
	}
	return out
}
