// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/aer-project/aer/cmd/aer/cost"
	"github.com/aer-project/aer/pipelines/capacity"
)

func (a *app) costCommand() *cobra.Command {
	var l capacity.Load
	var prices, measured string
	cmd := &cobra.Command{
		Use: "cost --events-per-day N --users N", Short: "Say what a month costs on Google Cloud, and why", Args: noArgs,
		Long: `Says what AER costs a month on Google Cloud: by item the quantity, the list price and the product, as things
come and as they should be set; then what one event takes, how state is laid out, and what would make it cheaper.

Quantities follow from what AER was measured to take: bytes on the way, CPU of each stage, bytes of a profile, rows.
Prices are list prices; each has its day and source, and so has each figure (-o json). Other figures or prices of your
own are files of YAML that name only what differs:

  pubsub: {tib: {usd: 32, unit: TiB, date: 2026-11-01, source: our contract}}
  state: {profile_heap: {value: 3000, date: 2026-11-01, how: our users}}`,
		Example: `  aer cost --events-per-day 10e9 --users 47e6
  aer cost --events-per-day 20e6 --users 5000 --peak 1200
  aer cost --events-per-day 10e9 --users 47e6 --prices ours.yaml --measured ours-too.yaml -o json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, name := range []string{"events-per-day", "users"} {
				if !cmd.Flags().Changed(name) {
					return usagef("missing --%s", name)
				}
			}
			l.PeakPerSecond = cmp.Or(l.PeakPerSecond, capacity.PeakFactor*l.MeanPerSecond())
			if err := l.Validate(); err != nil {
				return usageError{err}
			}
			return a.cost(l, prices, measured)
		},
	}
	f := cmd.Flags()
	f.Float64Var(&l.EventsPerDay, "events-per-day", 0, "`number` of events a day, as 10e9")
	f.Float64Var(&l.Users, "users", 0, "`number` of users that are remembered, as 47e6")
	f.Float64Var(&l.PeakPerSecond, "peak", 0, "`events` a second in the busiest hour (default: three times the mean)")
	f.StringVar(&prices, "prices", "", "`file` of prices that differ from the list")
	f.StringVar(&measured, "measured", "", "`file` of figures that were measured elsewhere")
	return cmd
}

func (a *app) cost(l capacity.Load, prices, measured string) error {
	p, err := orDefault(prices, cost.DefaultPrices, cost.ParsePrices)
	if err != nil {
		return err
	}
	m, err := orDefault(measured, capacity.DefaultMeasured, capacity.ParseMeasured)
	if err != nil {
		return err
	}
	e := cost.For(l, p, m)
	if a.output == outputJSON {
		return a.printJSON(e)
	}
	e.Print(a.printer())
	return nil
}

// orDefault reads a file, or does without.
func orDefault[T any](path string, standard func() T, parse func(string, []byte) (T, error)) (T, error) {
	if path == "" {
		return standard(), nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return standard(), fmt.Errorf("reading figures: %w", err)
	}
	return parse(path, raw)
}
