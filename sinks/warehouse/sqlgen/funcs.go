// SPDX-License-Identifier: Apache-2.0

package sqlgen

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/template"
)

// funcs are what the dialects say differently. Everything else in the templates is SQL that both understand. Package
// sqlgentest has queries for each of them: their DuckDB rendering is run, the BigQuery rendering resolved, and both
// mean the same by the documentation of GoogleSQL, except where a comment here says how they differ.
func (r Renderer) funcs() (template.FuncMap, error) {
	common := template.FuncMap{
		// args passes several values to a shared definition, which finds them by index.
		"args": func(a ...string) []string { return a },
		"join": func(s []string) string { return strings.Join(s, ", ") },
		// hash01 maps a wrapped 64-bit hash to [0, 1) in unsigned order.
		"hash01": func(h string) string {
			return r.hash01(h)
		},
		"parted":     func() bool { return r.Parts != nil },
		"part":       func(name string) string { return r.Parts[name] },
		"who":        func() string { return strings.Join(r.who(), ", ") },
		"whoOf":      r.whoOf,
		"sameWho":    r.sameWho,
		"client":     r.client,
		"countIf":    func(x string) string { return fmt.Sprintf("COUNT(CASE WHEN %s THEN 1 END)", x) },
		"sinceYear1": func(x string) string { return fmt.Sprintf("(%s + %d)", x, year1MS) },
		"memoryDays": r.memory,
		// as one literal: a product of small ones overflows INT32 in DuckDB
		"memoryMS": func() int64 { return int64(r.memory()) * 24 * 60 * 60 * 1000 },
	}
	var own template.FuncMap
	switch r.Dialect {
	case BigQuery:
		own = r.bigQueryFuncs()
	case DuckDB:
		own = r.duckDBFuncs()
	default:
		return nil, fmt.Errorf("unknown SQL dialect %q: want %q or %q", r.Dialect, BigQuery, DuckDB)
	}
	for name, f := range own {
		common[name] = f
	}
	return common, nil
}

// MemoryDays is how long an object counts as touched before: as long as habits and their lag reach back (28 + 7 days),
// so that what is new was not in the days that its threshold stands on. (The live profile goes by number: the last
// 1,024 of each kind.)
const MemoryDays = 35

func (r Renderer) memory() int {
	if r.memoryDays != nil {
		return *r.memoryDays
	}
	return MemoryDays
}

// year1MS is how long before 1970 the year 1 began, in milliseconds: a whole number of days.
const year1MS = 719_162 * 24 * 60 * 60 * 1000

// who are the columns that name a person.
func (r Renderer) who() []string {
	if r.Parts != nil {
		return []string{"person"}
	}
	return []string{"org_id", "user_id"}
}

func (r Renderer) whoOf(alias string) string {
	return alias + "." + strings.Join(r.who(), ", "+alias+".")
}

// sameWho says that rows of two relations are of the same person.
func (r Renderer) sameWho(a, b string) string {
	var out []string
	for _, c := range r.who() {
		out = append(out, fmt.Sprintf("%[1]s.%[3]s = %[2]s.%[3]s", a, b, c))
	}
	return strings.Join(out, " AND ")
}

// client are the columns that tell clients apart.
func (r Renderer) client() string {
	if r.Parts != nil {
		return "client"
	}
	return "family, ja4, class, asn"
}

// dayValue is a value of activity_daily without a class.
type dayValue struct{ metric, horizon, value string }

// dayValues reads "metric horizon expression", and sorts.
func dayValues(list []string) ([]dayValue, error) {
	var out []dayValue
	for _, text := range list {
		f := strings.Fields(text)
		if len(f) != 3 {
			return nil, fmt.Errorf("value %q: want a metric, a horizon and an expression without spaces", text)
		}
		out = append(out, dayValue{f[0], f[1], f[2]})
	}
	slices.SortFunc(out, func(a, b dayValue) int {
		return cmp.Or(strings.Compare(a.metric, b.metric), strings.Compare(a.horizon, b.horizon))
	})
	return out, nil
}

// parameter is a named query parameter, or the expression that stands for it.
func (r Renderer) parameter(name string) string {
	if v, ok := r.values[name]; ok {
		return v
	}
	if r.Dialect == DuckDB {
		return "$" + name
	}
	return "@" + name
}

