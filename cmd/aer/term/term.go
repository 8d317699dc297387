// SPDX-License-Identifier: Apache-2.0

// Package term lays out text for people: aligned tables, wrapped lines, and colours where the reader can see them.
package term

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// Style is a colour or weight of text.
type Style string

// The few styles in use.
const (
	Plain  Style = ""
	Bold   Style = "1"
	Dim    Style = "2"
	Red    Style = "31"
	Green  Style = "32"
	Yellow Style = "33"
	Cyan   Style = "36"
)

// Printer renders styles, or drops them.
type Printer struct {
	w      io.Writer
	colour bool
}

// New returns a printer to w with colours if w is a terminal that knows them and NO_COLOR (https://no-color.org) is
// unset.
func New(w io.Writer) *Printer {
	return &Printer{w: w, colour: IsTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

// IsTerminal says whether w is an interactive terminal.
func IsTerminal(w io.Writer) bool {
	if u, ok := w.(interface{ Unwrap() io.Writer }); ok {
		return IsTerminal(u.Unwrap())
	}
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Write implements io.Writer.
func (p *Printer) Write(b []byte) (int, error) { return p.w.Write(b) }

// Style returns s in the given style.
func (p *Printer) Style(s string, style Style) string {
	if !p.colour || style == Plain || s == "" {
		return s
	}
	return "\x1b[" + string(style) + "m" + s + "\x1b[0m"
}

// Head writes the title of a part, below an empty line.
func (p *Printer) Head(format string, args ...any) {
	fmt.Fprintf(p, "\n%s\n", p.Style(fmt.Sprintf(format, args...), Cyan))
}

// Wrap breaks s at spaces into lines of at most width runes; a longer word stays whole.
func Wrap(s string, width int) []string {
	var lines []string
	line, n := "", 0
	for _, word := range strings.Fields(s) {
		w := len([]rune(word))
		if n > 0 && n+1+w > width {
			lines = append(lines, line)
			line, n = "", 0
		}
		if n > 0 {
			line += " "
			n++
		}
		line += word
		n += w
	}
	if n > 0 {
		lines = append(lines, line)
	}
	return lines
}

// Cut shortens s to at most width runes, marking the cut, and takes out control characters: what is shown may come from
// an attacker.
func Cut(s string, width int) string {
	r := []rune(Clean(s))
	if len(r) <= width {
		return string(r)
	}
	return string(r[:width-1]) + "…"
}

// ID shortens an id to the beginning that people copy: long enough to be unique in a run, short enough for a table.
func ID(id string) string {
	r := []rune(Clean(id))
	return string(r[:min(len(r), 8)])
}

// Clean replaces control characters, so that text from events cannot move the cursor or change colours.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029 || r >= 0x202a && r <= 0x202e ||
			r >= 0x2066 && r <= 0x2069 {
			return '.'
		}
		return r
	}, s)
}
