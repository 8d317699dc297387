// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/aer-project/aer/cmd/aer/config"
	"github.com/aer-project/aer/cmd/aer/term"
	"github.com/aer-project/aer/sinks/warehouse/bigquery"
)

// warehouseMax is how long BigQuery may take for all of it: its client repeats what fails until then. A dataset of
// fifty tables and views is made in one minute.
const warehouseMax = 5 * time.Minute

func (a *app) warehouseCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "warehouse", Short: "Make the BigQuery dataset that a run writes to, and look after it", Args: noArgs,
		Long: `Makes the BigQuery dataset of a configuration (warehouse: {kind: bigquery, ...}): its tables, partitioned by
day, with a description of every column; a view of each without duplicates (anomalies_v); and the views for people:
incidents, person_timeline, detector_health, sign_outs, org_overview, false_positives and common_causes.

Nothing is ever taken away: a column that this version does not write stays, and one of another type is refused, with
what to do about it. The credentials are those of the environment.

The queries that make baselines of the activity are printed by aer baseline build --bigquery, to be scheduled. A DuckDB
warehouse needs none of this: a run makes its file, with the same tables and views.`,
		Example: `  aer warehouse init --config aer.yaml
  aer warehouse check --config aer.yaml
  aer warehouse migrate --config aer.yaml`,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		a.warehouseVerb("init", "Create the dataset, its tables and its views",
			"Creates what is not there. Tables that are there and lack columns are for migrate.", initWarehouse),
		a.warehouseVerb("migrate", "Add the tables, columns and views that this version writes",
			"Adds what a dataset of an earlier version lacks, and replaces views. Run it before that version of aer run.",
			migrateWarehouse),
		a.warehouseVerb("check", "Compare the dataset with what this version writes",
			"Lists what init or migrate would do, and fails if that is anything.", checkWarehouse))
	return cmd
}

// warehouseDo makes what it does of a plan, and says what of it was done, or has to be.
type warehouseDo func(context.Context, *bigquery.Dataset, []bigquery.Change) error

func (a *app) warehouseVerb(name, short, long string, do warehouseDo) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use: name + " --config aer.yaml", Short: short, Long: long, Args: noArgs,
		Example: "  aer warehouse " + name + " --config aer.yaml",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := required("config", file); err != nil {
				return err
			}
			return a.onWarehouse(cmd.Context(), file, do)
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "configuration `file` of the run")
	return cmd
}

// onWarehouse prints the plan, which says what has to be done, and does with it what is to be done.
func (a *app) onWarehouse(ctx context.Context, file string, do warehouseDo) (err error) {
	c, err := config.Read(file)
	if err == nil {
		err = c.Validate()
	}
	if err != nil {
		return err
	}
	if c.Warehouse.Kind != config.WarehouseBigQuery {
		return fmt.Errorf("%s: warehouse.kind is %s, and only %s has to be prepared: a run makes the others itself", file,
			c.Warehouse.Kind, config.WarehouseBigQuery)
	}
	ctx, stop := context.WithTimeout(ctx, warehouseMax)
	defer stop()
	d, err := bigquery.OpenDataset(ctx, c.Warehouse.BigQuery)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	plan, err := d.Plan(ctx)
	if err != nil {
		return err
	}
	if err := a.printPlan(plan); err != nil {
		return err
	}
	return do(ctx, d, plan)
}

func (a *app) printPlan(plan []bigquery.Change) error {
	if a.output == outputJSON {
		return a.printJSON(append([]bigquery.Change{}, plan...))
	}
	if len(plan) == 0 {
		fmt.Fprintln(a.out, "The dataset is what this version writes.")
		return nil
	}
	t := term.NewTable("change", "what", "note")
	for _, c := range plan {
		t.Row(string(c.Kind), c.Name, c.Note)
	}
	t.Print(a.printer())
	return nil
}

func initWarehouse(ctx context.Context, d *bigquery.Dataset, plan []bigquery.Change) error {
	for _, c := range plan {
		if c.Kind == bigquery.AddColumn || c.Kind == bigquery.Refused || c.Kind == bigquery.ReplaceView {
			return fmt.Errorf("the dataset is of another version (%w): run aer warehouse migrate", c)
		}
	}
	return d.Apply(ctx, plan)
}

func migrateWarehouse(ctx context.Context, d *bigquery.Dataset, plan []bigquery.Change) error {
	if len(plan) > 0 && plan[0].Kind == bigquery.CreateDataset {
		return fmt.Errorf("there is no dataset %s: run aer warehouse init", plan[0].Name)
	}
	return d.Apply(ctx, plan)
}

func checkWarehouse(_ context.Context, _ *bigquery.Dataset, plan []bigquery.Change) error {
	switch {
	case len(plan) == 0:
		return nil
	case plan[0].Kind == bigquery.CreateDataset:
		return fmt.Errorf("%w: run aer warehouse init", bigquery.ErrNotReady)
	}
	return fmt.Errorf("%w: run aer warehouse migrate", bigquery.ErrNotReady)
}
