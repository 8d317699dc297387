// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/rogpeppe/go-internal/txtar"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Result is what became of a story.
type Result struct {
	File string `json:"file"`
	OK   bool   `json:"ok"`
	// Empty: the story does not say what must follow.
	Empty bool `json:"empty"`
	// Proposal is a section want that the story passes: what agrees as it was written, the rest as it came out.
	Proposal string `json:"proposal"`
	// Diff are the lines of the expectations and of the proposal, with - before what did not follow and + before what did
	// instead; empty if OK or Empty.
	Diff string `json:"diff"`
	// Updated is the story's file with the proposal in it.
	Updated []byte `json:"-"`
}

// compare puts what came beside what was expected. An expectation is met by the first anomaly that agrees, behind those
// that met the ones before; all is well if none of either is left.
func (s *Story) compare(anomalies []*aerv1.Anomaly, decisions []*aerv1.Decision) *Result {
	r := &Result{File: s.File, Empty: len(s.want) == 0}
	var got []map[string]string
	for i, a := range anomalies {
		got = append(got, factsOf(a, decisions[i], s.day))
	}
	if n := len(s.Findings) - len(anomalies); n > 0 {
		got = append(got, map[string]string{"who": folded, "type": fmt.Sprint(n)})
	} else if len(got) == 0 {
		got = append(got, map[string]string{"who": none})
	}
	want := ""
	for _, e := range s.want {
		want += e.text
		if i := slices.IndexFunc(got, e.agrees); i >= 0 {
			r.Proposal += proposals(got[:i]) + e.text
			got = got[i+1:]
		}
	}
	r.Proposal += proposals(got)
	if r.OK = want == r.Proposal; !r.OK && !r.Empty {
		_, r.Diff, _ = strings.Cut(string(diff.Diff("want", []byte(want), "got", []byte(r.Proposal))), "+++ got\n")
	}
	rest := slices.DeleteFunc(slices.Clone(s.archive.Files), func(f txtar.File) bool { return f.Name == "want" })
	proposed := append(rest, txtar.File{Name: "want", Data: []byte(r.Proposal)})
	r.Updated = txtar.Format(&txtar.Archive{Comment: s.archive.Comment, Files: proposed})
	return r
}

// proposals writes expectations that the facts meet.
func proposals(got []map[string]string) (out string) {
	for _, is := range got {
		words := []string{is["time"], is["who"], is["type"], is["does"], is["outcome"]}
		if is["escalate"] == "true" {
			words = append(words, "escalate")
		}
		if is["by"] != none && is["by"] != "" {
			words = append(words, "by", is["by"])
		}
		out += strings.TrimSpace(strings.Join(words, " ")) + "\n"
		for _, name := range []string{"reason", "summary"} {
			if is[name] != "" {
				out += fmt.Sprintf("    %s : %s\n", name, is[name])
			}
		}
	}
	return out
}
