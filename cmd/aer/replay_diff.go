// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/aer-project/aer/cmd/aer/config"
	"github.com/aer-project/aer/cmd/aer/explain"
	"github.com/aer-project/aer/cmd/aer/setup"
	"github.com/aer-project/aer/cmd/aer/term"
	"github.com/aer-project/aer/pipelines/replay"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// diffRowsMax bounds a table of users; JSON has all of them.
const diffRowsMax = 50

func (a *app) replayDiff(ctx context.Context, o replayFlags) error {
	c := config.Replay()
	c.Settings, c.Directory = o.other, o.conf.Directory
	other, err := setup.Build(ctx, c)
	if err != nil {
		return err
	}
	d, err := replay.RunDiff(ctx, o.Options, other.Replayed())
	if err != nil {
		return err
	}
	return a.printDiff(o, &d)
}

func (a *app) printDiff(o replayFlags, d *replay.Diff) error {
	other, name := o.other, cmp.Or(o.conf.Settings, "the default settings")
	if a.output == outputJSON {
		return a.printJSON(map[string]any{
			"a": name, "b": other, "events": d.A.Events, "dead_letters": d.A.DeadLetters, "unreadable": d.A.Unreadable.Map(),
			"judged_once": d.Shared,
			"outcomes_a":  outcomeNames(d.A.Outcomes), "outcomes_b": outcomeNames(d.B.Outcomes),
			"only_a": d.OnlyA, "only_b": d.OnlyB, "both": d.Both,
		})
	}
	p := a.printer()
	how := "a sensitivity differs: judged twice"
	if d.Shared {
		how = "the same sensitivities: judged once"
	}
	fmt.Fprintf(p, "A is %s, B is %s; %s, %s\n",
		term.Clean(name), term.Clean(other), term.Count(d.A.Events, "event"), how)
	a.printUnreadable(p, &d.A.Unreadable)
	fmt.Fprintf(p, "%s would have been signed out under A only, %d under B only, %d under both\n\n",
		term.Count(len(d.OnlyA), "user"), len(d.OnlyB), d.Both)
	t := term.NewTable("decision", ">under A", ">under B")
	for _, outcome := range explain.Outcomes() {
		if d.A.Outcomes[outcome]+d.B.Outcomes[outcome] > 0 {
			t.Row(outcome, d.A.Outcomes[outcome], d.B.Outcomes[outcome])
		}
	}
	t.Print(p)
	printOnly(p, "Signed out under A and not under B", "B", d.OnlyA)
	printOnly(p, "Signed out under B and not under A", "A", d.OnlyB)
	return nil
}

func printOnly(p *term.Printer, title, other string, users []replay.UserDiff) {
	if len(users) == 0 {
		return
	}
	fmt.Fprintf(p, "\n%s\n", p.Style(title, term.Cyan))
	t := term.NewTable("account", ">times", "first", "anomaly", "type", "under "+other, "gate", "because")
	for _, u := range users[:min(len(users), diffRowsMax)] {
		c := u.Changes[0]
		t.Row(u.OrgID+"/"+u.UserID, u.Resets, c.Time.UTC().Format(time.RFC3339), term.ID(c.AnomalyID), c.Type, c.Other,
			cmp.Or(c.Gate, "-"), term.Cut(c.Detail, 90))
	}
	t.Print(p)
	if n := len(users) - diffRowsMax; n > 0 {
		fmt.Fprintf(p, "and %d more: -o json lists all\n", n)
	}
}

func outcomeNames(counts map[aerv1.Decision_Outcome]int) map[string]int {
	names := map[string]int{}
	for d, n := range counts {
		names[d.String()] = n
	}
	return names
}
