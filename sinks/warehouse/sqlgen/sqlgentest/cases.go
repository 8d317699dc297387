// SPDX-License-Identifier: Apache-2.0

// Package sqlgentest holds queries whose result can be checked by hand: at least one for each dialect function of
// package sqlgen.
//
// The DuckDB rendering of each is executed and must give Want. The BigQuery rendering is resolved by GoogleSQL (module
// schemas/googlesql), and Says is what the documentation of GoogleSQL for BigQuery states about the functions in it,
// from which the same Want follows.
package sqlgentest

import (
	"strings"

	"github.com/aer-project/aer/sinks/warehouse/sqlgen"
)

// Case is one query with one column of text. Text is made of whole numbers, booleans and strings only: the dialects
// print other values differently.
type Case struct {
	Name string
	// Query is a template.
	Query string
	Want  []string
	// Says is the documented semantics, after the page it is from.
	Says string
}

// BigQueryFile is where the rendering of BigQuery is kept, relative to schemas/.
const BigQueryFile = "googlesql/testdata/dialect.sql"

// BigQuery renders all cases as a script: one statement each, below its name and what the documentation says.
func BigQuery() ([]byte, error) {
	var out strings.Builder
	out.WriteString("-- Rendered from sinks/warehouse/sqlgen/sqlgentest by go generate ./schemas. Do not edit.\n")
	r := sqlgen.Renderer{Dialect: sqlgen.BigQuery, Dataset: sqlgen.DefaultDataset}
	for _, c := range Cases {
		text, err := r.RenderText(c.Query)
		if err != nil {
			return nil, err
		}
		out.WriteString("\n-- " + c.Name + ": " + strings.Join(c.Want, ", ") + ".\n-- " + c.Says + "\n" +
			strings.TrimSpace(text) + ";\n")
	}
	return []byte(out.String()), nil
}

// Documentation pages of GoogleSQL for BigQuery.
const (
	conversion  = "Conversion functions: "
	mathematics = "Mathematical functions: "
	dates       = "Date functions: "
	timestamps  = "Timestamp functions: "
	arrays      = "Array functions: "
	aggregates  = "Aggregate functions: "
	approximate = "Approximate aggregate functions: "
	queries     = "Query syntax: "
	operators   = "Operators: "
	lexical     = "Lexical structure: "
)

