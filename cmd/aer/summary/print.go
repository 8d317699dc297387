// SPDX-License-Identifier: Apache-2.0

package summary

import (
	"fmt"
	"strings"
	"time"

	"github.com/aer-project/aer/cmd/aer/explain"
	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/response"
)

// width is how wide the sentences beneath a row may be, in columns.
const width = 110

// Print writes at most limit rows, each with its reasons beneath it, and then how often each outcome occurred.
func (s *Summary) Print(p *term.Printer, limit int) {
	t := term.NewTable("time", "id", "who", "organisation", "anomaly", ">observed", ">threshold", "decision", "done")
	shown := s.grouped()
	if len(shown) > limit {
		fmt.Fprintf(p, "the last %d of %d:\n", limit, len(shown))
		shown = shown[len(shown)-limit:]
	}
	for _, r := range shown {
		e := r.Anomaly.GetEvidence()
		t.Row(
			r.Anomaly.GetTime().AsTime().UTC().Format(s.clock()), term.ID(r.Anomaly.GetId()),
			term.Cut(s.who(r.Anomaly), 28), term.Cut(s.org(r.Anomaly), 18), r.Anomaly.GetType(),
			strings.TrimSpace(explain.Number(e.GetObserved())+" "+e.GetUnit()), explain.Number(e.GetThreshold()),
			outcome(r.Decision), r.done(),
		).StyleCell(7, style(r.Decision))
		for _, line := range r.because() {
			t.Note("      " + line)
		}
		if r.more > 0 {
			t.Note(fmt.Sprintf("      and %d more with the same decision until %s", r.more, r.last.UTC().Format("15:04:05")))
		}
	}
	t.Print(p)
	s.printOutcomes(p)
}

// clock is the layout of times: without the date where all rows are of one day.
func (s *Summary) clock() string {
	for _, r := range s.Rows {
		first := s.Rows[0].Anomaly.GetTime().AsTime().UTC().Format(time.DateOnly)
		if r.Anomaly.GetTime().AsTime().UTC().Format(time.DateOnly) != first {
			return "01-02 15:04:05"
		}
	}
	return time.TimeOnly
}

// group is the first of several anomalies of one person and type with the same decision.
type group struct {
	Row
	more int
	last time.Time
}

// grouped gathers what belongs together, so that a table stays short.
func (s *Summary) grouped() []*group {
	var groups []*group
	first := map[string]*group{}
	for _, r := range s.Rows {
		a := r.Anomaly
		key := fmt.Sprintf("%q %q %s %s %s", a.GetOrgId(), a.GetUserId(), a.GetType(), outcome(r.Decision),
			a.GetTime().AsTime().Format(time.DateOnly))
		if g := first[key]; g != nil && r.Response == nil {
			g.more++
			g.last = a.GetTime().AsTime()
			continue
		}
		first[key] = &group{Row: r}
		groups = append(groups, first[key])
	}
	return groups
}

// because is what was seen and why it was decided so, as lines.
func (r Row) because() []string {
	lines := term.Wrap(term.Clean(r.Anomaly.GetSummary()), width)
	if r.Decision.GetReason() != "" {
		lines = append(lines, term.Wrap(term.Clean("→ "+r.Decision.GetReason()), width)...)
	}
	return lines
}

func outcome(d *aerv1.Decision) string {
	if d == nil {
		return "-"
	}
	return d.GetOutcome().String()
}

func style(d *aerv1.Decision) term.Style {
	switch {
	case d == nil:
		return term.Plain
	case explain.Acts(d.GetOutcome()):
		return term.Red
	case d.GetOutcome() == aerv1.Decision_LOG_ONLY:
		return term.Yellow
	}
	return term.Dim
}

// done is what was done, in a few words.
func (r Row) done() string {
	if r.Response == nil {
		if r.Decision != nil && explain.Acts(r.Decision.GetOutcome()) && r.Decision.GetMode() != aerv1.ModeEnforce {
			return "nothing (" + r.Decision.GetMode() + ")"
		}
		return "nothing"
	}
	told, failed, revoked := 0, 0, false
	for _, step := range r.Response.GetSteps() {
		revoked = revoked || step.GetKind() == response.KindRevoke && step.GetState() == response.StepDone
		switch {
		case step.GetState() == response.StepFailed:
			failed++
		case step.GetKind() == response.KindNotify && step.GetState() == response.StepDone:
			told++
		}
	}
	text := term.Count(told, "message") + " sent"
	switch n := int(r.Response.GetSessionsReset()); {
	case revoked && r.Response.GetActorKind() == aerv1.ActorApp:
		text = "app's access ended, " + text
	case n > 0:
		text = term.Count(n, "session") + " ended, " + text
	case revoked: // there were none, or the platform does not say how many
		text = "sessions ended, " + text
	}
	if failed > 0 {
		text += fmt.Sprintf(", %s failed", term.Count(failed, "step"))
	}
	return text
}

// printOutcomes counts decisions by outcome, with what each means.
func (s *Summary) printOutcomes(p *term.Printer) {
	n := map[aerv1.Decision_Outcome]int{}
	for _, r := range s.Rows {
		if r.Decision != nil {
			n[r.Decision.GetOutcome()]++
		}
	}
	if len(n) == 0 {
		return
	}
	fmt.Fprintln(p)
	t := term.NewTable("decision", ">anomalies", "what it means")
	for _, o := range explain.Outcomes() {
		if n[o] > 0 {
			t.Row(o, n[o], explain.Meaning(o))
		}
	}
	t.Print(p)
}
