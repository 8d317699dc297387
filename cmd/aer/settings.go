// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/cmd/aer/change"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision/settings"
)

func (a *app) settingsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "settings", Short: "Show and change what an organisation has chosen",
		Long: `Shows and changes what an organisation has chosen: what each detector may do, who is excluded, which networks
are trusted, who is told, and the limits.

Every change is checked, gets a version, names its author, and leaves an audit entry with the value before and after. A
running pipeline follows within a minute, without a restart.`,
		Example: `  aer settings get --org O1
  aer settings set --org O1 detectors.tor.mode=log limits.max_resets=3
  aer settings set -f settings.yaml
  aer settings history --org O1`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.settingsGet(), a.settingsSet(), a.settingsEdit(), a.settingsCheck(), a.settingsDiff(),
		a.settingsHistory())
	return cmd
}

func (a *app) settingsSet() *cobra.Command {
	var c chosen
	var file string
	cmd := &cobra.Command{
		Use: "set (--org O1 KEY=VALUE... | -f FILE)", Short: "Change single values, or take over a file",
		Long: `Changes single values of one organisation, or takes over what a file says: of one organisation with --org,
else of every organisation in it. A list replaces the list.

apps says what becomes of findings about apps that act under a person's name: off, log (the default), or respond,
which ends the access of the app where the platform can (scope app of the webhook), and never a session.`,
		Example: `  aer settings set --org O1 detectors.tor.mode=log
  aer settings set --org O1 apps=respond
  aer settings set --org O1 'detectors.tor.excluded_groups=[pentest]' limits.cooldown=36h
  aer settings set --org O1 -f settings.yaml --as kim@acme`,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case file != "" && len(args) > 0:
				return usagef("give either KEY=VALUE or -f, not both")
			case file != "":
				return a.settingsFromFile(cmd, c, file)
			case len(args) == 0:
				return usagef("nothing to set: give KEY=VALUE, for example detectors.tor.mode=log, or -f FILE")
			}
			return a.apply(cmd, c, func(change.Editor) change.Edit { return withValues(args) })
		},
	}
	c.addChange(cmd)
	cmd.Flags().StringVarP(&file, "file", "f", "", "`file` of settings to take over")
	return cmd
}

// withValues sets each KEY=VALUE.
func withValues(args []string) change.Edit {
	return func(s *aerv1.Settings) (*aerv1.Settings, error) {
		for _, arg := range args {
			key, value, ok := strings.Cut(arg, "=")
			if !ok {
				return nil, fmt.Errorf("%q: write KEY=VALUE", arg)
			}
			next, err := settings.With(s, key, value)
			if err != nil {
				return nil, err
			}
			s = next
		}
		return s, nil
	}
}

func (a *app) settingsFromFile(cmd *cobra.Command, c chosen, file string) (err error) {
	all, err := readSettings(file)
	if err != nil {
		return err
	}
	if c.org != "" {
		one, err := ofOrg(all, c.org, file)
		if err != nil {
			return err
		}
		all = []*aerv1.Settings{one}
	}
	for _, s := range all {
		c.org = s.GetOrgId()
		if err := a.apply(cmd, c, func(change.Editor) change.Edit { return takeOver(s) }); err != nil {
			return err
		}
	}
	return nil
}

func takeOver(s *aerv1.Settings) change.Edit {
	return func(*aerv1.Settings) (*aerv1.Settings, error) { return proto.Clone(s).(*aerv1.Settings), nil }
}

func readSettings(file string) ([]*aerv1.Settings, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading settings: %w", err)
	}
	return settings.Parse(file, raw)
}

func ofOrg(all []*aerv1.Settings, org, file string) (*aerv1.Settings, error) {
	for _, s := range all {
		if s.GetOrgId() == org {
			return s, nil
		}
	}
	return nil, fmt.Errorf("%s says nothing about organisation %q", file, org)
}

func (a *app) settingsEdit() *cobra.Command {
	var c chosen
	cmd := &cobra.Command{
		Use: "edit --org O1", Short: "Change settings in your editor", Args: noArgs,
		Long: `Opens the settings in the editor that $VISUAL or $EDITOR names (vi without). What is saved is checked;
mistakes are shown on top and the editor opens again. Leave the text unchanged to abort.`,
		Example: "  aer settings edit --org O1",
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.edit(cmd, c) },
	}
	c.addChange(cmd)
	return cmd
}

func (a *app) edit(cmd *cobra.Command, c chosen) (err error) {
	e, done, err := a.editor(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	now, version, err := e.Current(cmd.Context(), aerv1.OrgID(c.org))
	if err != nil {
		return err
	}
	next, keep, err := change.InEditor(now, func(path string) error { return a.runEditor(cmd, path) })
	if err != nil {
		return err
	}
	r, err := e.Replace(cmd.Context(), now, version, takeOver(next))
	if err != nil {
		return fmt.Errorf("%w (your text is in %s)", err, keep)
	}
	return errors.Join(a.told(r), os.Remove(keep))
}

func (a *app) runEditor(cmd *cobra.Command, path string) error {
	editor := cmp.Or(os.Getenv("VISUAL"), os.Getenv("EDITOR"), "vi")
	run := exec.CommandContext(cmd.Context(), "sh", "-c", editor+` "$@"`, editor, path)
	run.Stdin, run.Stdout, run.Stderr = a.in, a.err, a.err // standard output is for data
	return run.Run()
}
