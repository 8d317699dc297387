// SPDX-License-Identifier: Apache-2.0

package term

import (
	"fmt"
	"strings"
)

// Table is rows of cells under a header. Columns whose header begins with ">" are aligned to the right.
type Table struct {
	header []string
	right  []bool
	rows   []row
}

type row struct {
	// note, if set, is a line of its own instead of cells.
	note  string
	cells []string
	style Style
	cell  map[int]Style
}

// NewTable returns a table with the given column heads.
func NewTable(header ...string) *Table {
	t := &Table{}
	for _, h := range header {
		t.header = append(t.header, strings.TrimPrefix(h, ">"))
		t.right = append(t.right, strings.HasPrefix(h, ">"))
	}
	return t
}

// Row adds a row; each value is shown as fmt.Sprint would.
func (t *Table) Row(values ...any) *Table {
	r := row{cell: map[int]Style{}}
	for _, v := range values {
		r.cells = append(r.cells, Clean(fmt.Sprint(v)))
	}
	t.rows = append(t.rows, r)
	return t
}

// Note adds a line beneath the last row that takes no part in the layout.
func (t *Table) Note(text string) *Table {
	t.rows = append(t.rows, row{note: text})
	return t
}

// Style sets the style of the last row.
func (t *Table) Style(s Style) *Table {
	t.rows[len(t.rows)-1].style = s
	return t
}

// StyleCell sets the style of one cell of the last row.
func (t *Table) StyleCell(column int, s Style) *Table {
	t.rows[len(t.rows)-1].cell[column] = s
	return t
}

// Print writes the table with two spaces between columns.
func (t *Table) Print(p *Printer) {
	width := t.widths()
	t.line(p, width, row{cells: t.header, style: Bold})
	for _, r := range t.rows {
		t.line(p, width, r)
	}
}

func (t *Table) widths() []int {
	width := make([]int, len(t.header))
	for i, h := range t.header {
		width[i] = len([]rune(h))
	}
	for _, r := range t.rows {
		for i, c := range r.cells {
			if i < len(width) {
				width[i] = max(width[i], len([]rune(c)))
			}
		}
	}
	return width
}

// PrintRows writes the table without its header.
func (t *Table) PrintRows(p *Printer) {
	width := t.widths()
	for _, r := range t.rows {
		t.line(p, width, r)
	}
}

func (t *Table) line(p *Printer, width []int, r row) {
	if r.note != "" {
		fmt.Fprintln(p, p.Style(r.note, Dim))
		return
	}
	var b strings.Builder
	for i, c := range r.cells {
		if i >= len(width) {
			break
		}
		pad := strings.Repeat(" ", width[i]-len([]rune(c)))
		style := r.style
		if s, ok := r.cell[i]; ok {
			style = s
		}
		switch {
		case t.right[i]:
			b.WriteString(pad + p.Style(c, style))
		case i == len(r.cells)-1:
			b.WriteString(p.Style(c, style))
		default:
			b.WriteString(p.Style(c, style) + pad)
		}
		if i < len(r.cells)-1 {
			b.WriteString("  ")
		}
	}
	fmt.Fprintln(p, strings.TrimRight(b.String(), " "))
}
