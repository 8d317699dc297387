// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aer-project/aer/cmd/aer/term"
)

// Lists that Print can add.
const (
	ShowMissed = "missed"
	ShowFalse  = "false"
)

// Print writes the report as tables, with the given lists after them.
func (r *Report) Print(p *term.Printer, show map[string]bool) {
	fmt.Fprintf(p, "%s in %s of %s; %s: %s, %s",
		term.Count(r.Anomalies, "anomaly", "anomalies"), term.Count(r.Events, "event"), term.Count(r.Accounts, "account"),
		term.Count(r.AllAttacks.Incidents+r.AllLookLike.Incidents, "incident"), term.Count(r.AllAttacks.Incidents, "attack"),
		term.Count(r.AllLookLike.Incidents, "look-alike"))
	if r.Outside > 0 {
		fmt.Fprintf(p, " (outside the period of the events, and left out: %d more)", r.Outside)
	}
	fmt.Fprintln(p)
	if !r.Decided {
		fmt.Fprintln(p, "no decisions given: decided anew under default settings (tor and unexpected_scraping respond)")
	}
	r.printKinds(p)
	r.printDetectors(p)
	r.printCrossed(p)
	r.printBackground(p)
	r.printDecisions(p)
	r.Feedback.print(p)
	if show[ShowMissed] {
		r.printMissed(p)
	}
	if show[ShowFalse] {
		r.printFalse(p)
	}
}

func (r *Report) printKinds(p *term.Printer) {
	p.Head("Attacks: found means an anomaly of an expected type in [start, end + 15 min]")
	t := term.NewTable("kind", ">incidents", ">found", ">recall", ">would respond", ">detect p50", ">p95")
	for _, k := range append(r.Attacks, r.AllAttacks) {
		t.Row(k.Kind, k.Incidents, k.Found, percent(k.Rate), k.Responds, detectTime(k.Found, k.DetectP50S),
			detectTime(k.Found, k.DetectP95S))
		if k.Found < k.Incidents {
			t.StyleCell(2, term.Yellow)
		}
	}
	t.Style(term.Bold).Print(p)

	p.Head("Look-alikes: any anomaly there is a false alarm")
	t = term.NewTable("kind", ">incidents", ">alarmed", ">rate", ">would respond")
	for _, k := range append(r.LookAlikes, r.AllLookLike) {
		t.Row(k.Kind, k.Incidents, k.Found, percent(k.Rate), k.Responds)
		if k.Found > 0 {
			t.StyleCell(2, term.Yellow)
		}
		if k.Responds > 0 {
			t.StyleCell(4, term.Red)
		}
	}
	t.Style(term.Bold).Print(p)
}

func (r *Report) printDetectors(p *term.Printer) {
	p.Head("Detectors: attacks that expect the type, and where its alarms fell")
	t := term.NewTable("type", ">expected", ">found", ">recall", ">p50", ">p95", ">alarms", ">right", ">other",
		">look-alike", ">background", ">unscored", ">share", ">type ok", ">respond/10k", ">log/10k", ">near")
	for _, d := range append(r.Detectors, r.All) {
		t.Row(d.Type, d.Expected, d.Found, recall(d.Recall, d.Expected), detectTime(d.Found, d.DetectP50S),
			detectTime(d.Found, d.DetectP95S),
			d.Alarms, d.Right, d.Wrong, d.LookAlike, d.Background, d.Unscored, percent(d.Precision),
			recall(d.RightShare, d.Right+d.Wrong),
			fmt.Sprintf("%.2f", d.RespondPer10k), fmt.Sprintf("%.2f", d.LogPer10k), recall(d.NearShare, d.Alarms))
	}
	t.Style(term.Bold).Print(p)
	fmt.Fprintln(p, p.Style("right, other: in an attack that expects the type, or another; share: right of all alarms; "+
		"type ok: right of those in attacks;\n"+
		"respond/10k, log/10k: false user-days per 10,000 background user-days, by what would be done; near: observed "+
		"within 10 % above the threshold", term.Dim))
}

// printCrossed tells the time since the threshold was crossed, where the truth knows.
func (r *Report) printCrossed(p *term.Printer) {
	if r.AllAttacks.Known == 0 {
		return
	}
	p.Head("Time to detect since the threshold was truly crossed")
	t := term.NewTable("kind", ">found, crossing known", ">p50", ">p95")
	for _, k := range append(r.Attacks, r.AllAttacks) {
		t.Row(k.Kind, k.Known, detectTime(k.Known, k.P50S), detectTime(k.Known, k.P95S))
	}
	t.Style(term.Bold).Print(p)
}

// printDecisions counts what was, or would be, decided about the alarms of each type.
func (r *Report) printDecisions(p *term.Printer) {
	if len(r.All.Outcomes) == 0 {
		return
	}
	p.Head("Decisions")
	outcomes := slices.Sorted(maps.Keys(r.All.Outcomes))
	head := []string{"type"}
	for _, o := range outcomes {
		head = append(head, ">"+o)
	}
	t := term.NewTable(head...)
	for _, d := range append(r.Detectors, r.All) {
		row := []any{d.Type}
		for _, o := range outcomes {
			row = append(row, d.Outcomes[o])
		}
		t.Row(row...)
	}
	t.Style(term.Bold).Print(p)
}

func (r *Report) printBackground(p *term.Printer) {
	b := r.Background
	p.Head("Background: %s outside incidents, of accounts older than 21 days", term.Count(b.UserDays, "user-day"))
	t := term.NewTable("false alarms", ">user-days", ">per 10,000 user-days")
	t.Row("would respond", b.Responds, fmt.Sprintf("%.2f", b.RespondPer10))
	t.Row("log only", b.LogOnly, fmt.Sprintf("%.2f", b.LogPer10k))
	t.Row("all", b.FalseAlarms, fmt.Sprintf("%.2f", b.Per10k)).Style(term.Bold).Print(p)
	if c := r.Common; c.Findings > 0 {
		fmt.Fprintf(p, "Common causes, which are no alarms: %s to admins, of %s\n",
			term.Count(c.Notices, "notice"), term.Count(c.Findings, "finding"))
	}
}

func (r *Report) printMissed(p *term.Printer) {
	p.Head("Missed attacks: %d", len(r.Missed))
	t := term.NewTable("incident", "account", "start", ">lasted", ">events", "expected", "note")
	for _, m := range r.Missed {
		t.Row(m.ID, m.OrgID+"/"+m.UserID, m.Start.UTC().Format(time.RFC3339), term.Duration(m.End.Sub(m.Start)), m.Events,
			strings.Join(m.Expected, ","), m.Note)
	}
	t.Print(p)
}

func (r *Report) printFalse(p *term.Printer) {
	p.Head("False alarms: %d", len(r.False))
	t := term.NewTable("anomaly", "type", "account", "time", "where", "decision", "evidence")
	for _, f := range r.False {
		decision := f.Outcome
		if decision == "" {
			decision = map[bool]string{true: "would respond", false: "log only"}[f.Responds]
		}
		t.Row(term.ID(f.AnomalyID), f.Type, f.OrgID+"/"+f.UserID, f.Time.UTC().Format(time.RFC3339), f.Where,
			decision, f.Evidence)
	}
	t.Print(p)
}

func recall(f float64, expected int) string {
	if expected == 0 {
		return "-"
	}
	return percent(f)
}

func percent(f float64) string { return fmt.Sprintf("%.1f%%", 100*f) }

func detectTime(found int, seconds float64) string {
	if found == 0 {
		return "-"
	}
	return term.Duration(time.Duration(seconds * float64(time.Second)))
}
