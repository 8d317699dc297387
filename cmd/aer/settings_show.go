// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/aer-project/aer/cmd/aer/change"
	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	stored "github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/transforms/decision/settings"
)

func (a *app) settingsGet() *cobra.Command {
	var c chosen
	var version string
	cmd := &cobra.Command{
		Use: "get --org O1", Short: "Print settings as a file that set and run take", Args: noArgs,
		Example: "  aer settings get --org O1 > settings.yaml\n  aer settings get --org O1 --version 3f2a",
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := c.show()
			if err != nil {
				return err
			}
			one, err := choose(cmd.Context(), s, c.org, version)
			if err != nil {
				return err
			}
			if err := a.noteDefaults(cmd.Context(), s, c.org, version); err != nil {
				return err
			}
			if a.output == outputJSON {
				return a.printMessage(one)
			}
			_, err = a.out.Write(settings.Render([]*aerv1.Settings{one}))
			return err
		},
	}
	c.addShow(cmd)
	cmd.Flags().StringVar(&version, "version", "current",
		"`version`, or its beginning; default are those of an organisation that has chosen nothing")
	return cmd
}

// noteDefaults says that an organisation has chosen nothing, which may also be a slip in its id.
func (a *app) noteDefaults(ctx context.Context, st stored.Table, org, version string) error {
	history, err := st.History(ctx, aerv1.OrgID(org))
	if err == nil && len(history) == 0 && version == "current" {
		a.logf("%s has chosen nothing: these are the defaults", term.Clean(org))
	}
	return err
}

// choose finds what a person means: current, default, previous, a version or its beginning, or a file.
func choose(ctx context.Context, st stored.Table, org, what string) (*aerv1.Settings, error) {
	history, err := st.History(ctx, aerv1.OrgID(org))
	if err != nil {
		return nil, err
	}
	switch {
	case what == "default", what == "current" && len(history) == 0, what == "previous" && len(history) < 2:
		return settings.Default(org), nil
	case what == "current":
		return settings.Complete(history[len(history)-1]), nil
	case what == "previous":
		return settings.Complete(history[len(history)-2]), nil
	}
	for i := len(history) - 1; i >= 0; i-- {
		if strings.HasPrefix(history[i].GetVersion(), what) {
			return settings.Complete(history[i]), nil
		}
	}
	if _, err := os.Stat(what); err != nil {
		return nil,
			fmt.Errorf("%q is neither a version of organisation %q nor a file; aer settings history --org %s lists the versions",
				what, org, org)
	}
	all, err := readSettings(what)
	if err != nil {
		return nil, err
	}
	return ofOrg(all, org, what)
}

func (a *app) settingsCheck() *cobra.Command {
	return &cobra.Command{
		Use: "check FILE...", Short: "Check files of settings and say what is wrong, with line and key",
		Example: "  aer settings check settings.yaml",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("want at least one file")
			}
			var errs []error
			for _, file := range args {
				all, err := readSettings(file)
				if err == nil {
					a.logf("%s: ok, %s", file, term.Count(len(all), "organisation"))
				}
				for _, s := range all {
					for _, note := range expired(s, time.Now()) {
						a.logf("%s: %s: %s", file, s.GetOrgId(), note)
					}
				}
				errs = append(errs, err)
			}
			return errors.Join(errs...)
		},
	}
}

// expired notes what has no effect any more.
func expired(s *aerv1.Settings, now time.Time) (notes []string) {
	for _, t := range s.GetTrusted() {
		if t.GetExpires() != nil && !now.Before(t.Expires.AsTime()) {
			notes = append(notes, "the trust in "+change.NetworkName(t)+" has expired")
		}
	}
	for _, x := range s.GetExclusions() {
		if x.GetExpires() != nil && !now.Before(x.Expires.AsTime()) {
			notes = append(notes, "the exclusion of "+subject(x)+" has expired")
		}
	}
	return notes
}

func (a *app) settingsDiff() *cobra.Command {
	var c chosen
	cmd := &cobra.Command{
		Use: "diff --org O1 [FROM [TO]]", Short: "Tell what differs between versions or files",
		Long: `Tells what differs between two settings of an organisation. Each is a version or its beginning, a file, or
one of the words current, previous and default. Without arguments: what the last change changed.`,
		Example: "  aer settings diff --org O1\n  aer settings diff --org O1 default\n  aer settings diff --org O1 current " +
			"settings.yaml",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 2 {
				return usagef("want at most two versions or files, got %d", len(args))
			}
			sides := []string{"previous", "current"}
			copy(sides, args)
			return a.diff(cmd.Context(), c, sides[0], sides[1])
		},
	}
	c.addShow(cmd)
	return cmd
}

func (a *app) diff(ctx context.Context, c chosen, from, to string) error {
	s, err := c.show()
	if err != nil {
		return err
	}
	before, err := choose(ctx, s, c.org, from)
	if err != nil {
		return err
	}
	after, err := choose(ctx, s, c.org, to)
	if err != nil {
		return err
	}
	differences := settings.Diff(before, after)
	if a.output == outputJSON {
		return a.printJSON(change.Result{OrgID: aerv1.OrgID(c.org), Before: before.GetVersion(), After: after.GetVersion(),
			Changes: differences})
	}
	t := term.NewTable("setting", before.GetVersion(), after.GetVersion())
	for _, d := range differences {
		t.Row(d.Key, orDash(d.Before), orDash(d.After))
	}
	t.Print(a.printer())
	return nil
}

// version is one line of the history.
type version struct {
	Version   string                `json:"version"`
	ChangedAt string                `json:"changed_at"`
	ChangedBy string                `json:"changed_by"`
	Changes   []settings.Difference `json:"changes"`
}

func (a *app) settingsHistory() *cobra.Command {
	var c chosen
	cmd := &cobra.Command{
		Use: "history --org O1", Short: "List every version: when, by whom, and what it changed", Args: noArgs,
		Example: "  aer settings history --org O1",
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := c.show()
			if err != nil {
				return err
			}
			all, err := s.History(cmd.Context(), aerv1.OrgID(c.org))
			if err != nil {
				return err
			}
			return a.printHistory(history(c.org, all))
		},
	}
	c.addShow(cmd)
	return cmd
}

func history(org string, all []*aerv1.Settings) []version {
	out, before := []version{}, settings.Default(org)
	for _, s := range all {
		now := settings.Complete(s)
		v := version{Version: s.GetVersion(), ChangedBy: s.GetChangedBy(), Changes: settings.Diff(before, now)}
		if s.GetChangedAt() != nil {
			v.ChangedAt = s.GetChangedAt().AsTime().UTC().Format(time.RFC3339)
		}
		out, before = append(out, v), now
	}
	return out
}

func (a *app) printHistory(all []version) error {
	if a.output == outputJSON {
		return a.printJSON(all)
	}
	t := term.NewTable("version", "changed at", "by", "what")
	for _, v := range all {
		row := []any{v.Version, orDash(v.ChangedAt), orDash(v.ChangedBy)}
		for _, d := range v.Changes {
			t.Row(append(row, fmt.Sprintf("%s: %s → %s", d.Key, orDash(d.Before), orDash(d.After)))...)
			row = []any{"", "", ""}
		}
		if len(v.Changes) == 0 {
			t.Row(append(row, "nothing but the defaults")...)
		}
	}
	t.Print(a.printer())
	return nil
}
