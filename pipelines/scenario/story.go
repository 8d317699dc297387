// SPDX-License-Identifier: Apache-2.0

// Package scenario runs stories that an analyst can read and write: what happens, and what must follow (Language).
package scenario

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"google.golang.org/protobuf/encoding/protojson"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/decision/settings"
)

// sections of a story, as they are called in its file.
var sections = []string{
	"settings.yaml", "directory.yaml", "baseline.json", "tor.tsv", "run", "clients", "events", "findings", "want",
}

// Story is one parsed scenario.
type Story struct {
	// File is its path, for messages.
	File string
	// Events are what happens, sorted by time and as decoding gives them. A story about gates alone has Findings instead.
	Events   []*aerv1.Event
	Findings []*aerv1.Anomaly

	with    With
	tor     string
	decide  decision.Config
	want    []expectation
	archive *txtar.Archive
	// day is the one on which it begins, histories aside: times in run and want count from it.
	day time.Time
}

// section is a part of a story's file; line is that of its marker.
type section struct {
	file string
	line int
	text string
}

// padded is the text under as many lines as stand above it in the file: so whoever parses it names the file's lines.
func (s section) padded() []byte { return []byte(strings.Repeat("\n", s.line) + s.text) }

// errorf names the file and the line n of the section, 0 for its marker.
func (s section) errorf(n int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w", s.file, s.line+n, fmt.Errorf(format, args...))
}

// Parse reads a story. What own has takes the place of the story's sections. The error joins all mistakes, each with
// file, line and what would be right.
func Parse(file string, data []byte, own With) (*Story, error) {
	if above, _, nameless := strings.Cut("\n"+string(data), "\n-- --"); nameless { // txtar would panic
		return nil, fmt.Errorf("%s:%d: a section without a name", file, strings.Count(above, "\n")+1)
	}
	s := &Story{File: file, with: own, archive: txtar.Parse(data)}
	s.decide = decision.Config{Mode: aerv1.ModeReplay, EndsApps: true}
	parts, err := s.split()
	if err != nil {
		return nil, err
	}
	a := &author{users: map[string]*user{}, clients: map[string]*aerv1.Evidence{}}
	errs := []error{s.context(parts), parts["clients"].each(a.namedClient)}
	errs = append(errs, parts["events"].each(a.event), parts["findings"].each(a.finding))
	s.Events, s.Findings, s.day = a.finish(), a.findings, a.begin.Truncate(24*time.Hour)
	errs = append(errs, parts["run"].each(s.setRun), s.parseWant(parts["want"]))
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if a.begin.IsZero() || len(s.Events) > 0 && len(s.Findings) > 0 {
		return nil, fmt.Errorf("%s:1: want either events or findings, and a line with a time in it", file)
	}
	return s, nil
}

// split tells the sections apart.
func (s *Story) split() (map[string]section, error) {
	if len(bytes.TrimSpace(s.archive.Comment)) == 0 {
		return nil, fmt.Errorf("%s:1: say in plain words what the story shows, before its first section", s.File)
	}
	parts, n := map[string]section{}, bytes.Count(s.archive.Comment, []byte("\n"))
	for _, f := range s.archive.Files {
		n++ // its marker
		part := section{s.File, n, string(f.Data)}
		if !slices.Contains(sections, f.Name) {
			return nil, part.errorf(0, "unknown section %q; known are %s", f.Name, strings.Join(sections, ", "))
		}
		if _, twice := parts[f.Name]; twice {
			return nil, part.errorf(0, "a second section %q; want each once", f.Name)
		}
		parts[f.Name] = part
		n += bytes.Count(f.Data, []byte("\n"))
	}
	return parts, nil
}

// context reads what the story is judged with.
func (s *Story) context(parts map[string]section) error {
	var errs [3]error
	if s.with.Settings == nil {
		s.with.Settings, errs[0] = settings.Parse(s.File, parts["settings.yaml"].padded())
	}
	if s.with.Directory == nil {
		s.with.Directory, errs[1] = settings.ParseDirectory(s.File, parts["directory.yaml"].padded())
	}
	if s.with.Tor == nil {
		s.tor = parts["tor.tsv"].text
	}
	if part := parts["baseline.json"]; s.with.Baseline == nil && part.text != "" {
		s.with.Baseline = []*aerv1.Baseline{{}}
		// unlike what is stored, no key may be unknown
		if err := protojson.Unmarshal(part.padded(), s.with.Baseline[0]); err != nil {
			errs[2] = part.errorf(0, "want one aer.v1.Baseline as JSON: %w", err)
		}
	}
	return errors.Join(errs[:]...)
}

// setRun reads a line of run.
func (s *Story) setRun(l *line) error {
	var active, global uint32
	k := keys{
		"mode": &s.decide.Mode, "own_actors": &s.decide.User.OwnActors, "active_users": &active, "global_budget": &global,
		"no_app_ender": func(string) error { s.decide.EndsApps = false; return nil },
		"decided_at": func(v string) error {
			at, _, err := parseTime(v, s.day)
			s.decide.Now = func() time.Time { return at }
			return err
		},
	}
	if err := l.set(k); err != nil {
		return err
	}
	if modes := []string{aerv1.ModeReplay, aerv1.ModeObserve, aerv1.ModeEnforce}; !slices.Contains(modes, s.decide.Mode) {
		return fmt.Errorf("mode=%s: want one of %s", s.decide.Mode, strings.Join(modes, ", "))
	}
	if active > 0 {
		s.decide.ActiveUsers = func(string, time.Time) uint32 { return active }
	}
	if global > 0 {
		s.decide.Global = settings.GlobalLimits()
		s.decide.Global.BudgetMin, s.decide.Global.BudgetFraction = global, 0
	}
	return nil
}
