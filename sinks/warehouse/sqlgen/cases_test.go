// SPDX-License-Identifier: Apache-2.0

package sqlgen_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aer-project/aer/sinks/warehouse/sqlgen"
	"github.com/aer-project/aer/sinks/warehouse/sqlgen/sqlgentest"
)

// notInCases are functions without semantics of their own: names, parameters, and the parts of a shared definition.
var notInCases = map[string]bool{"table": true, "view": true, "timeParam": true, "dateParam": true, "intParam": true,
	"who": true, "whoOf": true, "sameWho": true, "client": true, "part": true, "parted": true}

func TestEachDialectFunctionHasACase(t *testing.T) {
	var all strings.Builder
	for _, c := range sqlgentest.Cases {
		if c.Says == "" {
			t.Errorf("%s: what does the documentation say?", c.Name)
		}
		all.WriteString(c.Query + "\n")
	}
	for _, dialect := range []sqlgen.Dialect{sqlgen.BigQuery, sqlgen.DuckDB} {
		names, err := sqlgen.Renderer{Dialect: dialect}.Functions()
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if !notInCases[name] && !regexp.MustCompile(`[{( ]`+name+`[ )}]`).MatchString(all.String()) {
				t.Errorf("%s: function %s has no case in sqlgentest", dialect, name)
			}
		}
	}
}

func TestDialectsHaveTheSameFunctions(t *testing.T) {
	a, err := sqlgen.Renderer{Dialect: sqlgen.BigQuery}.Functions()
	if err != nil {
		t.Fatal(err)
	}
	b, err := sqlgen.Renderer{Dialect: sqlgen.DuckDB}.Functions()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(a, " ") != strings.Join(b, " ") {
		t.Errorf("bigquery has %v\nduckdb has %v", a, b)
	}
}

func TestCasesForBigQueryAreCurrent(t *testing.T) {
	want, err := sqlgentest.BigQuery()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join("../../../schemas", sqlgentest.BigQueryFile))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("schemas/%s is not what sqlgentest gives (%v): run go generate ./schemas", sqlgentest.BigQueryFile, err)
	}
}
