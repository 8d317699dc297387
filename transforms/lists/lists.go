// SPDX-License-Identifier: Apache-2.0

// Package lists reads files of one thing a line that others publish, and bears a few lines that are wrong, loudly.
//
// Such files come from mirrors and scripts: one stray line must not cost the list, and with it all that is judged by
// it; a file of which much is wrong is another file.
package lists

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// How much of a list may be wrong. A start value.
const (
	// badShare of the lines may be wrong: what a mirror's banner or a cut line is of a list of exits.
	badShare = 0.01
	// badMin lines may be wrong in any list.
	badMin = 3
	// SaidMax is how many wrong lines are told one by one.
	SaidMax = 3
	// maxLineBytes bounds one line; relays' contacts are the longest legitimate ones.
	maxLineBytes = 64 << 10
)

// Allowed is how many of so many lines may be wrong.
func Allowed(lines int) int { return max(badMin, int(badShare*float64(lines))) }

// Problems counts the lines of a list and keeps what was wrong with the first bad ones. The zero value is ready to use.
type Problems struct {
	// Lines that hold something, the bad ones among them.
	Lines, Bad int
	// First are the first bad ones: where, what was wrong, what would be right.
	First []string
}

// Note counts one line, or whatever else stands for itself in a list, that begins at where; err says what was wrong
// with it.
func (p *Problems) Note(where string, err error) {
	p.Lines++
	if err == nil {
		return
	}
	if p.Bad++; len(p.First) < SaidMax {
		p.First = append(p.First, where+": "+err.Error())
	}
}

// Err refuses a list of which too much is wrong.
func (p *Problems) Err() error {
	if p.Bad <= Allowed(p.Lines) {
		return nil
	}
	return fmt.Errorf("%s (%d of %d lines are wrong: more than %d are not borne)", p.First[0], p.Bad,
		p.Lines, Allowed(p.Lines))
}

// Warnings are sentences for people about the lines of the named file that were left out; none if none was.
func (p Problems) Warnings(name string) []string {
	out := make([]string, 0, len(p.First)+1)
	for _, s := range p.First {
		out = append(out, name+":"+s+": left out")
	}
	if more := p.Bad - len(p.First); more > 0 {
		out = append(out, fmt.Sprintf("%s: %d more of its %d lines were left out", name, more, p.Lines))
	}
	return out
}

// Each calls f with every line that is neither empty nor a comment (#, ; or //), without the spaces around it, and
// notes its error as that line's. The error returned is that of reading, or of too many bad lines; it begins with the
// line's number where there is one.
func Each(r io.Reader, p *Problems, f func(line string) error) error {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, 4<<10), maxLineBytes)
	n := 0
	for sc.Scan() {
		n++
		line := strings.TrimSpace(strings.TrimPrefix(sc.Text(), "\xef\xbb\xbf"))
		if IsComment(line) {
			continue
		}
		if p.Lines == 0 && strings.HasPrefix(line, "<") {
			return fmt.Errorf("%d: %w", n, ErrHTML(line))
		}
		p.Note(fmt.Sprint(n), f(line))
	}
	if err := sc.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("the line has more than %d bytes, want one entry a line", maxLineBytes)
		}
		return fmt.Errorf("%d: reading: %w", n+1, err)
	}
	return p.Err()
}

// IsComment says whether a line without spaces around it says nothing.
func IsComment(line string) bool {
	return line == "" || line[0] == '#' || line[0] == ';' || strings.HasPrefix(line, "//")
}

// Uncomment cuts the comment off a line whose entries hold neither # nor ;.
func Uncomment(line string) string {
	if i := strings.IndexAny(line, "#;"); i >= 0 {
		line = line[:i]
	}
	return strings.TrimSpace(line)
}

// ErrHTML says that a file is what servers send instead of a list. No entry of any list begins with a <.
func ErrHTML(line string) error {
	return fmt.Errorf("%s is the begin of a web page (HTML), want a list", Quote(line))
}

// Quote shows the begin of what a file says, which may be anything.
func Quote(s string) string {
	if len(s) > 60 {
		s = strings.ToValidUTF8(s[:60], "") + "…"
	}
	return fmt.Sprintf("%q", s)
}
