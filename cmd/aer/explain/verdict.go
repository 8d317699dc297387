// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"fmt"
	"strings"

	"github.com/aer-project/aer/cmd/aer/responses"
	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse/feedback"
)

func (t *teller) decision(d *aerv1.Decision) {
	if d == nil {
		t.Head("DECISION")
		t.field("", "none is recorded for this anomaly")
		return
	}
	t.Head("DECISION: %s", d.GetOutcome())
	t.field("", d.GetReason())
	t.field("id", d.GetId())
	t.field("mode", modeText(d.GetMode()))
	t.field("settings", d.GetSettingsVersion())
	t.field("baseline", d.GetBaselineVersion())
	t.field("after", d.GetPreviousDecisionId())
	t.field("recommended", d.GetRecommendation())
	if len(d.GetTrace()) == 0 {
		return
	}
	fmt.Fprintln(t)
	gates := term.NewTable("  gate", "verdict", "detail")
	for _, g := range d.GetTrace() {
		verdict, style := "passed", term.Green
		if !g.GetPassed() {
			verdict, style = "stopped", term.Red
		}
		first := true
		for _, line := range orBlank(term.Wrap(term.Clean(g.GetDetail()), 60)) {
			if first {
				gates.Row("  "+g.GetGate(), verdict, line).StyleCell(1, style)
			} else {
				gates.Row("", "", line)
			}
			first = false
		}
	}
	gates.Print(t.Printer)
}

func orBlank(lines []string) []string {
	if len(lines) == 0 {
		return []string{""}
	}
	return lines
}

func modeText(mode string) string {
	switch mode {
	case aerv1.ModeEnforce:
		return "enforce: the outcome is carried out"
	case aerv1.ModeObserve:
		return "observe: the outcome is recorded and nothing is carried out"
	case aerv1.ModeReplay:
		return "replay: what would have been decided; nothing is carried out"
	}
	return mode
}

func (t *teller) done(s *Story) {
	t.Head("WHAT WAS DONE")
	if s.Response == nil {
		t.field("", NothingDone(s.Decision))
		return
	}
	ended := "sessions ended"
	if s.Response.GetActorKind() == aerv1.ActorApp {
		ended = "access ended"
	}
	t.field(ended, responses.Ended(s.Response, s.Audit))
	if at := s.Response.GetDoneAt(); at != nil {
		t.field("done at", when(at))
	}
	steps := term.NewTable("  step", "to", "by", "state", ">attempts", "detail")
	for _, step := range s.Response.GetSteps() {
		steps.Row("  "+step.GetKind(), term.Cut(step.GetTarget(), 28), step.GetChannel(), step.GetState(), step.GetAttempts(),
			term.Cut(step.GetDetail(), 40))
		if step.GetState() == "failed" {
			steps.StyleCell(3, term.Red)
		}
	}
	steps.Print(t.Printer)
	for _, n := range s.Notifications {
		t.field("told "+n.GetChannel(),
			fmt.Sprintf("%s (%s): %s", n.GetAddress(), strings.Join(n.GetRoles(), ", "), n.GetSubject()))
	}
}

// Acts says whether an outcome ends sessions when it is carried out.
func Acts(o aerv1.Decision_Outcome) bool {
	return o == aerv1.Decision_RESPOND || o == aerv1.Decision_PERSISTING
}

// NothingDone says why a decision has no response.
func NothingDone(d *aerv1.Decision) string {
	switch {
	case d == nil:
		return "nothing: no decision was taken"
	case !Acts(d.GetOutcome()):
		return fmt.Sprintf("nothing: %s does not end sessions", d.GetOutcome())
	case d.GetMode() != aerv1.ModeEnforce:
		return fmt.Sprintf("nothing: in mode %s %s, and was not", d.GetMode(), wouldHave(d))
	}
	return "no response is recorded for this decision yet: it is when every step of it is done or given up"
}

func wouldHave(d *aerv1.Decision) string {
	if d.GetActorKind() == aerv1.ActorApp {
		return "the app's access would have been ended"
	}
	return "the person would have been signed out"
}

func (t *teller) feedback(said []*aerv1.Feedback) {
	if len(said) == 0 {
		return
	}
	t.Head("WHAT PEOPLE FOUND OUT")
	for _, f := range said {
		t.field(feedback.Words(f.GetVerdict()), fmt.Sprintf("%s (%s, %s)", f.GetReason(), f.GetAuthor(), when(f.GetTime())))
	}
}

func (t *teller) others(others []Found) {
	if len(others) == 0 {
		return
	}
	t.Head("THE SAME PERSON WITHIN A DAY")
	table := term.NewTable("  time", "anomaly", "type", "decision", "why")
	for _, o := range others {
		outcome := ""
		if o.Decision != nil {
			outcome = o.Decision.GetOutcome().String()
		}
		table.Row("  "+shortTime(o.Anomaly.GetTime().AsTime()), term.ID(o.Anomaly.GetId()), o.Anomaly.GetType()+
			term.Clean(Mark(o.Anomaly)), outcome, term.Cut(o.Decision.GetReason(), 40))
	}
	table.Print(t.Printer)
}