func (r Renderer) hash01(h string) string {
	float := "DOUBLE"
	if r.Dialect == BigQuery {
		float = "FLOAT64"
	}
	return fmt.Sprintf("(CAST(%[1]s AS %[2]s) / 18446744073709551616.0 + CASE WHEN %[1]s < 0 THEN 1.0 ELSE 0.0 END)", h,
		float)
}

// quantileRanks are the quantiles that baselines hold, in thousandths.
var quantileRanks = []int{500, 900, 990, 999}

// exactMax is how many people BigQuery ranks exactly: 8 KB for each group.
const exactMax = 1000

func fractions() string {
	out := make([]string, len(quantileRanks))
	for i, r := range quantileRanks {
		out[i] = fmt.Sprintf("%g", float64(r)/1000)
	}
	return strings.Join(out, ", ")
}

func duckDBQuantileAt(q string, perMille int) (string, error) {
	i := slices.Index(quantileRanks, perMille)
	if i < 0 {
		return "", fmt.Errorf("quantileAt %d: only %v are gathered", perMille, quantileRanks)
	}
	return fmt.Sprintf("%s[%d]", q, i+1), nil
}

// duckDBStructs gathers rows into an array of structs with the named columns, sorted by the first of them, which must
// be unique together. list_sort compares structs column by column; list(... ORDER BY ...) would say it more directly,
// but takes a hundred times the time and memory for many small groups.
func duckDBStructs(columns, order string) (string, error) {
	if !strings.HasPrefix(columns, order) {
		return "", fmt.Errorf("structs %q sorted by %q: the columns to sort by must come first", columns, order)
	}
	var parts []string
	for _, c := range strings.Split(columns, ",") {
		parts = append(parts, fmt.Sprintf("'%[1]s': %[1]s", strings.TrimSpace(c)))
	}
	return fmt.Sprintf("list_sort(list({%s}))", strings.Join(parts, ", ")), nil
}

// duckDBView is a view of DuckDB, or what stands in its place.
func (r Renderer) duckDBView(name any) string {
	if other, ok := r.Parts[fmt.Sprint(name)]; ok {
		return other
	}
	return fmt.Sprint(name, "_v")
}

// fewLargest is how many largest values are kept of each group in place of all: half the time of quantile_disc, which
// allocates for each group.
const fewLargest = 4

// duckDBExactQuantile counts from the top where a history is so short that it is among the few largest values.
func (r Renderer) duckDBExactQuantile(x string, perMille int) string {
	keep := r.HabitDays*(1000-perMille)/1000 + 1
	if r.HabitDays == 0 || keep > fewLargest {
		return fmt.Sprintf("quantile_disc(%s, %g)", x, float64(perMille)/1000)
	}
	return fmt.Sprintf("max(%[1]s, %[2]d)[COUNT(*) * %[3]d // 1000 + 1]", x, keep, 1000-perMille)
}

func duckDBValues(list ...string) (string, error) {
	values, err := dayValues(list)
	var out []string
	for _, v := range values {
		out = append(out, fmt.Sprintf("{'metric': '%s', 'horizon': '%s', 'class': '', 'value': CAST(%s AS DOUBLE)}", v.metric,
			v.horizon, v.value))
	}
	return fmt.Sprintf("list_filter([%s], lambda entry: entry.value > 0)", strings.Join(out, ",\n    ")), err
}

func bigQueryValues(list ...string) (string, error) {
	values, err := dayValues(list)
	var out []string
	for _, v := range values {
		out = append(out, fmt.Sprintf("STRUCT('%s' AS metric, '%s' AS horizon, '' AS class, CAST(%s AS FLOAT64) AS value)",
			v.metric, v.horizon, v.value))
	}
	return fmt.Sprintf("ARRAY(SELECT entry FROM UNNEST([%s]) AS entry WHERE entry.value > 0 "+
		"ORDER BY entry.metric, entry.horizon)", strings.Join(out, ",\n    ")), err
}

