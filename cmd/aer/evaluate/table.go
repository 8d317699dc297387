package evaluate

import (
	"fmt"
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
	fmt.Fprintf(p, "%d anomalies in %d events of %d accounts; %d incidents: %d attacks, %d look-alikes",
		r.Anomalies, r.Events, r.Accounts, r.AllAttacks.Incidents+r.AllLookLike.Incidents, r.AllAttacks.Incidents, r.AllLookLike.Incidents)
	if r.Outside > 0 {
		fmt.Fprintf(p, " (%d more begin outside the period of the events and are left out)", r.Outside)
	}
	fmt.Fprintln(p)
	if !r.Decided {
		fmt.Fprintln(p, "no decisions given: `would respond` assumes default settings (tor and unexpected_scraping respond)")
	}
	r.printKinds(p)
	r.printDetectors(p)
	r.printBackground(p)
	if show[ShowMissed] {
		r.printMissed(p)
	}
	if show[ShowFalse] {
		r.printFalse(p)
	}
}

func (r *Report) printKinds(p *term.Printer) {
	fmt.Fprintf(p, "\n%s\n", p.Style("Attacks: found means an anomaly of an expected type in [start, end + 15 min]", term.Cyan))
	t := term.NewTable("kind", ">incidents", ">found", ">recall", ">would respond", ">detect p50", ">p95")
	for _, k := range append(r.Attacks, r.AllAttacks) {
		t.Row(k.Kind, k.Incidents, k.Found, percent(k.Rate), k.Responds, detectTime(k.Found, k.DetectP50S), detectTime(k.Found, k.DetectP95S))
		if k.Found < k.Incidents {
			t.StyleCell(2, term.Yellow)
		}
	}
	t.Style(term.Bold).Print(p)

	fmt.Fprintf(p, "\n%s\n", p.Style("Look-alikes: any anomaly there is a false alarm", term.Cyan))
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
	fmt.Fprintf(p, "\n%s\n", p.Style("Detectors: attacks that expect the type, and where its alarms fell", term.Cyan))
	t := term.NewTable("type", ">expected", ">found", ">recall", ">p50", ">p95", ">alarms", ">right", ">other",
		">look-alike", ">background", ">unscored", ">share", ">per 10k", ">near")
	for _, d := range append(r.Detectors, r.All) {
		t.Row(d.Type, d.Expected, d.Found, recall(d.Recall, d.Expected), detectTime(d.Found, d.DetectP50S), detectTime(d.Found, d.DetectP95S),
			d.Alarms, d.Right, d.Wrong, d.LookAlike, d.Background, d.Unscored, percent(d.Precision), fmt.Sprintf("%.2f", d.Per10k), d.Near)
	}
	t.Style(term.Bold).Print(p)
	fmt.Fprintln(p, p.Style("right, other: in an attack that expects the type, or another; share: right of all alarms;\n"+
		"per 10k: false user-days per 10,000 background user-days; near: observed within 10 % above the threshold", term.Dim))
}

func (r *Report) printBackground(p *term.Printer) {
	b := r.Background
	fmt.Fprintf(p, "\n%s\n", p.Style(fmt.Sprintf("Background: %d user-days outside incidents, of accounts older than 21 days", b.UserDays), term.Cyan))
	t := term.NewTable("false alarms", ">user-days", ">per 10,000 user-days")
	t.Row("would respond", b.Responds, fmt.Sprintf("%.2f", b.RespondPer10))
	t.Row("log only", b.LogOnly, fmt.Sprintf("%.2f", b.LogPer10k))
	t.Row("all", b.FalseAlarms, fmt.Sprintf("%.2f", b.Per10k)).Style(term.Bold).Print(p)
}

func (r *Report) printMissed(p *term.Printer) {
	fmt.Fprintf(p, "\n%s\n", p.Style(fmt.Sprintf("Missed attacks: %d", len(r.Missed)), term.Cyan))
	t := term.NewTable("incident", "account", "start", ">lasted", ">events", "expected", "note")
	for _, m := range r.Missed {
		t.Row(m.ID, m.OrgID+"/"+m.UserID, m.Start.UTC().Format(time.RFC3339), term.Duration(m.End.Sub(m.Start)), m.Events,
			strings.Join(m.Expected, ","), m.Note)
	}
	t.Print(p)
}

func (r *Report) printFalse(p *term.Printer) {
	fmt.Fprintf(p, "\n%s\n", p.Style(fmt.Sprintf("False alarms: %d", len(r.False)), term.Cyan))
	t := term.NewTable("anomaly", "type", "account", "time", "where", "decision", "evidence")
	for _, f := range r.False {
		decision := f.Outcome
		if decision == "" {
			decision = map[bool]string{true: "would respond", false: "log only"}[f.Responds]
		}
		t.Row(term.ID(f.AnomalyID), f.Type, f.OrgID+"/"+f.UserID, f.Time.UTC().Format(time.RFC3339), f.Where, decision, f.Evidence)
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
