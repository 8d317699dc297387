// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/aer-project/aer/cmd/aer/term"
)

// Print writes the sums as tables, what failed, and whether the bounds hold; dir is the folder of the seeds.
func (t *Totals) Print(p *term.Printer, b Bounds, dir string, failuresMax int) {
	fmt.Fprintf(p, "%s\n", p.Style(fmt.Sprintf("Attacks over %s", term.Count(t.Seeds, "seed")), term.Cyan))
	table := term.NewTable("kind", ">incidents", ">found", ">share", ">would respond")
	for _, kind := range slices.Sorted(maps.Keys(t.Attacks)) {
		k := t.Attacks[kind]
		table.Row(kind, k.Incidents, k.Found, percent(share(k.Found, k.Incidents)), k.Responds)
		if share(k.Found, k.Incidents) < b.Kind {
			table.StyleCell(3, term.Red)
		}
	}
	k := all(t.Attacks)
	table.Row("all", k.Incidents, k.Found, percent(share(k.Found, k.Incidents)), k.Responds).Style(term.Bold).Print(p)
	t.printLookAlikes(p)
	p.Head("Background: %s", term.Count(t.UserDays, "user-day"))
	table = term.NewTable("false alarms", ">user-days", ">per 10,000")
	table.Row("would respond", t.Responds, fmt.Sprintf("%.2f", 10_000*share(t.Responds, t.UserDays)))
	table.Row("log only", t.LogOnly, fmt.Sprintf("%.2f", 10_000*share(t.LogOnly, t.UserDays))).Print(p)
	t.printFailures(p, dir, failuresMax)
	t.printVerdicts(p, b)
}

func (t *Totals) printLookAlikes(p *term.Printer) {
	p.Head("Look-alikes")
	table := term.NewTable("kind", ">incidents", ">alarmed", ">acted on")
	for _, kind := range slices.Sorted(maps.Keys(t.LookAlikes)) {
		k := t.LookAlikes[kind]
		table.Row(kind, k.Incidents, k.Found, k.Responds)
		if k.Responds > 0 {
			table.StyleCell(3, term.Red)
		}
	}
	k := all(t.LookAlikes)
	table.Row("all", k.Incidents, k.Found, k.Responds).Style(term.Bold).Print(p)
}

func (t *Totals) printFailures(p *term.Printer, dir string, atMost int) {
	if len(t.Failures) == 0 || atMost == 0 {
		return
	}
	p.Head("Failures: %d", len(t.Failures))
	table := term.NewTable("what", ">seed", "where", "account", "anomaly", "type", "note")
	for _, f := range t.Failures[:min(atMost, len(t.Failures))] {
		table.Row(f.What, f.Seed, f.Incident, f.Account, term.ID(f.Anomaly), f.Type, f.Note)
	}
	table.Print(p)
	if more := len(t.Failures) - atMost; more > 0 {
		fmt.Fprintf(p, "and %d more\n", more)
	}
	fmt.Fprintf(p, "Look at one with: aer explain --dir %s ANOMALY, and at what was found of somebody with --org ORG "+
		"--user USER instead\n",
		filepath.Join(Dir(dir, t.Failures[0].Seed), Results))
}

func (t *Totals) printVerdicts(p *term.Printer, b Bounds) {
	p.Head("Bounds")
	table := term.NewTable("bound", ">wanted", ">measured", "holds")
	for _, v := range t.Check(b) {
		holds, style := "yes", term.Green
		if !v.Holds {
			holds, style = "NO", term.Red
		}
		table.Row(v.Bound, v.Want, v.Got, holds).StyleCell(3, style)
	}
	table.Print(p)
}
