// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"encoding/csv"
	"slices"
	"strings"
)

// separators of tables, the likeliest first.
const separators = ",\t;|"

// Table reads the lines of a table whose columns are found by the names in its first line or, without one, by what a
// line holds.
type Table struct {
	comma   rune
	columns map[string]int // by Name; nil without a header
}

// Name is a column's name as it is compared: letters and digits only, in lower case.
func Name(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, s)
}

// NewTable tells by its first line how a table is written: as a header, if it has one of the names and no field holds
// an entry, or else as a line with an entry. ok is false if it is neither.
func NewTable(line string, names []string, isEntry func(field string) bool) (t *Table, ok bool) {
	for _, comma := range separators {
		t := &Table{comma: comma}
		fields, err := t.Fields(line)
		if err != nil || len(fields) < 2 && !strings.HasPrefix(line, `"`) && !slices.Contains(names, Name(line)) {
			continue
		}
		if slices.ContainsFunc(fields, isEntry) {
			return t, true
		}
		columns := map[string]int{}
		for i, f := range fields {
			if _, twice := columns[Name(f)]; !twice {
				columns[Name(f)] = i
			}
		}
		if slices.ContainsFunc(names, func(n string) bool { _, has := columns[n]; return has }) {
			t.columns = columns
			return t, true
		}
	}
	return nil, false
}

// HasHeader says whether the line that the table was told by is one of names.
func (t *Table) HasHeader() bool { return t.columns != nil }

// Fields takes a line apart, quoted or not.
func (t *Table) Fields(line string) ([]string, error) {
	r := csv.NewReader(strings.NewReader(line))
	r.Comma, r.LazyQuotes, r.TrimLeadingSpace = t.comma, true, t.comma != '\t'
	fields, err := r.Read()
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	return fields, err
}

// Get returns the fields of a line that stand in the columns of these names.
func (t *Table) Get(fields []string, names ...string) []string {
	var out []string
	for _, n := range names {
		if i, has := t.columns[n]; has && i < len(fields) {
			out = append(out, fields[i])
		}
	}
	return out
}
