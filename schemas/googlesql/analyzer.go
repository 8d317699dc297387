// SPDX-License-Identifier: Apache-2.0

// Package googlesql resolves AER's BigQuery SQL with GoogleSQL, the analyser that BigQuery itself is built on, against
// the table schemas generated from the protos: names, types and functions are checked without an account.
//
// It is a module of its own because the analyser takes minutes to compile the first time, and nothing else needs it.
package googlesql

import (
	"encoding/json"
	"fmt"
	"strings"

	gsql "github.com/goccy/go-googlesql"
)

// Analyzer knows tables and views, and resolves statements that use them. Not safe for concurrent use.
type Analyzer struct {
	catalog *gsql.SimpleCatalog
	options *gsql.AnalyzerOptions
	types   *gsql.TypeFactory
}

// New makes an analyser that knows GoogleSQL's functions, the parameters (name without @ to type), and no tables.
func New(parameters map[string]string) (*Analyzer, error) {
	if err := gsql.Init(); err != nil {
		return nil, fmt.Errorf("starting GoogleSQL: %w", err)
	}
	language, err := bigQueryLanguage()
	if err != nil {
		return nil, fmt.Errorf("choosing the language: %w", err)
	}
	a := &Analyzer{}
	if a.catalog, err = gsql.NewSimpleCatalog("warehouse", nil); err != nil {
		return nil, err
	}
	if err := a.catalog.AddBuiltinFunctionsAndTypes(&gsql.BuiltinFunctionOptions{LanguageOptions: language}); err != nil {
		return nil, fmt.Errorf("loading functions: %w", err)
	}
	if a.options, err = gsql.NewAnalyzerOptions2(); err != nil {
		return nil, err
	}
	if err := a.options.SetLanguage(language); err != nil {
		return nil, err
	}
	if a.types, err = gsql.NewTypeFactory(); err != nil {
		return nil, err
	}
	return a, a.addParameters(parameters)
}

// bigQueryLanguage is what BigQuery documents: all released features, external types only (no INT32, no protos), and
// every kind of statement.
func bigQueryLanguage() (*gsql.LanguageOptions, error) {
	language, err := gsql.NewLanguageOptions()
	if err != nil {
		return nil, err
	}
	if err := language.EnableMaximumLanguageFeatures(); err != nil {
		return nil, err
	}
	// QUALIFY is a reserved word in BigQuery.
	if err := language.EnableReservableKeyword("QUALIFY", true); err != nil {
		return nil, err
	}
	if err := language.SetProductMode(gsql.ProductModeProductExternal); err != nil {
		return nil, err
	}
	return language, language.SetSupportsAllStatementKinds()
}

func (a *Analyzer) addParameters(parameters map[string]string) error {
	for name, text := range parameters {
		t, err := a.typeOf(text)
		if err != nil {
			return fmt.Errorf("parameter %s: %w", name, err)
		}
		if err := a.options.AddQueryParameter(name, t); err != nil {
			return fmt.Errorf("parameter %s: %w", name, err)
		}
	}
	return nil
}

func (a *Analyzer) typeOf(text string) (gsql.Googlesql_TypeNode, error) {
	t, err := gsql.AnalyzeType(text, a.options, a.catalog, a.types)
	if err != nil {
		return nil, fmt.Errorf("type %s: %w", text, err)
	}
	return t, nil
}

// field is one entry of a schema file, as bq takes it.
type field struct {
	Name   string  `json:"name"`
	Type   string  `json:"type"`
	Mode   string  `json:"mode"`
	Fields []field `json:"fields"`
}

// typeNames translates the names of schema files into those of SQL.
var typeNames = map[string]string{
	"STRING": "STRING", "INTEGER": "INT64", "FLOAT64": "FLOAT64", "BOOLEAN": "BOOL", "BYTES": "BYTES",
	"TIMESTAMP": "TIMESTAMP",
}

// sqlType writes a field's type as SQL.
func (f field) sqlType() (string, error) {
	t := typeNames[f.Type]
	if f.Type == "RECORD" {
		parts := make([]string, len(f.Fields))
		for i, sub := range f.Fields {
			text, err := sub.sqlType()
			if err != nil {
				return "", err
			}
			parts[i] = "`" + sub.Name + "` " + text
		}
		t = "STRUCT<" + strings.Join(parts, ", ") + ">"
	}
	if t == "" {
		return "", fmt.Errorf("field %s has the unknown type %q", f.Name, f.Type)
	}
	if f.Mode == "REPEATED" {
		t = "ARRAY<" + t + ">"
	}
	return t, nil
}

// AddTable makes a table known by its full name ("dataset.table") and its schema file.
func (a *Analyzer) AddTable(name string, schema []byte) error {
	var fields []field
	if err := json.Unmarshal(schema, &fields); err != nil {
		return fmt.Errorf("reading schema of %s: %w", name, err)
	}
	columns := make([]column, len(fields))
	for i, f := range fields {
		text, err := f.sqlType()
		if err != nil {
			return fmt.Errorf("table %s: %w", name, err)
		}
		t, err := a.typeOf(text)
		if err != nil {
			return fmt.Errorf("table %s, column %s: %w", name, f.Name, err)
		}
		columns[i] = column{f.Name, t}
	}
	return a.add(name, columns)
}

type column struct {
	name string
	kind gsql.Googlesql_TypeNode
}

// add registers a relation. Its name is one identifier with dots in it, which is what `dataset.table` in one pair of
// backquotes is to GoogleSQL; BigQuery itself takes it apart.
func (a *Analyzer) add(name string, columns []column) error {
	table, err := gsql.NewSimpleTable(name, 0)
	if err != nil {
		return fmt.Errorf("table %s: %w", name, err)
	}
	for _, c := range columns {
		col, err := gsql.NewSimpleColumn(name, c.name, c.kind, false, true)
		if err != nil {
			return fmt.Errorf("table %s, column %s: %w", name, c.name, err)
		}
		if err := table.AddColumn(col); err != nil {
			return fmt.Errorf("table %s, column %s: %w", name, c.name, err)
		}
	}
	return a.catalog.AddTable2(name, table)
}
