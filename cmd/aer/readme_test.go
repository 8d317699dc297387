// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/aer-project/aer/cmd/aer/explain"
)

// TestReadme keeps the tables of verbs and outcomes the same as the program's own words.
func TestReadme(t *testing.T) {
	want := func(file, row string) {
		if raw, err := os.ReadFile(file); err != nil || !strings.Contains(string(raw), row+"\n") {
			t.Errorf("%s lacks the row (%v)\n%s", file, err, row)
		}
	}
	for _, o := range explain.Outcomes() {
		want("../../transforms/decision/README.md", fmt.Sprintf("| %s | %s |", o, explain.Meaning(o)))
	}
	a := &app{}
	for _, verb := range a.root().Commands() {
		if !verb.Hidden && verb.Name() != "help" && verb.Name() != "completion" {
			want("README.md", fmt.Sprintf("| `aer %s` | %s |", verb.Name(), verb.Short))
		}
	}
}

// TestExamplesAreTaken checks that every example in the help names verbs and flags that exist.
func TestExamplesAreTaken(t *testing.T) {
	for _, verb := range withSubcommands((&app{}).root()) {
		for _, line := range strings.Split(strings.ReplaceAll(verb.Example, "\\\n", ""), "\n") {
			line, _, _ = strings.Cut(line, " > ")
			words := strings.Fields(line)
			if len(words) == 0 {
				continue
			}
			if words[0] != "aer" {
				t.Errorf("%s: %q is no command line of aer", verb.CommandPath(), line)
				continue
			}
			cmd, rest, err := (&app{}).root().Find(words[1:])
			if err == nil {
				err = cmd.ParseFlags(rest)
			}
			if err != nil {
				t.Errorf("%s: %q: %v", verb.CommandPath(), line, err)
			}
		}
	}
}

// withSubcommands returns a command and all beneath it.
func withSubcommands(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, sub := range cmd.Commands() {
		all = append(all, withSubcommands(sub)...)
	}
	return all
}
