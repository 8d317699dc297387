// SPDX-License-Identifier: Apache-2.0

// Command readme rewrites the parts of documents that follow from the code.
//
// Such a part stands between a line "<!-- generated: NAME -->" and the next line "<!-- end -->".
package main

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/event"
)

//go:generate go run . ../../.github/CONTRIBUTING.md
//go:generate go run . ../../transforms/detector/README.md ../../transforms/event/README.md

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: readme FILE...")
		os.Exit(2)
	}
	for _, path := range os.Args[1:] {
		if err := rewrite(path); err != nil {
			fmt.Fprintln(os.Stderr, "readme:", err)
			os.Exit(1)
		}
	}
}

// parts are the generated parts by name.
var parts = map[string]func() (string, error){"actors": actors, "detectors": detectors, "packages": packages}

var section = regexp.MustCompile(`(?sm)^<!-- generated: (\w+) -->\n.*?^<!-- end -->$`)

func rewrite(path string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text := section.ReplaceAllFunc(old, func(m []byte) []byte {
		name := string(section.FindSubmatch(m)[1])
		part, ok := parts[name]
		if !ok {
			err = fmt.Errorf("%s asks for a part %q that nobody generates", path, name)
			return m
		}
		table, failed := part()
		if failed != nil {
			err = failed
		}
		return fmt.Appendf(nil, "<!-- generated: %s -->\n%s<!-- end -->", name, table)
	})
	if err != nil || bytes.Equal(old, text) {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

// detectors is the table of detectors, from what each says of itself.
func detectors() (string, error) {
	var b strings.Builder
	b.WriteString("| detector | signal | horizons | threshold | cold start | evidence | deliberately tolerates " +
		"|\n|---|---|---|---|---|---|---|\n")
	for _, d := range detector.All() {
		x := d.Doc()
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s | %s |\n", x.Type, x.Signal, x.Horizons, x.Threshold, x.ColdStart,
			x.Evidence, x.Tolerates)
	}
	return b.String(), nil
}

// actors is the table of the rules that tell who acted, in their order.
func actors() (string, error) {
	var b strings.Builder
	b.WriteString("| rule | kind | what it looks at | as in |\n|---|---|---|---|\n")
	for _, r := range event.ActorRules() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", r.Name, r.Kind, r.Looks, r.Source)
	}
	return b.String(), nil
}
