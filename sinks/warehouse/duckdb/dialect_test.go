// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package duckdb

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/aer-project/aer/sinks/warehouse/sqlgen"
	"github.com/aer-project/aer/sinks/warehouse/sqlgen/sqlgentest"
)

// TestDialectFunctions runs the DuckDB rendering of each function on rows whose result can be checked by hand. What
// BigQuery makes of its rendering of the same line is the same text, by the documentation that the case cites.
func TestDialectFunctions(t *testing.T) {
	db := openFile(t, "")
	for _, c := range sqlgentest.Cases {
		t.Run(c.Name, func(t *testing.T) {
			query, err := sqlgen.Renderer{Dialect: sqlgen.DuckDB}.RenderText(c.Query)
			if err != nil {
				t.Fatal(err)
			}
			if got := texts(t, db, query); !slices.Equal(got, c.Want) {
				t.Errorf("got %q, want %q\n%s", got, c.Want, query)
			}
		})
	}
}

// TestQuantilesAreRanks: for every size up to 200, DuckDB picks the rank that the BigQuery rendering computes, ceil(n q
// / 1000) in double precision.
func TestQuantilesAreRanks(t *testing.T) {
	db := openFile(t, "")
	for _, perMille := range []int{500, 900, 950, 990, 999} {
		template := fmt.Sprintf(
			`SELECT CONCAT({{text "n"}}, ' ', {{text (exactQuantile "x" %d)}}) FROM (SELECT b.n AS n, a.n AS x FROM numbers AS a JOIN numbers AS b ON a.n <= b.n) AS r GROUP BY n ORDER BY n`, perMille)
		if perMille != 950 { // not among those that quantiles gathers
			template = fmt.Sprintf(
				`SELECT CONCAT({{text "n"}}, ' ', {{text "lower"}}, ' ', {{text (quantileAt "q" %[1]d)}}) FROM (SELECT n, {{exactQuantile "x" %[1]d}} AS lower, {{quantiles "x"}} AS q FROM (SELECT b.n AS n, a.n AS x FROM numbers AS a JOIN numbers AS b ON a.n <= b.n) AS r GROUP BY n) AS s ORDER BY n`, perMille)
		}
		query, err := sqlgen.Renderer{Dialect: sqlgen.DuckDB}.RenderText(
			"WITH one AS (SELECT 1 AS one), numbers AS (SELECT n FROM {{unnestInts \"one\" \"s\" 1 200 \"n\"}}) " + template)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for n := 1; n <= 200; n++ {
			rank := int(math.Ceil(float64(n*perMille) / 1000))
			line := fmt.Sprint(n, " ", rank)
			if perMille != 950 {
				line += fmt.Sprint(" ", rank)
			}
			want = append(want, line)
		}
		equal(t, fmt.Sprint(perMille, " per mille"), texts(t, db, query), want...)
	}
}

// TestQuantilesOfAShortHistoryAreTheSame: counting from the top gives what sorting all values gives.
func TestQuantilesOfAShortHistoryAreTheSame(t *testing.T) {
	db := openFile(t, "")
	for _, habitDays := range []int{1, 19, 20, 28, 39, 40, 79, 80, 200} {
		query, err := sqlgen.Renderer{Dialect: sqlgen.DuckDB, HabitDays: habitDays}.RenderText(fmt.Sprintf(
			`WITH n AS (SELECT n FROM {{unnestInts "(SELECT 1)" "s" 1 %d "n"}}), v AS (SELECT n.n, hash(m.n) %% 50 AS x FROM n JOIN n AS m ON m.n <= n.n)
SELECT CONCAT(n, ' ', {{exactQuantile "x" 950}}, ' ', quantile_disc(x, 0.95)) FROM v GROUP BY n`, habitDays))
		if err != nil {
			t.Fatal(err)
		}
		rows := texts(t, db, query)
		if len(rows) != habitDays {
			t.Errorf("%d days: %d rows", habitDays, len(rows))
		}
		for _, row := range rows {
			if f := strings.Fields(row); len(f) != 3 || f[1] != f[2] {
				t.Errorf("%d days: %q", habitDays, row)
			}
		}
	}
}
