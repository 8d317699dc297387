// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/aer-project/aer/cmd/aer/term"
)

// printJSON writes v, indented, to standard output.
func (a *app) printJSON(v any) error {
	e := json.NewEncoder(a.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}

// bytesBar is progress through files, on standard error if that is a terminal.
type bytesBar struct {
	bar *progressbar.ProgressBar
}

func (a *app) bytesBar(what string) *bytesBar {
	return &bytesBar{progressbar.NewOptions64(-1,
		progressbar.OptionSetDescription(what),
		progressbar.OptionSetWriter(a.err),
		progressbar.OptionSetVisibility(term.IsTerminal(a.err)),
		progressbar.OptionSetWidth(30),
		progressbar.OptionShowBytes(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)}
}

// at shows that read of total bytes are done. A bar that cannot be drawn is no failure.
func (b *bytesBar) at(read, total int64) {
	b.bar.ChangeMax64(total)
	_ = b.bar.Set64(read)
}

func (b *bytesBar) done() { _ = b.bar.Finish() }

// stages tells on standard error what a long command is doing: a line for each stage, with a bar on a terminal.
type stages struct {
	a     *app
	began time.Time
	bar   *bytesBar
}

func (a *app) stages(began time.Time) *stages { return &stages{a: a, began: began} }

func (s *stages) begin(what string) {
	s.done()
	s.a.logf("%4.0fs  %s", time.Since(s.began).Seconds(), what)
	s.bar = s.a.bytesBar(what)
}

func (s *stages) at(done, total int64) {
	if s.bar != nil {
		s.bar.at(done, total)
	}
}

func (s *stages) done() {
	if s.bar != nil {
		s.bar.done()
	}
	s.bar = nil
}

// self is how this program was called, so that a command line we print can be copied: "aer", or a path as short as
// possible.
func self() string {
	name := os.Args[0]
	if !filepath.IsAbs(name) {
		return name
	}
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, name); err == nil && filepath.IsLocal(rel) {
			return rel
		}
	}
	return name
}

// logf writes a line for people to standard error.
func (a *app) logf(format string, args ...any) { fmt.Fprintf(a.err, format+"\n", args...) }
