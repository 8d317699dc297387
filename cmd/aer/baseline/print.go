// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	core "github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector/evidence"
)

// Print writes an answer for people.
func (a Answer) Print(p *term.Printer) {
	t := &teller{p}
	of := term.Clean(a.OrgID)
	if a.UserID != "" {
		of = term.Clean(a.UserID) + " in " + of
	}
	fmt.Fprintln(t, t.Style(fmt.Sprintf("%s at %s", of, a.At.Format(time.RFC3339)), term.Bold))
	t.field("version", a.Version)
	if !a.ValidFrom.IsZero() {
		t.field("valid", day10(a.ValidFrom)+" until "+day10(a.ValidUntil))
	}
	if a.HabitDays > 0 {
		t.field("history", fmt.Sprintf("%s that end %s before the version",
			term.Count(a.HabitDays, "day"), term.Count(a.LagDays, "day")))
	}
	t.field("people", fmt.Sprintf("%d in the organisation, %d in all", a.People, a.Everyone))
	for _, c := range a.Cold {
		t.field("cold", c)
	}
	for _, h := range a.Hours {
		t.field("hour", h.text())
	}
	t.thresholds(a)
	t.signs(a)
	t.families(a)
	t.person(a)
}

type teller struct{ *term.Printer }

// width is how wide the text is laid out, in columns.
const width = 100

func (t *teller) field(name, text string) {
	for i, line := range term.Wrap(term.Clean(text), width-10) {
		if i > 0 {
			name = ""
		}
		fmt.Fprintf(t, "  %-8s %s\n", name, line)
	}
}

func (h Hour) text() string {
	var parts []string
	if h.Weeks > 0 {
		parts = append(parts, fmt.Sprintf("%s times the mean hour is expected (from %s)",
			evidence.Number(h.Factor), term.Count(h.Weeks, "week")))
	}
	if h.Live > 0 {
		parts = append(parts, fmt.Sprintf("the day so far is %s times as busy as expected", evidence.Number(h.Live)))
	}
	return h.Metric + ": " + strings.Join(parts, "; ")
}

func (t *teller) thresholds(a Answer) {
	t.Head("THRESHOLDS: more than this is reported, by sensitivity")
	table := term.NewTable("  detector", "metric", "class", ">low", ">medium", ">high", ">org weight",
		"medium, with its numbers")
	seen, notes := "", []string{}
	for _, r := range a.Thresholds {
		name := "  " + r.Detector
		if r.Detector == seen {
			name = ""
		}
		seen = r.Detector
		table.Row(name, r.Metric, r.Class, evidence.Number(r.Low), evidence.Number(r.Medium), evidence.Number(r.High),
			r.weight(), r.Formula)
		for _, n := range r.Notes {
			if !slices.Contains(notes, n) {
				notes = append(notes, n)
			}
		}
	}
	table.Print(t.Printer)
	for _, n := range notes {
		t.field("note", n)
	}
	if a.UserID != "" && slices.ContainsFunc(notes, func(n string) bool { return strings.HasPrefix(n, "no habit yet") }) {
		t.field("", "the person's own habit raises these in the pipeline: give --events to see it")
	}
}

// weight says whose quantile it is: the organisation's share, "everyone" where it has none, "prior" where nobody's is
// known.
func (r Threshold) weight() string {
	text := "prior"
	switch {
	case r.OrgWeight > 0:
		text = evidence.Number(r.OrgWeight)
	case r.EveryoneWeight > 0:
		text = "everyone"
	}
	if r.Flat {
		text += ", all alike"
	}
	return text
}

func (t *teller) signs(a Answer) {
	t.Head("DETECTORS THAT WEIGH SIGNS")
	for _, s := range a.Signs {
		for i, text := range []string{s.Threshold, "cold start: " + s.ColdStart} {
			name := s.Detector
			if i > 0 {
				name = ""
			}
			for _, line := range term.Wrap(text, width-26) {
				fmt.Fprintf(t, "  %-22s  %s\n", name, line)
				name = ""
			}
		}
	}
}

// listed is how many families are shown; there are few common ones.
const listed = 12

func (t *teller) families(a Answer) {
	if len(a.Families) > 0 {
		t.Head("CLIENTS OF THE ORGANISATION")
		table := term.NewTable("  family", ">people", ">sessions", ">share")
		for i, f := range a.Families {
			if i == listed {
				table.Note(fmt.Sprintf("  (%d more)", len(a.Families)-listed))
				break
			}
			table.Row("  "+term.Cut(f.Family, 30), f.Users, f.Sessions, fmt.Sprintf("%.1f %%", 100*f.Share))
		}
		table.Print(t.Printer)
	}
	if len(a.Fingerprints) > 0 {
		t.Head("TLS FINGERPRINTS KNOWN, by the organisation's own people or by %d organisations", core.MinOrgs)
		var parts []string
		for _, family := range slices.Sorted(maps.Keys(a.Fingerprints)) {
			parts = append(parts, fmt.Sprintf("%s %d", term.Cut(family, 30), a.Fingerprints[family]))
		}
		t.field("", strings.Join(parts, ", "))
	}
}

func (t *teller) person(a Answer) {
	if a.Person == nil || len(a.Person.Habits)+len(a.Person.Clients)+len(a.Person.Networks) == 0 {
		return
	}
	t.Head("THE PERSON: %s in the history", term.Count(a.Person.ActiveDays, "active day"))
	table := term.NewTable("  metric", "class", ">days", ">p50", ">p99", ">max", ">weight", "")
	for _, h := range a.Person.Habits {
		table.Row("  "+h.Metric+"_"+h.Horizon, h.Class, h.Days, evidence.Number(h.P50), evidence.Number(h.P99),
			evidence.Number(h.Max), evidence.Number(h.Weight), h.Cold)
	}
	table.Print(t.Printer)
	known := func(name string, list []KnownBy) {
		var parts []string
		for _, k := range list {
			parts = append(parts, fmt.Sprintf("%s on %s, last %s",
				k.Name, term.Count(k.Days, "day"), k.Last.Format(time.DateOnly)))
		}
		t.field(name, strings.Join(parts, "; "))
	}
	known("clients", a.Person.Clients)
	known("networks", a.Person.Networks)
}

// Overview lists the last versions of a file and the organisations of the one used at a time.
func Overview(p *term.Printer, list []*aerv1.Baseline, x *core.Index) {
	cut := max(0, len(list)-shown)
	if cut > 0 {
		fmt.Fprintf(p, "%d versions, of which the last:\n", len(list))
	}
	var built []Built
	for _, v := range list[cut:] {
		built = append(built, Describe(v, ""))
	}
	PrintBuilt(p, built)
	if x == nil {
		return
	}
	fmt.Fprintf(p, "\nOrganisations of %s:\n", x.Version())
	t := term.NewTable("  organisation", ">people", "")
	for i, org := range x.Orgs() {
		if i == 50 {
			t.Note(fmt.Sprintf("  (%d more)", len(x.Orgs())-i))
			break
		}
		cold := ""
		if x.People(org) < core.DefaultSupport.People {
			cold = "cold: goes by all organisations together"
		}
		t.Row("  "+org, x.People(org), cold)
	}
	t.Print(p)
}
