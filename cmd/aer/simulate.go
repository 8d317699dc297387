// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/aer-project/aer/cmd/aer/simulate"
	"github.com/aer-project/aer/cmd/aer/simulate/perturb"
	"github.com/aer-project/aer/cmd/aer/term"
)

func (a *app) simulateCommand() *cobra.Command {
	var c simulate.DemoConfig
	damage := perturb.Default()
	var out string
	var files []string
	var to publishOptions
	plot := plotDemo
	cmd := &cobra.Command{
		Use:   "simulate --out DIR",
		Short: "Make weeks of traffic with labelled attacks on the last day, or damage recorded events", Args: noArgs,
		Long: `Makes ordinary traffic of three small organisations and, on the last day, labelled attacks of every kind and
look-alikes: events.ndjson.gz, truth.ndjson, tor.tsv, settings.yaml and directory.yaml. The same seed gives the same
files.

With --plot quality it is five weeks of a dozen organisations of 8 to 120 people, in which two weeks see every attack
AER is to find and everything innocent that resembles one: roll-outs of proxies and clients, another VPN vendor or
identity provider, private relays, two address families, carrier pools, many prints of one client, storms of refused
log-ins, apps. It adds excluded.ndjson, of the attacker's own accounts. Every detector responds. make quality measures
AER on it over many seeds.

With --to the events are published to a Pub/Sub topic too, in the order in which they happened and in batches: lines
compressed by zstd, with the attributes time (of the oldest) and id (which follows from the content).

With --perturb it damages recorded events instead, as delivery does: they arrive out of order, twice, not at all, or
without the device, the TLS fingerprint or the network. It writes events.ndjson.gz in order of arrival; labels keep
their validity. What happens to an event depends on the seed and on the event alone. Lines that are no native event
stay as they are.`,
		Example: `  aer simulate --out sim
  aer simulate --out sim --seed 7 --days 60
  aer simulate --out sim --plot quality --seed 7
  aer simulate --out sim --to pubsub://my-project/events --endpoint localhost:8085 --rate 2000
  aer simulate --perturb sim/events.ndjson.gz --out damaged`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := required("out", out); err != nil {
				return err
			}
			if err := errors.Join(oneKind(cmd, len(files) > 0, plot), to.check()); err != nil {
				return err
			}
			if len(files) > 0 {
				damage.Seed = c.Seed
				return a.perturb(damage, files, out)
			}
			if plot == plotQuality {
				return a.simulateQuality(cmd.Context(), simulate.QualityConfig{Seed: c.Seed}, out, to)
			}
			return a.simulate(cmd.Context(), c, out, to)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&out, "out", "", "`directory` to write to")
	flags.Uint64Var(&c.Seed, "seed", 1, "what everything follows from")
	flags.StringVar(&plot, "plot", plotDemo, "what happens: demo, or quality for the measurements")
	flags.IntVar(&c.Days, "days", simulate.DefaultDays, "number of days, the last one with the attacks")
	flags.StringSliceVar(&files, "perturb", nil, "`files` of native events to damage")
	to.flags(flags)
	flags.DurationVar(&damage.Disorder, "disorder", damage.Disorder,
		"with --perturb: how much later than it happened an event may arrive")
	flags.Float64Var(&damage.Duplicates, "duplicates", damage.Duplicates,
		"with --perturb: share of events that arrive twice")
	flags.Float64Var(&damage.Drop, "drop", damage.Drop, "with --perturb: share of events that do not arrive")
	flags.Float64Var(&damage.Strip, "strip", damage.Strip,
		"with --perturb: share of events that lose device_id, ja4 or asn, each by itself")
	return cmd
}

// The plots that can be simulated.
const (
	plotDemo    = "demo"
	plotQuality = "quality"
)

