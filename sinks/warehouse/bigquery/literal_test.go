// SPDX-License-Identifier: Apache-2.0

package bigquery

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/sinks/warehouse"
)

// insert writes rows by SQL. What the emulator gets by its Storage Write API it cannot read again where a STRUCT is
// within an ARRAY of STRUCTs, as facets.client is (it takes the inner one for an ARRAY).
func insert(t *testing.T, d *Dataset, table warehouse.Table, rows ...proto.Message) {
	t.Helper()
	spec, err := warehouse.SpecOf(table)
	must(t, err)
	columns, err := spec.Columns()
	must(t, err)
	var names []string
	for _, c := range columns {
		names = append(names, "`"+c.Name+"`")
	}
	const atOnce = 25 // parsing takes the emulator more than twice as long for twice as much
	for len(rows) > 0 {
		n := min(atOnce, len(rows))
		var tuples []string
		for _, m := range rows[:n] {
			values, err := spec.Row(m)
			must(t, err)
			var texts []string
			for i, c := range columns {
				texts = append(texts, literal(c, values[i]))
			}
			tuples = append(tuples, "("+strings.Join(texts, ", ")+")")
		}
		query(t, d, fmt.Sprintf("INSERT INTO `%s.%s` (%s) VALUES %s", d.config.Dataset, table, strings.Join(names, ", "),
			strings.Join(tuples, ", ")))
		rows = rows[n:]
	}
}

// typeText is a column's type in SQL, of one element if it is repeated.
func typeText(c warehouse.Column) string {
	if c.Kind != warehouse.KindStruct {
		return string(c.Kind)
	}
	var fields []string
	for _, f := range c.Fields {
		t := typeText(f)
		if f.Repeated {
			t = "ARRAY<" + t + ">"
		}
		fields = append(fields, "`"+f.Name+"` "+t)
	}
	return "STRUCT<" + strings.Join(fields, ", ") + ">"
}

// literal is a value of Spec.Row in SQL.
func literal(c warehouse.Column, v any) string {
	list := func(fields []warehouse.Column, values []any) string {
		var texts []string
		for i, f := range fields {
			texts = append(texts, literal(f, values[i]))
		}
		return strings.Join(texts, ", ")
	}
	switch v := v.(type) {
	case nil:
		return "NULL"
	case []any:
		c.Repeated = false
		columns := make([]warehouse.Column, len(v))
		for i := range v {
			columns[i] = c
		}
		return "ARRAY<" + typeText(c) + ">[" + list(columns, v) + "]"
	case map[string]any:
		var values []any
		for _, f := range c.Fields {
			values = append(values, v[f.Name])
		}
		return typeText(c) + "(" + list(c.Fields, values) + ")"
	case string:
		return quoted(v)
	case []byte:
		return "b" + quoted(string(v))
	case time.Time:
		return "TIMESTAMP '" + v.Format("2006-01-02 15:04:05.999999+00") + "'"
	case float64:
		return "CAST(" + strconv.FormatFloat(v, 'g', -1, 64) + " AS FLOAT64)"
	}
	return fmt.Sprint(v)
}

func quoted(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`, "\n", `\n`, "\r", `\r`, "\x00", `\x00`).Replace(s) + "'"
}