// Cases are all queries.
var Cases = []Case{
	{"int of a sum", `SELECT {{text (int "SUM(x)")}} FROM (SELECT 1 AS x UNION ALL SELECT 2) AS r`, []string{"3"},
		aggregates + "SUM of INT64 is INT64 (DuckDB's is HUGEINT, hence int)."},
	{"int of a whole float", `SELECT {{text (int "ROUND(x)")}} FROM (SELECT {{float "2.5"}} AS x) AS r`, []string{"3"},
		mathematics +
			"ROUND rounds halfway cases away from zero. CAST AS INT64 would too, and DuckDB's would not: round first."},
	{"float divides", `SELECT {{text (int (print (float "7") " / 2 * 10"))}}`, []string{"35"},
		operators + "the division of INT64 and of FLOAT64 is FLOAT64."},
	{"safeDiv", `SELECT {{text (int (print (safeDiv "7" "2") " * 10"))}}`, []string{"35"},
		mathematics + "SAFE_DIVIDE is the division operator, of INT64 FLOAT64 as well."},
	{"safeDiv by zero", `SELECT {{text (print (safeDiv "a" "b") " IS NULL")}} FROM (SELECT 7 AS a, 0 AS b) AS r`,
		[]string{"true"},
		mathematics + "SAFE_DIVIDE returns NULL if an error occurs, such as a division by zero."},
	{"div", `SELECT {{text (div "599999" "300000")}}`, []string{"1"},
		mathematics + "DIV returns the result of the integer division."},
	{"div of a multiple", `SELECT {{text (div "600000" "300000")}}`, []string{"2"},
		mathematics + "DIV returns the result of the integer division."},
	{"q quotes reserved words", `SELECT {{q "end"}} FROM (SELECT 'x' AS {{q "end"}}) AS r`, []string{"x"},
		lexical + "a quoted identifier, in backquotes, may be a reserved keyword."},
	{"text of a boolean", `SELECT {{text "1 < 2"}}`, []string{"true"},
		conversion + "CAST of BOOL AS STRING is true or false."},
	{"trunc to the hour",
		`SELECT {{text (print (trunc "HOUR" "TIMESTAMP '2024-02-29 13:59:59.999'") " = TIMESTAMP '2024-02-29 13:00:00'")}}`,
		[]string{"true"},
		timestamps + "TIMESTAMP_TRUNC truncates to the beginning of the granularity, in UTC unless told otherwise."},
	{"trunc to the day",
		`SELECT {{text (print (trunc "DAY" "TIMESTAMP '2024-02-29 23:59:59'") " = TIMESTAMP '2024-02-29 00:00:00'")}}`,
		[]string{"true"},
		timestamps + "TIMESTAMP_TRUNC truncates to the beginning of the granularity, in UTC unless told otherwise."},
	{"a timestamp's date is that of UTC", `SELECT {{dayText "CAST(TIMESTAMP '2024-02-29 23:59:59' AS DATE)"}}`,
		[]string{"2024-02-29"},
		conversion + "CAST of TIMESTAMP AS DATE is by the default time zone, UTC."},
	{"addHours",
		`SELECT {{text (print (addHours "TIMESTAMP '2024-02-29 23:30:00'" -24) " = TIMESTAMP '2024-02-28 23:30:00'")}}`,
		[]string{"true"},
		timestamps + "TIMESTAMP_ADD adds units independent of any time zone."},
	{"addMinutes",
		`SELECT {{text (print (addMinutes "TIMESTAMP '2024-02-29 23:30:00'" "n * 60 + 15") " = TIMESTAMP '2024-03-01 01:45:00'")}} FROM (SELECT 2 AS n) AS r`, []string{"true"},
		timestamps + "TIMESTAMP_ADD adds units independent of any time zone."},
	{"addDays over a leap day", `SELECT {{dayText (addDays "DATE '2024-02-28'" 2)}}`, []string{"2024-03-01"},
		dates + "DATE_ADD adds an interval of days."},
	{"addDays backwards", `SELECT {{dayText (addDays "DATE '2024-03-01'" -1)}}`, []string{"2024-02-29"},
		dates + "DATE_ADD takes a negative interval."},
	{"addDays takes an expression",
		`SELECT {{dayText (addDays "d" "0 - n - 1")}} FROM (SELECT DATE '2024-03-08' AS d, 7 AS n) AS r`, []string{"2024-02-29"},
		dates + "DATE_ADD takes any INT64 expression."},
	{"ms of a time: rounding down is dividing", `SELECT {{text (div (ms "TIMESTAMP '1969-12-31 23:00:00'") "86400000")}}`,
		[]string{"719161"},
		timestamps + "UNIX_MILLIS is the number of milliseconds since 1970-01-01; there were 719,162 days before it."},
	{"sinceYear1 of milliseconds since 1970", `SELECT {{text (print (sinceYear1 "-3600000") " = " (ms "TIMESTAMP '1969-12-31 23:00:00'"))}}`,
		[]string{"true"}, timestamps + "UNIX_MILLIS of a time before 1970-01-01 is negative."},
	{"timeOf", `SELECT {{text (print (timeOf "d * 86400000") " = TIMESTAMP '1969-12-31 00:00:00'")}} FROM (SELECT {{int "719161"}} AS d) AS r`,
		[]string{"true"}, timestamps + "TIMESTAMP_MILLIS is the inverse of UNIX_MILLIS."},
	{"dayNumber", `SELECT {{text (dayNumber "DATE '2008-12-25'")}}`, []string{"14238"},
		dates + "UNIX_DATE(DATE '2008-12-25') is 14238."},
	{"dayNumber before 1970", `SELECT {{text (dayNumber "DATE '1969-12-31'")}}`, []string{"-1"},
		dates + "UNIX_DATE is the number of days since 1970-01-01."},
	{"weekday from dayNumber: Monday is 0", `SELECT {{text (print "MOD(" (dayNumber "DATE '2024-01-01'") " + 3, 7)")}}`,
		[]string{"0"}, dates + "UNIX_DATE: 1970-01-01 was a Thursday."},
	{"dayText pads months and days", `SELECT {{dayText "DATE '2024-01-02'"}}`, []string{"2024-01-02"},
		"Format elements: %F is %Y-%m-%d."},
	{"unnest",
		`WITH r AS (SELECT [1, 2] AS a, 'x' AS b) SELECT CONCAT(s.b, {{text "e"}}) FROM {{unnest "r" "s" "a" "e"}} ORDER BY 1`, []string{"x1", "x2"},
		queries + "a CROSS JOIN with UNNEST of the row's own array joins each row to its elements."},
	{"unnest of structs",
		`WITH r AS (SELECT {{structs "n, c" "n"}} AS a FROM (SELECT 7 AS n, 'x' AS c) AS q) SELECT e.c FROM {{unnest "r" "s" "a" "e"}} WHERE e.n = 7`, []string{"x"},
		queries + "UNNEST of an array of structs; its alias gives the struct."},
	{"unnest of no or an empty array gives no row",
		`WITH r AS (SELECT [1] AS a UNION ALL SELECT NULL UNION ALL SELECT []) SELECT {{text "e"}} FROM {{unnest "r" "s" "a" "e"}}`, []string{"1"},
		queries + "UNNEST treats NULL and empty arrays alike: zero rows."},
	{"unnestDays includes both ends",
		`WITH r AS (SELECT DATE '2024-02-28' AS f) SELECT {{dayText "d"}} FROM {{unnestDays "r" "s" "f" (addDays "f" 2) "d"}} ORDER BY 1`,
		[]string{"2024-02-28", "2024-02-29", "2024-03-01"},
		arrays + "GENERATE_DATE_ARRAY: start_date and end_date determine the inclusive start and end."},
	{"unnestDays backwards gives no row",
		`WITH r AS (SELECT DATE '2024-02-28' AS f) SELECT {{dayText "d"}} FROM {{unnestDays "r" "s" "f" (addDays "f" -1) "d"}}`, nil,
		arrays + "GENERATE_DATE_ARRAY is empty where start_date is after end_date."},
	{"unnestInts includes both ends",
		`WITH r AS (SELECT 'x' AS b) SELECT CONCAT(b, {{text "n"}}) FROM {{unnestInts "r" "s" 0 2 "n"}} ORDER BY 1`,
		[]string{"x0", "x1", "x2"},
		arrays + "GENERATE_ARRAY: start_expression and end_expression determine the inclusive start and end."},
	{"values above zero, sorted by metric and horizon",
		`SELECT CONCAT(v.metric, ' ', v.horizon, v.class, ' ', {{text (int "v.value")}}) FROM {{unnest (print "(SELECT " (values "b 5m x" "a 7d x" "b 1h x" "a 1h y" "c 5m z") " AS list FROM (SELECT 2 AS x, 0 AS y, NULLIF(1, 1) AS z) AS q)") "r" "list" "v"}}`,
		[]string{"a 7d 2", "b 1h 2", "b 5m 2"},
		arrays + "ARRAY(subquery ORDER BY) is ordered; a WHERE that is NULL drops the row."},
	{"concat of arrays", `WITH r AS (SELECT {{concat "[1, 2]" "[3]"}} AS a) SELECT {{text "e"}} FROM {{unnest "r" "s" "a" "e"}} ORDER BY 1`,
		[]string{"1", "2", "3"}, arrays + "ARRAY_CONCAT joins arrays in the order given."},
	{"countIf", `SELECT {{text (countIf "x")}} FROM (SELECT TRUE AS x UNION ALL SELECT FALSE UNION ALL SELECT NULL) AS r`,
		[]string{"1"}, aggregates + "COUNT(expression) counts what is not NULL; CASE without ELSE is NULL."},
	{"last", `SELECT {{text (last "a")}} FROM (SELECT [3, 1, 2] AS a) AS r`, []string{"2"},
		operators + "SAFE_ORDINAL begins at one."},
	{"last of none is NULL",
		`SELECT {{text (print (last "a") " IS NULL")}} FROM (SELECT [1] AS a UNION ALL SELECT []) AS r ORDER BY 1`,
		[]string{"false", "true"},
		operators + "SAFE_ORDINAL returns NULL where the index is out of range."},
	{"structs are sorted and named",
		`SELECT CONCAT({{text "e.n"}}, e.name) FROM (SELECT {{last "a"}} AS e FROM (SELECT {{structs "n, name" "n"}} AS a FROM (SELECT 'b' AS name, 2 AS n UNION ALL SELECT 'a', 30 UNION ALL SELECT 'c', 4) AS r) AS s) AS t`, []string{"30a"},
		aggregates + "ARRAY_AGG with ORDER BY gives the elements in that order."},
	{"quantiles of the documentation's example",
		`WITH r AS (SELECT [1, 1, 1, 4, 5, 6, 7, 8, 9, 10] AS a) SELECT CONCAT({{text (quantileAt "q" 500)}}, ' ', {{text (quantileAt "q" 900)}}) FROM (SELECT {{quantiles "x"}} AS q FROM {{unnest "r" "s" "a" "x"}}) AS t`,
		[]string{"5 9"}, approximate + "APPROX_QUANTILES(x, 2) of 1 1 1 4 5 6 7 8 9 10 is [1, 5, 10], and element 90 of " +
			"100 is 9: rank ceil(q n), which small groups have exactly by ARRAY_AGG with ORDER BY."},
	{"quantiles of four: rank ceil(0.5 n), and the largest",
		`WITH r AS (SELECT [1, 2, 30, 40] AS a) SELECT CONCAT({{text (quantileAt "q" 500)}}, ' ', {{text (quantileAt "q" 990)}}, ' ', {{text (quantileAt "q" 999)}}) FROM (SELECT {{quantiles "x"}} AS q FROM {{unnest "r" "s" "a" "x"}}) AS t`, []string{"2 40 40"},
		aggregates + "ARRAY_AGG with ORDER BY is exact; CEIL of 3.96 is 4."},
	{"quantiles leave NULL out",
		`SELECT {{text (quantileAt "q" 500)}} FROM (SELECT {{quantiles "x"}} AS q FROM (SELECT 3 AS x UNION ALL SELECT NULL) AS r) AS t`, []string{"3"},
		aggregates + "ARRAY_AGG with IGNORE NULLS and COUNT of an expression leave NULL out, as APPROX_QUANTILES does."},
	{"exactQuantile: rank ceil(0.95 n)",
		`WITH r AS (SELECT 1 AS one) SELECT {{text (exactQuantile "x" 950)}} FROM {{unnestInts "r" "s" 1 20 "x"}}`,
		[]string{"19"},
		aggregates + "ARRAY_AGG with ORDER BY is exact; CEIL of a FLOAT64 quotient that is whole is that number."},
	{"exactQuantile of nineteen is the largest",
		`WITH r AS (SELECT 1 AS one) SELECT {{text (exactQuantile "x" 950)}} FROM {{unnestInts "r" "s" 1 19 "x"}}`,
		[]string{"19"},
		mathematics + "CEIL returns the smallest integral value that is not less: of 18.05, 19."},
	{"largest", `SELECT {{text (largest "x" 2)}} FROM (SELECT 5 AS x UNION ALL SELECT 9 UNION ALL SELECT 7) AS r`,
		[]string{"7"},
		aggregates + "ARRAY_AGG with ORDER BY and LIMIT keeps the first of the order."},
	{"largest counts equals",
		`SELECT {{text (largest "x" 2)}} FROM (SELECT 9 AS x UNION ALL SELECT 9 UNION ALL SELECT 7) AS r`, []string{"9"},
		aggregates + "ARRAY_AGG keeps duplicates unless told otherwise."},
	{"largest of too few is NULL", `SELECT {{text (print (largest "x" 2) " IS NULL")}} FROM (SELECT 5 AS x) AS r`,
		[]string{"true"},
		operators + "SAFE_ORDINAL returns NULL where the index is out of range."},
	{"hash01 keeps the unsigned order",
		`SELECT {{text (int (print (hash01 "h") " * 100"))}} FROM (SELECT {{int "4611686018427387904"}} AS h UNION ALL SELECT {{int "-4611686018427387904"}} UNION ALL SELECT {{int "0"}}) AS r ORDER BY 1`, []string{"0", "25", "75"},
		conversion + "CAST of INT64 AS FLOAT64 is close but may be inexact: of the first 53 bits it is exact."},
	{"least with a NULL is not asked for",
		`SELECT {{text "LEAST(COALESCE(x, 9), 3)"}} FROM (SELECT {{int "NULL"}} AS x) AS r`, []string{"3"},
		mathematics + "LEAST is NULL if any argument is, and DuckDB's is not: arguments must not be NULL."},
	{"MAX of no rows is NULL", `SELECT {{text "MAX(x) IS NULL"}} FROM (SELECT 1 AS x) AS r WHERE x > 1`, []string{"true"},
		aggregates + "MAX of zero rows is NULL."},
	{"hours of a timestamp", `SELECT {{text "EXTRACT(HOUR FROM TIMESTAMP '2024-02-29 13:59:59')"}}`, []string{"13"},
		timestamps + "EXTRACT, in UTC unless told otherwise."},
	{"a week's running sum",
		`SELECT {{text (int "s")}} FROM (SELECT d, SUM(v) OVER (ORDER BY {{dayNumber "d"}} RANGE BETWEEN 6 PRECEDING AND CURRENT ROW) AS s FROM (SELECT DATE '2024-01-01' AS d, 1 AS v UNION ALL SELECT DATE '2024-01-07', 10 UNION ALL SELECT DATE '2024-01-08', 100) AS r) AS t ORDER BY d`,
		[]string{"1", "11", "110"}, "Window function calls: RANGE goes by the value of the ordering column."},
	{"memory in days and milliseconds", `SELECT {{text (print memoryMS " - 86400000 * " (int (print memoryDays)))}}`,
		[]string{"0"}, operators + "the product of INT64 is INT64."},
	{"lists of names", `SELECT '{{join (args "a" "b")}}'`, []string{"a, b"},
		lexical + "a string literal is in single quotes."},
}