// duckDBFuncs: in DuckDB a TIMESTAMP has no zone and all of ours are UTC.
func (r Renderer) duckDBFuncs() template.FuncMap {
	return template.FuncMap{
		"table":     func(name any) string { return fmt.Sprint(name) },
		"view":      r.duckDBView,
		"timeParam": func(name string) string { return "CAST(" + r.parameter(name) + " AS TIMESTAMP)" },
		"dateParam": func(name string) string { return "CAST(" + r.parameter(name) + " AS DATE)" },
		"intParam":  func(name string) string { return "CAST(" + r.parameter(name) + " AS BIGINT)" },
		"q":         QuoteDuckDB,
		// unnest is relation as alias, each row joined to the elements of its array; NULL and empty arrays give no rows.
		// DuckDB would take the join as well, but copies whole rows for it.
		"unnest": func(relation, alias, array, element string) string {
			return fmt.Sprintf("(SELECT *, UNNEST(%s) AS %s FROM %s) AS %s", array, element, relation, alias)
		},
		// unnestDays is relation as alias, each row joined to every DATE from first to last, both included.
		"unnestDays": func(relation, alias, first, last, day string) string {
			return fmt.Sprintf("(SELECT *, CAST(UNNEST(generate_series(CAST(%s AS TIMESTAMP), CAST(%s AS TIMESTAMP), INTERVAL "+
				"1 DAY)) AS DATE) AS %s FROM %s) AS %s", first, last, day, relation, alias)
		},
		// unnestInts is relation as alias, each row joined to every integer from first to last, both included.
		"unnestInts": func(relation, alias string, first, last any, n string) string {
			return fmt.Sprintf("(SELECT *, UNNEST(generate_series(CAST(%v AS BIGINT), CAST(%v AS BIGINT))) AS %s FROM %s) AS %s",
				first, last, n, relation, alias)
		},
		"addHours":   func(t string, n any) string { return fmt.Sprintf("(%s + (%v) * INTERVAL 1 HOUR)", t, n) },
		"addMinutes": func(t string, n any) string { return fmt.Sprintf("(%s + (%v) * INTERVAL 1 MINUTE)", t, n) },
		// safeDiv is NULL where the divisor is zero.
		"safeDiv":   func(a, b string) string { return fmt.Sprintf("(CAST(%s AS DOUBLE) / NULLIF(%s, 0))", a, b) },
		"trunc":     func(unit, t string) string { return fmt.Sprintf("date_trunc('%s', %s)", strings.ToLower(unit), t) },
		"addDays":   func(d string, n any) string { return fmt.Sprintf("CAST(%s + (%v) * INTERVAL 1 DAY AS DATE)", d, n) },
		"dayNumber": func(d string) string { return fmt.Sprintf("date_diff('day', DATE '1970-01-01', %s)", d) },
		"dayText":   func(d string) string { return fmt.Sprintf("strftime(%s, '%%Y-%%m-%%d')", d) },
		"div":       func(a, b string) string { return fmt.Sprintf("(%s // %s)", a, b) },
		"int":       func(x string) string { return fmt.Sprintf("CAST(%s AS BIGINT)", x) },
		"float":     func(x string) string { return fmt.Sprintf("CAST(%s AS DOUBLE)", x) },
		"text":      func(x string) string { return fmt.Sprintf("CAST(%s AS VARCHAR)", x) },
		"last":      func(array string) string { return fmt.Sprintf("%s[len(%s)]", array, array) },
		// quantiles gathers, in one pass, what quantileAt then picks: the smallest value that at least a fraction of all
		// values do not exceed, for the fractions of quantileRanks.
		"quantiles":     func(x string) string { return fmt.Sprintf("quantile_disc(%s, [%s])", x, fractions()) },
		"quantileAt":    duckDBQuantileAt,
		"exactQuantile": r.duckDBExactQuantile,
		// largest is the k-th largest value, NULL if there are fewer.
		"largest": func(x string, k int) string { return fmt.Sprintf("max(%s, %d)[%d]", x, k, k) },
		"structs": duckDBStructs,
		// values is an array of the values above zero, each given as "metric horizon expression", sorted by metric and
		// horizon.
		"values": duckDBValues,
		"concat": func(a, b string) string { return fmt.Sprintf("list_concat(%s, %s)", a, b) },
		// ms is a time in milliseconds since the year 1, and timeOf the time of so many.
		"ms":     func(t string) string { return fmt.Sprintf("(epoch_ms(%s) + %d)", t, year1MS) },
		"timeOf": func(ms string) string { return fmt.Sprintf("epoch_ms(%s - %d)", ms, year1MS) },
	}
}

