// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/spf13/cobra"

	"github.com/aer-project/aer/cmd/aer/change"
	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func (a *app) clearCommand() *cobra.Command {
	var c chosen
	var user, length, reason string
	var undo, list bool
	cmd := &cobra.Command{
		Use:   "clear --org O1 --user U1 --for 24h --reason WHY",
		Short: "Clear a user: no reset of theirs for a while", Args: noArgs,
		Long: `Says that somebody has looked at a user and found them in order: for the time given, which is the events' time,
nothing they do ends their sessions. What is found is still recorded, with outcome CLEARED.`,
		Example: `  aer clear --org O1 --user U1 --for 24h --reason "spoke on the phone"
  aer clear --org O1 --user U1 --undo
  aer clear --org O1 --list`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case list:
				return a.list(cmd, c, listCleared)
			case undo:
				if err := required("org", c.org, "user", user); err != nil {
					return err
				}
				return a.apply(cmd, c, func(e change.Editor) change.Edit { return change.Unclear(aerv1.UserID(user), e.Now) })
			}
			if err := required("org", c.org, "user", user, "for", length, "reason", reason); err != nil {
				return err
			}
			d, err := change.ParseLength(length)
			if err != nil {
				return usagef("--for: %w", err)
			}
			return a.apply(cmd, c, func(e change.Editor) change.Edit {
				return change.Clear(&aerv1.Clearance{
					UserId: user, Reason: reason, Author: e.Author, From: aerv1.Time(e.Now), Until: aerv1.Time(e.Now.Add(d)),
				})
			})
		},
	}
	c.addChange(cmd)
	f := cmd.Flags()
	f.StringVar(&user, "user", "", "`id` of the user")
	f.StringVar(&length, "for", "", "how `long`, such as 24h or 7d; at most 30d")
	f.StringVar(&reason, "reason", "", "`why`, for whoever reads it later")
	f.BoolVar(&undo, "undo", false, "end the clearance now")
	f.BoolVar(&list, "list", false, "list who is cleared")
	return cmd
}

func listCleared(s *aerv1.Settings) (*term.Table, *aerv1.Settings) {
	t := term.NewTable("user", "until", "reason", "author")
	for _, k := range s.GetClearances() {
		t.Row(k.GetUserId(), ends(k.GetUntil()), orDash(k.GetReason()), orDash(k.GetAuthor()))
	}
	return t, &aerv1.Settings{Clearances: s.GetClearances()}
}
