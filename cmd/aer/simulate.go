package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/aer-project/aer/cmd/aer/simulate"
)

func (a *app) simulateCommand() *cobra.Command {
	var c simulate.Config
	var out string
	cmd := &cobra.Command{
		Use: "simulate --out DIR", Short: "Make weeks of traffic with labelled attacks on the last day", Args: noArgs,
		Long: `Makes ordinary traffic of three small organisations and, on the last day, labelled attacks of every kind and
look-alikes: events.ndjson.gz, truth.ndjson, tor.tsv, settings.yaml and directory.yaml. The same seed gives the same files.`,
		Example: `  aer simulate --out sim
  aer simulate --out sim --seed 7 --days 60`,
		RunE: func(*cobra.Command, []string) error {
			if err := required("out", out); err != nil {
				return err
			}
			if c.Days < simulate.MinDays || c.Days > simulate.MaxDays {
				return usagef("--days %d: must be %d to %d", c.Days, simulate.MinDays, simulate.MaxDays)
			}
			r, err := simulate.Run(c)
			if err != nil {
				return err
			}
			if err := r.Write(out); err != nil {
				return err
			}
			return a.printSimulation(out, c.Days, r)
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "`directory` to write to")
	cmd.Flags().Uint64Var(&c.Seed, "seed", 1, "what everything follows from")
	cmd.Flags().IntVar(&c.Days, "days", simulate.DefaultDays, "number of days, the last one with the attacks")
	return cmd
}

func (a *app) printSimulation(out string, days int, r *simulate.Result) error {
	attacks := 0
	for _, i := range r.Incidents {
		if i.Anomalous {
			attacks++
		}
	}
	if a.output == outputJSON {
		return a.printJSON(map[string]any{"dir": out, "events": len(r.Events), "days": days, "attacks": attacks, "look_alikes": len(r.Incidents) - attacks})
	}
	fmt.Fprintf(a.out, "%d events of %d days in %s, with %d attacks and %d look-alikes on %s\n",
		len(r.Events), days, out, attacks, len(r.Incidents)-attacks, r.LastDay.Format("2006-01-02"))
	return nil
}
