// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package bigquery

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	bq "cloud.google.com/go/bigquery"
	"cloud.google.com/go/civil"

	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/duckdb"
	"github.com/aer-project/aer/sinks/warehouse/sqlgen"
	"github.com/aer-project/aer/sinks/warehouse/sqlgen/sqlgentest"
)

// both is one warehouse in two databases: what is appended goes to both, and what is asked is asked of both.
type both struct {
	duck    *duckdb.DB
	big     *Dataset
	writer  *Writer
	dataset string
}

func openBoth(t *testing.T, c Config) *both {
	t.Helper()
	duck, err := duckdb.Open(t.Context(), "", duckdb.Options{})
	must(t, err)
	t.Cleanup(func() { _ = duck.Close() })
	return &both{duck, prepared(t, c), open(t, c, Options{}), c.Dataset}
}

// parameter is a named parameter of a template: a time.Time is a TIMESTAMP, a civil.Date a DATE, an int an INT64.
type parameter struct {
	name  string
	value any
}

// ask runs a template's rendering in each database; it is a query without its ORDER BY, which does not matter.
func (b *both) ask(t *testing.T, render func(sqlgen.Renderer) (string, error), parameters ...parameter) (duck,
	big []string) {
	t.Helper()
	text, err := render(sqlgen.Renderer{Dialect: sqlgen.DuckDB})
	must(t, err)
	duck = duckRows(t, b.duck, "SELECT CAST(to_json(t) AS VARCHAR) FROM (\n"+text+"\n) AS t", ofDuckDB(text, parameters)...)
	text, err = render(sqlgen.Renderer{Dialect: sqlgen.BigQuery, Dataset: b.dataset})
	must(t, err)
	rows, _ := query(t, b.big, "SELECT TO_JSON_STRING(t) FROM (\n"+text+"\n) AS t", ofBigQuery(text, parameters)...)
	for _, r := range rows {
		big = append(big, r[0].(string))
	}
	return duck, big
}

// ofDuckDB and ofBigQuery are the parameters of a query, as its database takes them.
func ofDuckDB(text string, parameters []parameter) (out []any) {
	for _, p := range used(text, "$", parameters) {
		value := p.value
		if d, ok := value.(civil.Date); ok {
			value = d.In(time.UTC)
		}
		out = append(out, sql.Named(p.name, value))
	}
	return out
}

func ofBigQuery(text string, parameters []parameter) (out []bq.QueryParameter) {
	for _, p := range used(text, "@", parameters) {
		out = append(out, bq.QueryParameter{Name: p.name, Value: p.value})
	}
	return out
}

// used are those parameters that a query has.
func used(text, mark string, all []parameter) (out []parameter) {
	for _, p := range all {
		if strings.Contains(text, mark+p.name) {
			out = append(out, p)
		}
	}
	return out
}

func duckRows(t *testing.T, db *duckdb.DB, text string, named ...any) (out []string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	rows, err := db.SQL().QueryContext(ctx, text, named...)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		must(t, rows.Scan(&line))
		out = append(out, line)
	}
	must(t, rows.Err())
	return out
}

// same asks both and compares; it gives the number of rows.
func (b *both) same(t *testing.T, name string, render func(sqlgen.Renderer) (string, error),
	parameters ...parameter) int {
	t.Helper()
	duck, big := b.ask(t, render, parameters...)
	if diff := differ(t, duck, big); diff != "" {
		t.Errorf("%s: %d rows of DuckDB, %d of BigQuery (- only DuckDB, + only BigQuery):\n%s", name, len(duck), len(big), diff)
	}
	return len(duck)
}

// keep writes what a table's query gives into the table, in each database by itself.
func (b *both) keep(t *testing.T, table warehouse.Table, parameters ...parameter) {
	t.Helper()
	spec, err := warehouse.SpecOf(table)
	must(t, err)
	columns, err := spec.Columns()
	must(t, err)
	insert := func(r sqlgen.Renderer) string {
		text, err := r.Render(string(table), nil)
		must(t, err)
		var names []string
		for _, c := range columns {
			name, err := r.RenderText(`{{q "` + c.Name + `"}}`)
			must(t, err)
			names = append(names, strings.TrimSpace(name))
		}
		into, err := r.RenderText(fmt.Sprintf("{{table %q}}", table))
		must(t, err)
		list := strings.Join(names, ", ")
		return fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM (\n%s\n) AS made", strings.TrimSpace(into), list, list, text)
	}
	text := insert(sqlgen.Renderer{Dialect: sqlgen.DuckDB})
	_, err = b.duck.SQL().ExecContext(t.Context(), text, ofDuckDB(text, parameters)...)
	must(t, err)
	text = insert(sqlgen.Renderer{Dialect: sqlgen.BigQuery, Dataset: b.dataset})
	query(t, b.big, text, ofBigQuery(text, parameters)...)
}

func template(name string) func(sqlgen.Renderer) (string, error) {
	return func(r sqlgen.Renderer) (string, error) { return r.Render(name, nil) }
}

// TestIntegrationDialect runs each function of the dialect on rows whose result can be checked by hand.
func TestIntegrationDialect(t *testing.T) {
	d := prepared(t, emulator(t))
	for _, c := range sqlgentest.Cases {
		t.Run(c.Name, func(t *testing.T) {
			text, err := sqlgen.Renderer{Dialect: sqlgen.BigQuery, Dataset: d.config.Dataset}.RenderText(c.Query)
			must(t, err)
			rows, _ := query(t, d, text)
			var got []string
			for _, r := range rows {
				got = append(got, fmt.Sprint(r[0]))
			}
			if !slices.Equal(got, c.Want) {
				t.Errorf("got %q, want %q\n%s", got, c.Want, text)
			}
		})
	}
}

