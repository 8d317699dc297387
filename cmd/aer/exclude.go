// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/aer-project/aer/cmd/aer/change"
	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func (a *app) excludeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "exclude", Short: "Exclude people and groups from a detector's responses", Args: noArgs,
		Long: `Adds, removes and lists exclusions: whom a detector, or every detector, never signs out. What they do is still
found and recorded. An exclusion with an end is judged by the time of the event.`,
		Example: `  aer exclude add --org O1 --user U7 --detector tor --reason "red team" --expires 14d
  aer exclude add --org O1 --group kiosks --reason "shared devices"
  aer exclude list --org O1`,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.excludeAdd(), a.excludeRemove(), a.listCommand("exclude", "List the exclusions", listExclusions))
	return cmd
}

// whom are the flags that name an exclusion.
type whom struct{ user, group, detector string }

func (w *whom) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&w.user, "user", "", "`id` of a user")
	cmd.Flags().StringVar(&w.group, "group", "", "`id` of a group of the directory")
	cmd.Flags().StringVar(&w.detector, "detector", "", "`detector`, such as tor (default: every detector)")
}

func (w *whom) parse() (*aerv1.Exclusion, error) {
	switch {
	case (w.user == "") == (w.group == ""):
		return nil, usagef("give either --user or --group")
	case w.detector != "" && !slices.Contains(aerv1.AnomalyTypes, w.detector):
		return nil, usagef("--detector %s: known are %s", w.detector, strings.Join(aerv1.AnomalyTypes, ", "))
	}
	return &aerv1.Exclusion{UserId: w.user, Group: w.group, Detector: w.detector}, nil
}

func (a *app) excludeAdd() *cobra.Command {
	var c chosen
	var who whom
	var w why
	cmd := &cobra.Command{
		Use:   "add --org O1 (--user U | --group G) [--detector D] --reason WHY",
		Short: "Exclude a user or a group", Args: noArgs,
		Example: `  aer exclude add --org O1 --user U7 --detector tor --reason "red team" --expires 2027-01-31`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			x, err := who.parse()
			if err != nil {
				return err
			}
			if x.Expires, err = w.end(time.Now()); err != nil {
				return err
			}
			x.Reason = w.reason
			return a.apply(cmd, c, func(e change.Editor) change.Edit {
				x.Author = e.Author
				return change.Exclude(x)
			})
		},
	}
	c.addChange(cmd)
	who.add(cmd)
	w.add(cmd)
	return cmd
}

func (a *app) excludeRemove() *cobra.Command {
	var c chosen
	var who whom
	cmd := &cobra.Command{
		Use: "remove --org O1 (--user U | --group G) [--detector D]", Short: "Take an exclusion back", Args: noArgs,
		Example: "  aer exclude remove --org O1 --user U7 --detector tor",
		RunE: func(cmd *cobra.Command, _ []string) error {
			x, err := who.parse()
			if err != nil {
				return err
			}
			return a.apply(cmd, c, func(change.Editor) change.Edit { return change.Include(x) })
		},
	}
	c.addChange(cmd)
	who.add(cmd)
	return cmd
}

func listExclusions(s *aerv1.Settings) (*term.Table, *aerv1.Settings) {
	all := exclusions(s)
	t := term.NewTable("who", "detector", "reason", "author", "expires")
	for _, x := range all {
		t.Row(subject(x), cmp.Or(x.GetDetector(), "every detector"), orDash(x.GetReason()), orDash(x.GetAuthor()),
			ends(x.GetExpires()))
	}
	return t, &aerv1.Settings{Exclusions: all}
}

// exclusions are those of both forms: with reasons, and the plain lists of detectors.
func exclusions(s *aerv1.Settings) []*aerv1.Exclusion {
	all := slices.Clone(s.GetExclusions())
	for _, name := range aerv1.AnomalyTypes {
		for _, u := range s.GetDetectors()[name].GetExcludedUsers() {
			all = append(all, &aerv1.Exclusion{UserId: u, Detector: name})
		}
		for _, g := range s.GetDetectors()[name].GetExcludedGroups() {
			all = append(all, &aerv1.Exclusion{Group: g, Detector: name})
		}
	}
	return all
}

func subject(x *aerv1.Exclusion) string {
	if x.GetUserId() != "" {
		return "user " + x.GetUserId()
	}
	return "group " + x.GetGroup()
}
