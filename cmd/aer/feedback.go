// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/aer-project/aer/cmd/aer/explain"
	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse/feedback"
)

func (a *app) feedbackCommand() *cobra.Command {
	var dir, reason, author string
	cmd := &cobra.Command{
		Use: "feedback ANOMALY_ID true-positive|false-positive --reason TEXT", Short: "Say whether an anomaly was an attack",
		Long: `Keeps what you found out about an anomaly, with your name and the reason, in feedback.ndjson beside the
results of the run. explain and evaluate show it. A running pipeline brings it into the warehouse, within a minute:
the next baseline that is built from there leaves out the days of what was an attack, and keeps those of what was
none.

The id may be cut to any unique beginning. Feedback given again replaces your earlier one.`,
		Example: `  aer feedback 5f3a false-positive --reason "her new phone, asked her"
  aer feedback list -o json > feedback.ndjson`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("want an anomaly id and a verdict, got %d", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if err := required("reason", reason); err != nil {
				return err
			}
			return a.giveFeedback(dir, args[0], args[1], author, reason)
		},
	}
	cmd.PersistentFlags().StringVar(&dir, "dir", outDefault, "`directory` that a run, a replay or the demo wrote to")
	cmd.Flags().StringVar(&reason, "reason", "", "how you know")
	cmd.Flags().StringVar(&author, "author", whoAmI(), "`who` says so")
	cmd.AddCommand(a.feedbackListCommand(&dir))
	return cmd
}

func (a *app) giveFeedback(dir, id, verdict, author, reason string) error {
	story, err := explain.Load(dir, id)
	if err != nil {
		return err
	}
	f, err := feedback.New(story.Anomaly, verdict, author, reason, time.Now())
	if err != nil {
		return usageError{err}
	}
	if err := feedback.Append(dir, f); err != nil {
		return err
	}
	a.logf("%s of %s in %s at %s: %s", f.GetType(), term.Clean(f.GetUserId()), term.Clean(f.GetOrgId()),
		f.GetAnomalyTime().AsTime().Format("2006-01-02 15:04:05Z"), feedback.Words(f.GetVerdict()))
	return nil
}

func (a *app) feedbackListCommand(dir *string) *cobra.Command {
	var org string
	cmd := &cobra.Command{
		Use: "list", Short: "List feedback; -o json writes one object a line", Args: noArgs,
		Example: `  aer feedback list --org brightwater`,
		RunE: func(*cobra.Command, []string) error {
			all, err := feedback.Read(*dir)
			if err != nil {
				return err
			}
			table := term.NewTable("given", "anomaly", "type", "org", "user", "verdict", "author", "reason")
			for _, f := range all {
				if org != "" && f.GetOrgId() != org {
					continue
				}
				if a.output == outputJSON {
					line, err := aerv1.MarshalJSONLine(f)
					if err != nil {
						return err
					}
					fmt.Fprintf(a.out, "%s\n", line)
					continue
				}
				table.Row(f.GetTime().AsTime().Format("2006-01-02 15:04"), term.ID(f.GetAnomalyId()), f.GetType(),
					term.Cut(f.GetOrgId(), 20),
					term.Cut(f.GetUserId(), 20), feedback.Words(f.GetVerdict()), term.Cut(f.GetAuthor(), 20),
					term.Cut(f.GetReason(), 50))
			}
			if a.output == outputTable {
				table.Print(a.printer())
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&org, "org", "", "`id` of the organisation (default: all)")
	return cmd
}
