// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/cmd/aer/change"
	"github.com/aer-project/aer/cmd/aer/setup"
	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	stored "github.com/aer-project/aer/sinks/settings"
)

// chosen are the flags of the verbs that show and change what an organisation has chosen.
type chosen struct {
	store, org, author string
}

func (c *chosen) addStore(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.store, "store", filepath.Join(outDefault, setup.SettingsFile),
		"`store` of settings: a file, or firestore:projects/P/databases/D")
}

func (c *chosen) addShow(cmd *cobra.Command) {
	c.addStore(cmd)
	cmd.Flags().StringVar(&c.org, "org", "", "`id` of the organisation")
}

func (c *chosen) addChange(cmd *cobra.Command) {
	c.addShow(cmd)
	cmd.Flags().StringVar(&c.author, "as", "", "`who` makes the change (default: you, as USER@HOST)")
}

// show opens the settings in the store for reading.
func (c *chosen) show() (stored.Table, error) {
	if err := required("org", c.org, "store", c.store); err != nil {
		return stored.Table{}, err
	}
	s, err := setup.OpenStore(c.store, true)
	if setup.IsFile(c.store) && errors.Is(err, os.ErrNotExist) {
		return stored.Table{},
			fmt.Errorf("%w; the first change or a run with settings makes a store, and --store names another", err)
	}
	return stored.New(s), err
}

// editor opens the store for changes.
func (a *app) editor(c chosen) (change.Editor, func() error, error) {
	if err := required("org", c.org, "store", c.store); err != nil {
		return change.Editor{}, nil, err
	}
	if _, err := os.Stat(c.store); setup.IsFile(c.store) && errors.Is(err, os.ErrNotExist) {
		a.logf("making a new store %s", c.store)
	}
	s, err := setup.OpenStore(c.store, false)
	if err != nil {
		return change.Editor{}, nil, err
	}
	e := change.Editor{Settings: stored.New(s), Author: cmp.Or(c.author, whoAmI()),
		Now: time.Now().UTC().Truncate(time.Second)}
	return e, s.Close, nil
}

// apply makes one change and tells what it did.
func (a *app) apply(cmd *cobra.Command, c chosen, edit func(change.Editor) change.Edit) (err error) {
	e, done, err := a.editor(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	r, err := e.Apply(cmd.Context(), aerv1.OrgID(c.org), edit(e))
	if err != nil {
		return err
	}
	return a.told(r)
}

// current reads the current settings of the organisation, or its defaults.
func (c *chosen) current(ctx context.Context) (*aerv1.Settings, error) {
	s, err := c.show()
	if err != nil {
		return nil, err
	}
	return choose(ctx, s, c.org, "current")
}

// listing takes a list out of settings: as a table, and as the part of the settings that it is.
type listing func(*aerv1.Settings) (*term.Table, *aerv1.Settings)

// listCommand prints a list that belongs to a verb.
func (a *app) listCommand(verb, short string, of listing) *cobra.Command {
	var c chosen
	cmd := &cobra.Command{
		Use: "list --org O1", Short: short, Args: noArgs, Example: "  aer " + verb + " list --org O1",
		RunE: func(cmd *cobra.Command, _ []string) error { return a.list(cmd, c, of) },
	}
	c.addShow(cmd)
	return cmd
}

func (a *app) list(cmd *cobra.Command, c chosen, of listing) error {
	s, err := c.current(cmd.Context())
	if err != nil {
		return err
	}
	t, part := of(s)
	if a.output != outputJSON {
		t.Print(a.printer())
		return nil
	}
	part.OrgId = c.org
	return a.printMessage(part)
}

// printMessage prints a message as a line of JSON.
func (a *app) printMessage(m proto.Message) error {
	line, err := aerv1.MarshalJSONLine(m)
	if err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	fmt.Fprintln(a.out, string(line))
	return nil
}

// told prints what a change did.
func (a *app) told(r change.Result) error {
	if a.output == outputJSON {
		return a.printJSON(r)
	}
	if len(r.Changes) == 0 {
		a.logf("nothing to change: %s has version %s", r.OrgID, r.After)
		return nil
	}
	t := term.NewTable("setting", "before", "now")
	for _, d := range r.Changes {
		t.Row(d.Key, orDash(d.Before), orDash(d.After))
	}
	t.Print(a.printer())
	a.logf("%s has version %s now; running pipelines follow within a minute", r.OrgID, r.After)
	return nil
}

func orDash(s string) string { return cmp.Or(s, "-") }

// whoAmI names the person at this machine, as well as it can be told.
func whoAmI() string {
	name := "unknown"
	if u, err := user.Current(); err == nil && u.Username != "" {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil || host == "" {
		return name
	}
	return name + "@" + strings.ToValidUTF8(host, "?")
}
