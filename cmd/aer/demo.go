// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/aer-project/aer/cmd/aer/demo"
	"github.com/aer-project/aer/cmd/aer/evaluate"
	"github.com/aer-project/aer/cmd/aer/explain"
	"github.com/aer-project/aer/cmd/aer/setup"
	"github.com/aer-project/aer/cmd/aer/simulate"
	"github.com/aer-project/aer/cmd/aer/summary"
	"github.com/aer-project/aer/cmd/aer/term"
)

func (a *app) demoCommand() *cobra.Command {
	var o demo.Options
	cmd := &cobra.Command{
		Use: "demo", Short: "Watch AER catch simulated attacks, on this machine", Args: noArgs,
		Long: `Simulates weeks of traffic of three organisations with attacks on the last day, sends it over an embedded bus
through the whole pipeline, and enforces against embedded twins of session store, mail and warehouse. Nothing leaves
this machine. Ends with a table: who, which anomaly, what was observed against which threshold, which decision and
why, and what was done; with one mail and one direct message as people got them.`,
		Example: `  aer demo
  aer demo --seed 7 --out demo`,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.demo(cmd, o) },
	}
	cmd.Flags().StringVar(&o.Out, "out", outDefault, "`directory` for everything; an earlier demo there is replaced")
	cmd.Flags().Uint64Var(&o.Seed, "seed", 1, "what the simulation follows from")
	return cmd
}

func (a *app) demo(cmd *cobra.Command, o demo.Options) error {
	ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	initBeam(quiet)
	began := time.Now()
	stages := a.stages(began)
	o.Stage, o.Progress = stages.begin, stages.at
	res, err := demo.Run(ctx, o)
	stages.done()
	if err != nil {
		return err
	}
	sum, err := summary.Load(o.Out, res.Directories)
	if err != nil {
		return err
	}
	dir := filepath.Join(o.Out, demo.SimulationDir)
	report, err := evaluate.Run(evaluate.Files{
		Events: []string{filepath.Join(dir, simulate.EventsFile)}, Truth: filepath.Join(dir, simulate.TruthFile),
		Anomalies: filepath.Join(o.Out, explain.AnomaliesFile), Decisions: filepath.Join(o.Out, explain.DecisionsFile),
	})
	if err != nil {
		return err
	}
	day := sum.Since(res.Simulation.LastDay)
	if a.output == outputJSON {
		return a.printJSON(map[string]any{"out": o.Out, "events": report.Events, "anomalies": len(sum.Rows),
			"rows": day.JSON(), "evaluation": report})
	}
	p := a.printer()
	fmt.Fprintf(p, "%s\n\n",
		p.Style(fmt.Sprintf("%s, the day of the attacks (times in UTC)",
			res.Simulation.LastDay.Format("Monday 2 January 2006")), term.Bold))
	day.Print(p, demoRows)
	mail, dm, err := day.Letters(o.Out)
	if err != nil {
		return err
	}
	summary.PrintLetter(p, "One of the mails,", mail)
	summary.PrintLetter(p, "One of the direct messages,", dm)
	a.printDemoEnd(p, o.Out, report, day, len(sum.Rows)-len(day.Rows), time.Since(began))
	return nil
}

// demoRows is how many anomalies the table shows at most.
const demoRows = 60

func (a *app) printDemoEnd(p *term.Printer, out string, r *evaluate.Report, day *summary.Summary, before int,
	took time.Duration) {
	fmt.Fprintf(p, "\n%d events in %s. Of %d attacks %d were found, half of them within %s. Of %d look-alikes %d raised "+
		"an alarm, and %d would be signed out.\n",
		r.Events, term.Duration(took), r.AllAttacks.Incidents, r.AllAttacks.Found,
		term.Duration(time.Duration(r.AllAttacks.DetectP50S*float64(time.Second))), r.AllLookLike.Incidents,
		r.AllLookLike.Found, r.AllLookLike.Responds)
	if before > 0 {
		fmt.Fprintf(p, "In the weeks before, in which accounts were still being learned, %s came up.\n",
			term.Count(before, "anomaly", "anomalies"))
	}
	id := "ID"
	if r := day.Example(); r != "" {
		id = term.ID(r)
	}
	fmt.Fprintf(p, "\n%s\n", p.Style("Where to look next", term.Bold))
	t := term.NewTable("", "")
	t.Row("  "+self()+" explain --dir "+out+" "+id, "the whole story of one anomaly")
	t.Row("  "+filepath.Join(out, "outbox"), "the mails and messages that people got")
	t.Row("  "+out+"/*.ndjson", "anomalies, decisions, responses, notifications, one JSON object a line")
	t.Row("  "+filepath.Join(out, setup.DuckDBFile),
		"the same as tables: SELECT outcome, COUNT(*) FROM decisions_v GROUP BY 1")
	t.Row("  "+filepath.Join(out, demo.SimulationDir, simulate.SettingsFile), "what the three organisations have chosen")
	t.PrintRows(p)
}
