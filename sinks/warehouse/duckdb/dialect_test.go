//go:build cgo

package duckdb

import (
	"slices"
	"testing"

	"github.com/aer-project/aer/sinks/warehouse/sqlgen"
)

// TestDialectFunctions runs the DuckDB rendering of each function on rows whose result can be checked by hand. What BigQuery
// makes of its rendering of the same line must be the same text.
func TestDialectFunctions(t *testing.T) {
	db := openFile(t, "")
	for _, c := range []struct {
		name, query string
		want        []string
	}{
		{"int", `SELECT {{text (int "SUM(x)")}} FROM (SELECT 1 AS x UNION ALL SELECT 2) AS r`, []string{"3"}},
		{"float", `SELECT {{text (float "3")}}`, []string{"3.0"}},
		{"str quotes", `SELECT {{str "it's"}}`, []string{"it's"}},
		{"q quotes reserved words", `SELECT {{q "end"}} FROM (SELECT 'x' AS {{q "end"}}) AS r`, []string{"x"}},
		{"div rounds down", `SELECT {{text (div "599999" "300000")}}`, []string{"1"}},
		{"trunc to the hour", `SELECT {{text (trunc "HOUR" "TIMESTAMP '2024-02-29 13:59:59.999'")}}`, []string{"2024-02-29 13:00:00"}},
		{"trunc to the day", `SELECT {{text (trunc "DAY" "TIMESTAMP '2024-02-29 13:59:59'")}}`, []string{"2024-02-29 00:00:00"}},
		{"addDays over a leap day", `SELECT {{dayText (addDays "DATE '2024-02-28'" 2)}}`, []string{"2024-03-01"}},
		{"addDays backwards", `SELECT {{dayText (addDays "DATE '2024-03-01'" -1)}}`, []string{"2024-02-29"}},
		{"addDays takes an expression", `SELECT {{dayText (addDays "d" "-n - 1")}} FROM (SELECT DATE '2024-03-08' AS d, 7 AS n) AS r`, []string{"2024-02-29"}},
		{"dayNumber", `SELECT {{text (dayNumber "DATE '1970-01-08'")}}`, []string{"7"}},
		{"dayText pads", `SELECT {{dayText "DATE '0987-01-02'"}}`, []string{"0987-01-02"}},
		{"unnest", `WITH r AS (SELECT [1, 2] AS a, 'x' AS b) SELECT s.b || {{text "e"}} FROM {{unnest "r" "s" "a" "e"}} ORDER BY 1`, []string{"x1", "x2"}},
		{"unnest of structs", `WITH r AS (SELECT {{structs "n, c" "n"}} AS a FROM (SELECT 7 AS n, 'x' AS c) AS q) SELECT e.c FROM {{unnest "r" "s" "a" "e"}} WHERE e.n = 7`, []string{"x"}},
		{"unnest of no or an empty array gives no row", `WITH r AS (SELECT [1] AS a UNION ALL SELECT NULL UNION ALL SELECT []) SELECT {{text "e"}} FROM {{unnest "r" "s" "a" "e"}}`, []string{"1"}},
		{"unnestDays includes both ends", `WITH r AS (SELECT DATE '2024-02-28' AS f) SELECT {{dayText "d"}} FROM {{unnestDays "r" "s" "f" (addDays "f" 2) "d"}} ORDER BY 1`,
			[]string{"2024-02-28", "2024-02-29", "2024-03-01"}},
		{"unnestDays backwards gives no row", `WITH r AS (SELECT DATE '2024-02-28' AS f) SELECT {{dayText "d"}} FROM {{unnestDays "r" "s" "f" (addDays "f" -1) "d"}}`, nil},
		{"last", `SELECT {{text (last "a")}} FROM (SELECT [3, 1, 2] AS a) AS r`, []string{"2"}},
		{"structs are sorted and named", `SELECT {{text "e.n"}} || e.name FROM (SELECT {{last "a"}} AS e FROM (SELECT {{structs "n, name" "n"}} AS a FROM (SELECT 'b' AS name, 2 AS n UNION ALL SELECT 'a', 30 UNION ALL SELECT 'c', 4) AS r) AS s) AS t`, []string{"30a"}},
		{"quantiles of four: rank ceil(0.5 n) and the largest", `SELECT {{text (quantileAt "q" 500)}} || ' ' || {{text (quantileAt "q" 990)}} FROM (SELECT {{quantiles "x"}} AS q FROM (SELECT 1 AS x UNION ALL SELECT 2 UNION ALL SELECT 30 UNION ALL SELECT 40) AS r) AS s`, []string{"2 40"}},
		{"exactQuantile: rank ceil(0.95 n)", `SELECT {{text (exactQuantile "x" 950)}} FROM (SELECT d.x AS x FROM (SELECT 1 AS one) AS r CROSS JOIN (SELECT unnest(range(1, 21)) AS x) AS d) AS s`, []string{"19"}},
		{"exactQuantile of nineteen is the largest", `SELECT {{text (exactQuantile "x" 950)}} FROM (SELECT unnest(range(1, 20)) AS x) AS s`, []string{"19"}},
		{"largest", `SELECT {{text (largest "x" 2)}} FROM (SELECT 5 AS x UNION ALL SELECT 9 UNION ALL SELECT 7) AS r`, []string{"7"}},
		{"largest counts equals", `SELECT {{text (largest "x" 2)}} FROM (SELECT 9 AS x UNION ALL SELECT 9 UNION ALL SELECT 7) AS r`, []string{"9"}},
		{"largest of too few is NULL", `SELECT COALESCE({{text (largest "x" 2)}}, 'none') FROM (SELECT 5 AS x) AS r`, []string{"none"}},
		{"hash01 of the smallest", `SELECT {{text (hash01 "h")}} FROM (SELECT 0 AS h) AS r`, []string{"0.0"}},
		{"hash01 keeps the unsigned order", `SELECT {{text (hash01 "h")}} FROM (SELECT {{int "4611686018427387904"}} AS h UNION ALL SELECT {{int "-4611686018427387904"}}) AS r ORDER BY 1`, []string{"0.25", "0.75"}},
		{"join and table are text", `SELECT '{{join (args "a" "b")}} {{table "activity"}} {{view "activity"}}'`, []string{"a, b activity activity_v"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			query, err := sqlgen.Renderer{Dialect: sqlgen.DuckDB}.RenderText(c.query)
			if err != nil {
				t.Fatal(err)
			}
			if got := texts(t, db, query); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q\n%s", got, c.want, query)
			}
			if _, err := (sqlgen.Renderer{Dialect: sqlgen.BigQuery, Dataset: "aer"}).RenderText(c.query); err != nil {
				t.Errorf("BigQuery rendering: %v", err)
			}
		})
	}
}
