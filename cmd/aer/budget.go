// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/cmd/aer/budget"
	"github.com/aer-project/aer/cmd/aer/change"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision/settings"
)

func (a *app) budgetCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "budget", Short: "Show and reset the budgets of sign-outs", Args: noArgs,
		Long: `An organisation's budget is a circuit breaker: when more sign-outs are wanted in ten minutes than can be
right, nothing is ended until the demand has fallen to half. It closes again by itself; reset is for those who know
that it was no mistake.`,
		Example: `  aer budget status
  aer budget reset --org O1 --reason "the laptops were stolen"`,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.budgetStatus(), a.budgetReset())
	return cmd
}

func (a *app) budgetStatus() *cobra.Command {
	var dir, org string
	var window time.Duration
	cmd := &cobra.Command{
		Use: "status", Short: "Show how budgets stand, from the stored decisions", Args: noArgs,
		Long: `Shows how budgets stand at the event time of the newest decision that the folder holds, computed from the
decisions: what was wanted, granted and refused in the window before, and what the budget answered last.`,
		Example: `  aer budget status --org O1 -o json`,
		RunE: func(*cobra.Command, []string) error {
			all, err := budget.Read(dir, org, window)
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%w; no decision has been written there, or --dir should name another folder that a run wrote to",
					err)
			}
			if err != nil {
				return err
			}
			if a.output == outputJSON {
				return a.printJSON(all)
			}
			budget.Print(a.printer(), all)
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&dir, "dir", outDefault, "`directory` that a run, a replay or the demo wrote to")
	f.StringVar(&org, "org", "", "`id` of the organisation (default: all that asked)")
	f.DurationVar(&window, "window", settings.DefaultBudgetWindow,
		"`length` of the budget's window, if the organisation chose another")
	return cmd
}

func (a *app) budgetReset() *cobra.Command {
	var c chosen
	var reason string
	cmd := &cobra.Command{
		Use: "reset --org O1 --reason WHY", Short: "Start an organisation's budget afresh", Args: noArgs,
		Long: `Starts an organisation's budget afresh: sign-outs wanted before now, in event time, are no longer counted and
the breaker closes. It is a change of the organisation's settings (limits.budget_reset), with version, author and
audit entry.`,
		Example: `  aer budget reset --org O1 --reason "the laptops were stolen" --as kim@acme`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := required("org", c.org, "reason", reason); err != nil {
				return err
			}
			return a.apply(cmd, c, func(e change.Editor) change.Edit { return resetBudget(e, reason) })
		},
	}
	c.addChange(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "`why`, for whoever reads it later")
	return cmd
}

func resetBudget(e change.Editor, reason string) change.Edit {
	return func(now *aerv1.Settings) (*aerv1.Settings, error) {
		next := proto.Clone(now).(*aerv1.Settings)
		if next.Limits == nil {
			next.Limits = &aerv1.Limits{}
		}
		next.Limits.BudgetReset = &aerv1.BudgetReset{At: aerv1.Time(e.Now), Author: e.Author, Reason: reason}
		return next, nil
	}
}