// oneKind refuses flags of the kind of simulation that was not asked for.
func oneKind(cmd *cobra.Command, perturbed bool, plot string) error {
	switch {
	case plot != plotDemo && plot != plotQuality:
		return usagef("--plot %s: must be %s or %s", plot, plotDemo, plotQuality)
	case perturbed && plot != plotDemo:
		return usagef("--plot makes traffic and --perturb damages what there is: give one")
	case plot == plotQuality && cmd.Flags().Changed("days"):
		return usagef("--days is for the demo's plot: that of quality has its own")
	}
	if perturbed && cmd.Flags().Changed("days") {
		return usagef("--days makes traffic and --perturb damages what there is: give one")
	}
	for _, name := range []string{"to", "endpoint", "batch", "rate"} {
		switch {
		case !cmd.Flags().Changed(name):
		case perturbed:
			return usagef("--%s publishes what is simulated and --perturb damages what there is: give one", name)
		case !cmd.Flags().Changed("to"):
			return usagef("--%s needs --to and a topic", name)
		}
	}
	for _, name := range []string{"disorder", "duplicates", "drop", "strip"} {
		if !perturbed && cmd.Flags().Changed(name) {
			return usagef("--%s needs --perturb and a file of events", name)
		}
	}
	return nil
}

func (a *app) simulate(ctx context.Context, c simulate.DemoConfig, out string, to publishOptions) error {
	if c.Days < simulate.MinDays || c.Days > simulate.MaxDays {
		return usagef("--days %d: must be %d to %d", c.Days, simulate.MinDays, simulate.MaxDays)
	}
	r, err := simulate.Demo(c)
	if err != nil {
		return err
	}
	if err := r.Write(out); err != nil {
		return err
	}
	if err := a.publish(ctx, to, r.Events); err != nil {
		return err
	}
	return a.printSimulation(out, c.Days, r)
}

func (a *app) simulateQuality(ctx context.Context, c simulate.QualityConfig, out string, to publishOptions) error {
	r, err := simulate.Quality(c)
	if err != nil {
		return err
	}
	if err := r.Write(out); err != nil {
		return err
	}
	if err := a.publish(ctx, to, r.Events); err != nil {
		return err
	}
	return a.printSimulation(out, simulate.QualityDays, r)
}

func (a *app) printSimulation(out string, days int, r *simulate.Result) error {
	attacks := 0
	for _, i := range r.Incidents {
		if i.Anomalous {
			attacks++
		}
	}
	if a.output == outputJSON {
		return a.printJSON(map[string]any{"dir": out, "events": len(r.Events), "days": days, "attacks": attacks,
			"look_alikes": len(r.Incidents) - attacks})
	}
	fmt.Fprintf(a.out, "%s of %s in %s, with %s and %s until %s\n",
		term.Count(len(r.Events), "event"), term.Count(days, "day"), out, term.Count(attacks, "attack"),
		term.Count(len(r.Incidents)-attacks, "look-alike"), r.LastDay.Format("2006-01-02"))
	return nil
}

func (a *app) perturb(c perturb.Config, files []string, out string) error {
	if err := c.Validate(); err != nil {
		return usageError{err}
	}
	bar := a.bytesBar("damaging events")
	r, err := perturb.Files(c, files, out, bar.at)
	bar.done()
	if err != nil {
		return fmt.Errorf("damaging events: %w", err)
	}
	if a.output == outputJSON {
		return a.printJSON(map[string]any{"dir": out, "config": c, "result": r})
	}
	p := a.printer()
	fmt.Fprintf(p, "%s read and %d written to %s\n\n", term.Count(r.Read, "line"), r.Written, out)
	t := term.NewTable("damage", ">events", ">share")
	row := func(what string, n, of int) {
		t.Row(what, n, fmt.Sprintf("%.2f%%", 100*float64(n)/float64(max(of, 1))))
	}
	events := r.Read - r.Other
	row("dropped", r.Dropped, events)
	row("duplicated", r.Duplicated, events)
	for _, name := range perturb.Stripped {
		row(name+" removed", r.Stripped[name], r.Had[name])
	}
	row("after a later one", r.OutOfOrder, events)
	t.Print(p)
	fmt.Fprintf(p, "\nat most %.1f s out of order\n", r.DisorderMaxS)
	if r.Other > 0 {
		fmt.Fprintf(p, "%s\n", term.Count(r.Other, "line is no native event and stayed as it is",
			"lines are no native event and stayed as they are"))
	}
	if r.Early > 0 {
		fmt.Fprintf(p, "%d left early, because too much was waiting: less out of order than asked for\n", r.Early)
	}
	return nil
}
