// SPDX-License-Identifier: Apache-2.0

package googlesql

import (
	"fmt"
	"strings"

	gsql "github.com/goccy/go-googlesql"
)

// Analyze resolves every statement of sql in order and gives their kinds ("QueryStmt", "InsertStmt", ...). The views
// that it creates are known afterwards. An error names the statement by its first line, and the position in it.
func (a *Analyzer) Analyze(sql string) ([]string, error) {
	location, err := gsql.NewParseResumeLocationFromString(sql)
	if err != nil {
		return nil, err
	}
	var kinds []string
	for {
		at, err := location.BytePosition()
		if err != nil {
			return nil, err
		}
		rest := strings.TrimSpace(withoutComments(sql[at:]))
		if rest == "" {
			return kinds, nil
		}
		out, err := gsql.AnalyzeNextStatement(location, a.options, a.catalog, a.types)
		if err != nil {
			first, _, _ := strings.Cut(rest, "\n")
			return kinds, fmt.Errorf("statement %d (%s): %w", len(kinds)+1, first, err)
		}
		kind, err := a.take(out)
		if err != nil {
			return kinds, fmt.Errorf("statement %d: %w", len(kinds)+1, err)
		}
		kinds = append(kinds, kind)
	}
}

// withoutComments removes whole lines of comment, which may follow the last statement.
func withoutComments(sql string) string {
	var out strings.Builder
	for line := range strings.Lines(sql) {
		if !strings.HasPrefix(strings.TrimSpace(line), "--") {
			out.WriteString(line)
		}
	}
	return out.String()
}

func (a *Analyzer) take(out *gsql.AnalyzerOutput) (string, error) {
	statement, err := out.ResolvedStatement()
	if err != nil {
		return "", err
	}
	kind, err := statement.NodeKindString()
	if err != nil {
		return "", err
	}
	if view, ok := statement.(*gsql.ResolvedCreateViewStmt); ok {
		return kind, a.addView(view)
	}
	return kind, nil
}

func (a *Analyzer) addView(view *gsql.ResolvedCreateViewStmt) error {
	path, err := view.NamePath()
	if err != nil {
		return err
	}
	outputs, err := view.OutputColumnList()
	if err != nil {
		return err
	}
	columns := make([]column, len(outputs))
	for i, o := range outputs {
		if columns[i].name, err = o.Name(); err != nil {
			return err
		}
		resolved, err := o.Column()
		if err != nil {
			return err
		}
		if columns[i].kind, err = resolved.Type(); err != nil {
			return err
		}
	}
	return a.add(strings.Join(path, "."), columns)
}