// TestIntegrationViews: on the same rows, every view gives the same in both databases.
func TestIntegrationViews(t *testing.T) {
	b := openBoth(t, emulator(t))
	newWorld(2).append(t, b)
	views, err := sqlgen.Renderer{Dialect: sqlgen.DuckDB}.Views()
	must(t, err)
	for _, v := range views {
		n := b.same(t, v.Name, func(r sqlgen.Renderer) (string, error) {
			return r.RenderText(fmt.Sprintf("SELECT * FROM {{table %q}}", v.Name))
		})
		if ours := slices.Contains([]string{"incidents", "sign_outs"}, v.Name); ours && n == 0 {
			t.Errorf("%s: no rows", v.Name)
		}
	}
}

// TestIntegrationQueries: on the same activity, the BigQuery rendering of every query gives row by row what the DuckDB
// rendering gives.
func TestIntegrationQueries(t *testing.T) {
	b := openBoth(t, emulator(t))
	world := newWorld(1)
	world.append(t, b)
	first, last := world.first, world.first.AddDate(0, 0, world.days)
	parameters := []parameter{
		{"start", first}, {"until", last}, {"first_day", civil.DateOf(first)},
		{"last_day", civil.DateOf(last.AddDate(0, 0, -1))}, {"first_version", civil.DateOf(last.AddDate(0, 0, -1))},
		{"last_version", civil.DateOf(last)}, {"habit", 28}, {"lag", 1}, {"how_many", 20},
	}
	// activity_hourly and activity_daily are what the others stand on.
	for _, table := range []warehouse.Table{warehouse.ActivityHourly, warehouse.ActivityDaily} {
		if n := b.same(t, string(table), template(string(table)), parameters...); n == 0 {
			t.Errorf("%s: no rows", table)
		}
		b.keep(t, table, parameters...)
	}
	for _, name := range sqlgen.Names() {
		if table := warehouse.Table(name); table == warehouse.ActivityHourly || table == warehouse.ActivityDaily {
			continue
		}
		if n := b.same(t, name, template(name), parameters...); n == 0 {
			t.Errorf("%s: no rows", name)
		}
	}
	b.forgetAttacks(t, parameters)
}

// TestIntegrationScheduled: the scheduled scripts leave the same rows in both databases, and again when they are
// repeated.
func TestIntegrationScheduled(t *testing.T) {
	b := openBoth(t, emulator(t))
	world := newWorld(3)
	world.append(t, b)
	last := world.first.AddDate(0, 0, world.days)
	for _, table := range []warehouse.Table{warehouse.ActivityHourly, warehouse.ActivityDaily} {
		b.keep(t, table, parameter{"start", world.first}, parameter{"until", last},
			parameter{"first_day", civil.DateOf(world.first)}, parameter{"last_day", civil.DateOf(last.AddDate(0, 0, -1))})
	}
	day := last.Format(time.DateOnly)
	duck := sqlgen.Schedule{Dialect: sqlgen.DuckDB, LagDays: 1, RunDate: "DATE '" + day + "'",
		RunTime: "TIMESTAMP '" + day + " 11:15:00'"}
	big := sqlgen.Schedule{Dialect: sqlgen.BigQuery, LagDays: 1, Dataset: b.dataset} // with the parameters that it sets
	run := []bq.QueryParameter{{Name: "run_date", Value: civil.DateOf(last)},
		{Name: "run_time", Value: last.Add(11*time.Hour + 15*time.Minute)}}
	for range 2 {
		for name, render := range map[string]func(sqlgen.Schedule) (string, error){"daily": sqlgen.Schedule.Daily,
			"hourly": sqlgen.Schedule.Hourly} {
			text, err := render(duck)
			must(t, err)
			if _, err := b.duck.SQL().ExecContext(t.Context(), text); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			text, err = render(big)
			must(t, err)
			query(t, b.big, text, run...)
		}
		for _, s := range warehouse.Specs() {
			n := b.same(t, string(s.Name), func(r sqlgen.Renderer) (string, error) {
				return r.RenderText(fmt.Sprintf("SELECT * FROM {{table %q}}", s.Name))
			})
			if made := strings.HasPrefix(string(s.Name), "baselines"); made && n == 0 {
				t.Errorf("%s: no rows", s.Name)
			}
		}
	}
}

// forgetAttacks: attacks do not teach, in either database. The same activity, of which nobody knows any more what was
// an attack, teaches people's habits more days.
func (b *both) forgetAttacks(t *testing.T, parameters []parameter) {
	t.Helper()
	excluded := func(r sqlgen.Renderer) (string, error) { return r.RenderText(`SELECT * FROM {{view "excluded_days"}}`) }
	if n := b.same(t, "excluded days", excluded); n == 0 {
		t.Error("no day is excluded")
	}
	days := func(r sqlgen.Renderer) (string, error) {
		habits, err := r.Render(string(warehouse.BaselinesUser), nil)
		return "SELECT SUM(days) AS days FROM (\n" + habits + "\n) AS habits", err
	}
	before, _ := b.ask(t, days, parameters...)
	if _, err := b.duck.SQL().ExecContext(t.Context(), "DELETE FROM anomalies"); err != nil {
		t.Fatal(err)
	}
	query(t, b.big, fmt.Sprintf("DELETE FROM `%s.anomalies` WHERE TRUE", b.dataset))
	b.same(t, "habits without anomalies", template(string(warehouse.BaselinesUser)), parameters...)
	after, big := b.ask(t, days, parameters...)
	if diff := differ(t, after, big); diff != "" || after[0] == before[0] {
		t.Errorf("days learnt: %s with attacks known, %s without, in BigQuery %s", before, after, big)
	}
	t.Logf("days learnt with attacks known %s, without %s", before, after)
}
