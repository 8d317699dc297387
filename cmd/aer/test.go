// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aer-project/aer/cmd/aer/term"
	base "github.com/aer-project/aer/pipelines/baseline"
	"github.com/aer-project/aer/pipelines/scenario"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision/settings"
)

// testWidth is what the printed differences are wrapped to.
const testWidth = 110

// tests are the flags of the verb.
type tests struct {
	settings, directory, baseline string
	tor, networks                 []string
	update                        bool
}

func (a *app) testCommand() *cobra.Command {
	var o tests
	cmd := &cobra.Command{
		Use: "test FILE...", Short: "Tell stories of what happens, and check what must follow",
		Long: `Runs stories (scenarios) and compares what follows with what must follow: which anomalies are found, and what
is decided about each. It never acts. Of a folder, every .txtar in it and below is told. A story that does not say what
must follow fails, and the section want to paste is printed; --update writes it into the file, also where something
else followed.

--settings, --directory, --baseline and --tor take the place of the sections of every story, and --networks adds to its
events: so you see what your own choices make of them. Organisations and people must then be called as there.

Exit codes: 0 everything followed, 1 something did not, 2 wrong usage or a file that cannot be read.

` + scenario.Language(),
		Example: `  aer test testdata/scenario/example.txtar
  aer test stories --settings settings.yaml --baseline baselines.pb.zst
  aer test stories/stolen_cookie.txtar --update`,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("name files or folders with stories, for example testdata/scenario")
			}
			if o.update && o.settings+o.directory+o.baseline+strings.Join(append(o.tor, o.networks...), "") != "" {
				return usagef("--update writes what follows from the stories alone: not with --settings and its like")
			}
			return a.test(o, args)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.settings, "settings", "", "`file` of what organisations have chosen, for every story")
	flags.StringVar(&o.directory, "directory", "", "`file` of people, for every story")
	flags.StringVar(&o.baseline, "baseline", "", "`file` of baselines, for every story")
	flags.StringSliceVar(&o.tor, "tor", nil, "`files` of Tor exits, for every story")
	flags.StringSliceVar(&o.networks, "networks", nil, "`files` in MaxMind format, for what events do not name")
	flags.BoolVar(&o.update, "update", false, "write what followed into the stories, as what must follow")
	return cmd
}

// test tells all stories and prints what became of each.
func (a *app) test(o tests, paths []string) error {
	with, err := o.with()
	if err != nil {
		return usageError{err}
	}
	files, err := stories(paths)
	if err != nil {
		return usageError{err}
	}
	results, failed, unread, notes := []*scenario.Result{}, 0, []error(nil), map[string]bool{}
	for _, file := range files {
		r, err := o.tell(file, with, notes)
		if err != nil {
			unread = append(unread, err)
			continue
		}
		if results = append(results, r); !r.OK {
			failed++
		}
		if a.output == outputTable {
			a.printTest(r, o.update)
		}
	}
	for _, note := range slices.Sorted(maps.Keys(notes)) {
		a.logf("%s", note)
	}
	if a.output == outputJSON {
		err = a.printJSON(results)
	}
	switch {
	case len(unread) > 0:
		return usageError{errors.Join(unread...)}
	case failed > 0:
		return fmt.Errorf("stories that went otherwise than they say: %d of %d", failed, len(files))
	}
	return err
}

// with reads what takes the place of the stories' own sections.
func (o tests) with() (scenario.With, error) {
	chosen, err := parseFile(o.settings, settings.Parse)
	people, err2 := parseFile(o.directory, settings.ParseDirectory)
	w := scenario.With{Settings: chosen, Directory: people, Tor: o.tor, Networks: o.networks}
	var err3 error
	if o.baseline != "" {
		w.Baseline, err3 = base.ReadFile(o.baseline)
	}
	return w, errors.Join(err, err2, err3)
}

// parseFile returns nil only if there is no file.
func parseFile[T any](path string, parse func(string, []byte) ([]T, error)) ([]T, error) {
	if path == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err // the error names the operation and the path
	}
	all, err := parse(path, raw)
	return append([]T{}, all...), err
}

// stories are the files as they are named, and every .txtar in and below a folder.
func stories(paths []string) (files []string, err error) {
	for _, path := range paths {
		err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && (name == path || filepath.Ext(name) == ".txtar") {
				files = append(files, name)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("looking for stories: %w", err)
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no .txtar in %s", strings.Join(paths, ", "))
	}
	return files, nil
}

// tell runs one story, and updates its file if that is wanted.
func (o tests) tell(file string, with scenario.With, notes map[string]bool) (*scenario.Result, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err // the error names the operation and the path
	}
	s, err := scenario.Parse(file, data, with)
	if err != nil {
		return nil, err
	}
	foreign(s, with, notes)
	r, err := s.Run()
	if err == nil && o.update && !r.OK {
		err = os.WriteFile(file, r.Updated, 0o644)
	}
	return r, err
}

// foreign notes the story's organisations of which one's own files say nothing: that is seldom meant.
func foreign(s *scenario.Story, with scenario.With, notes map[string]bool) {
	orgs := map[string]bool{}
	for _, ev := range s.Events {
		orgs[ev.OrgId] = true
	}
	for _, found := range s.Findings {
		orgs[found.OrgId] = true
	}
	for org := range orgs {
		if with.Settings != nil &&
			!slices.ContainsFunc(with.Settings, func(x *aerv1.Settings) bool { return x.OrgId == org }) {
			notes[fmt.Sprintf("--settings says nothing of %q: stories about it follow the defaults", org)] = true
		}
		if with.Directory != nil &&
			!slices.ContainsFunc(with.Directory, func(x *aerv1.Directory) bool { return x.OrgId == org }) {
			notes[fmt.Sprintf("--directory says nothing of %q: nobody is known there", org)] = true
		}
	}
}

// printTest writes a line for a story, and what differs beneath it.
func (a *app) printTest(r *scenario.Result, updated bool) {
	p := a.printer()
	switch {
	case r.OK:
		fmt.Fprintf(p, "%s    %s\n", p.Style("ok", term.Green), r.File)
		return
	case r.Empty:
		does := map[bool]string{false: "if this is right, paste it", true: "this is in it now"}[updated]
		fmt.Fprintf(p, "%s  %s: it does not say what must follow; %s\n\n-- want --\n%s\n", p.Style("FAIL", term.Red),
			r.File, does, r.Proposal)
		return
	}
	does := map[bool]string{true: ", which is in it now"}[updated]
	fmt.Fprintf(p, "%s  %s: - is what must follow, + what did%s\n", p.Style("FAIL", term.Red), r.File, does)
	for line := range strings.Lines(r.Diff) {
		style := map[byte]term.Style{'-': term.Red, '+': term.Green}[line[0]]
		if strings.HasPrefix(line, "@@ -1,") || strings.HasPrefix(line, "@@ -1 ") {
			continue // nothing is left out
		} else if line[0] == '@' {
			line = " ..."
		}
		indent := strings.Repeat(" ", len(line[1:])-len(strings.TrimLeft(line[1:], " ")))
		for i, part := range term.Wrap(term.Clean(strings.TrimSpace(line[1:])), testWidth) {
			fmt.Fprintln(p, p.Style("      "+line[:1]+" "+indent+strings.Repeat(" ", min(2*i, 2))+part, style))
		}
	}
}
