// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"fmt"
	"regexp"

	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// finding is the detail of a sign that is itself an anomaly: its id, when it was known, and its own figures.
var finding = regexp.MustCompile(`^anomaly (\S+) at \d{4}-\d{2}-\d{2}T(\d{2}:\d{2}:\d{2})Z: (.*)$`)

// signs writes a line for each sign. Those that are findings of their own come with the anomaly to ask for.
func (t *teller) signs(s *Story) {
	signs := s.Anomaly.GetEvidence().GetSigns()
	if len(signs) == 0 {
		return
	}
	fmt.Fprintln(t)
	if findings(signs) {
		t.findings(s, signs)
		return
	}
	table := term.NewTable("  sign", ">weight", "detail")
	for _, sign := range signs {
		rows(table, sign, term.Wrap(term.Clean(sign.GetDetail()), 60))
	}
	table.Print(t.Printer)
}

// findings says whether every sign is the finding of a detector.
func findings(signs []*aerv1.Sign) bool {
	for _, s := range signs {
		if !finding.MatchString(s.GetDetail()) {
			return false
		}
	}
	return true
}

func (t *teller) findings(s *Story, signs []*aerv1.Sign) {
	table := term.NewTable("  sign", ">weight", "anomaly", "known at", "its own figures")
	hidden := false
	for _, sign := range signs {
		m := finding.FindStringSubmatch(sign.GetDetail())
		name, listed := s.named(m[1])
		hidden = hidden || !listed
		rows(table, sign, term.Wrap(term.Clean(m[3]), 50), name, m[2])
	}
	table.Print(t.Printer)
	if hidden {
		t.field("", "not listed: below its own limit, or folded into an earlier anomaly")
	}
}

// named is how to ask for a finding, and whether it can be asked for: hints are never written, and what was folded into
// another anomaly has no line of its own.
func (s *Story) named(id string) (name string, listed bool) {
	if id == s.Anomaly.GetId() {
		return "this one", true
	}
	for _, o := range s.Others {
		if o.Anomaly.GetId() == id {
			return term.ID(id), true
		}
	}
	return "not listed", false
}

// rows adds a sign with what else there is to say, and its last column on as many lines as it needs.
func rows(table *term.Table, sign *aerv1.Sign, lines []string, cells ...any) {
	for i, line := range orBlank(lines) {
		row := append([]any{"  " + sign.GetCode(), fmt.Sprintf("%.2f", sign.GetWeight())}, cells...)
		if i > 0 {
			for j := range row {
				row[j] = ""
			}
		}
		table.Row(append(row, line)...)
	}
}