// bigQueryFuncs: days are UTC days, which is what DATE and TIMESTAMP mean to each other without a zone.
func (r Renderer) bigQueryFuncs() template.FuncMap {
	return template.FuncMap{
		"table":     func(name any) string { return fmt.Sprintf("`%s.%s`", r.Dataset, name) },
		"view":      func(name any) string { return fmt.Sprintf("`%s.%s_v`", r.Dataset, name) },
		"timeParam": r.parameter,
		"dateParam": r.parameter,
		"intParam":  r.parameter,
		"q":         func(name string) string { return "`" + name + "`" },
		"unnest": func(relation, alias, array, element string) string {
			return fmt.Sprintf("%s AS %s CROSS JOIN UNNEST(%s.%s) AS %s", relation, alias, alias, array, element)
		},
		"unnestDays": func(relation, alias, first, last, day string) string {
			return fmt.Sprintf("%s AS %s CROSS JOIN UNNEST(GENERATE_DATE_ARRAY(%s, %s)) AS %s", relation,
				alias, first, last, day)
		},
		"unnestInts": func(relation, alias string, first, last any, n string) string {
			return fmt.Sprintf("%s AS %s CROSS JOIN UNNEST(GENERATE_ARRAY(%v, %v)) AS %s", relation, alias, first, last, n)
		},
		"addHours":   func(t string, n any) string { return fmt.Sprintf("TIMESTAMP_ADD(%s, INTERVAL (%v) HOUR)", t, n) },
		"addMinutes": func(t string, n any) string { return fmt.Sprintf("TIMESTAMP_ADD(%s, INTERVAL (%v) MINUTE)", t, n) },
		"safeDiv":    func(a, b string) string { return fmt.Sprintf("SAFE_DIVIDE(%s, %s)", a, b) },
		"trunc":      func(unit, t string) string { return fmt.Sprintf("TIMESTAMP_TRUNC(%s, %s)", t, strings.ToUpper(unit)) },
		"addDays":    func(d string, n any) string { return fmt.Sprintf("DATE_ADD(%s, INTERVAL (%v) DAY)", d, n) },
		"dayNumber":  func(d string) string { return fmt.Sprintf("UNIX_DATE(%s)", d) },
		"dayText":    func(d string) string { return fmt.Sprintf("FORMAT_DATE('%%F', %s)", d) },
		"div":        func(a, b string) string { return fmt.Sprintf("DIV(%s, %s)", a, b) },
		"int":        func(x string) string { return fmt.Sprintf("CAST(%s AS INT64)", x) },
		"float":      func(x string) string { return fmt.Sprintf("CAST(%s AS FLOAT64)", x) },
		"text":       func(x string) string { return fmt.Sprintf("CAST(%s AS STRING)", x) },
		"last":       func(array string) string { return fmt.Sprintf("%s[SAFE_ORDINAL(ARRAY_LENGTH(%s))]", array, array) },
		// quantiles over people, of whom there may be millions: exact for up to exactMax of them, as in DuckDB; beyond that
		// BigQuery approximates (it may be off by about a thousandth of the ranks).
		"quantiles": func(x string) string {
			return fmt.Sprintf("STRUCT(COUNT(%[1]s) AS n, ARRAY_AGG(%[1]s IGNORE NULLS ORDER BY %[1]s LIMIT %[2]d) AS least, "+
				"APPROX_QUANTILES(%[1]s, 1000) AS approx)", x, exactMax)
		},
		"quantileAt": func(q string, perMille int) string {
			return fmt.Sprintf("IF(%[1]s.n <= %[2]d, %[1]s.least[SAFE_ORDINAL(CAST(CEIL(%[1]s.n * %[3]d / 1000) AS INT64))], "+
				"%[1]s.approx[OFFSET(%[3]d)])", q, exactMax, perMille)
		},
		// exactQuantile is for groups of at most thousands of values without NULL, such as the days of one person.
		"exactQuantile": func(x string, perMille int) string {
			return fmt.Sprintf("ARRAY_AGG(%s ORDER BY %s)[ORDINAL(CAST(CEIL(COUNT(*) * %d / 1000) AS INT64))]", x, x, perMille)
		},
		"largest": func(x string, k int) string {
			return fmt.Sprintf("ARRAY_AGG(%s ORDER BY %s DESC LIMIT %d)[SAFE_ORDINAL(%d)]", x, x, k, k)
		},
		"structs": func(columns, order string) string {
			return fmt.Sprintf("ARRAY_AGG(STRUCT(%s) ORDER BY %s)", columns, order)
		},
		"values": bigQueryValues,
		"concat": func(a, b string) string { return fmt.Sprintf("ARRAY_CONCAT(%s, %s)", a, b) },
		"ms":     func(t string) string { return fmt.Sprintf("(UNIX_MILLIS(%s) + %d)", t, year1MS) },
		"timeOf": func(ms string) string { return fmt.Sprintf("TIMESTAMP_MILLIS(%s - %d)", ms, year1MS) },
	}
}
