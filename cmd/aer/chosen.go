package main

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

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
	cmd.Flags().StringVar(&c.store, "store", filepath.Join(outDefault, setup.StoreFile), "`store` of settings: a file, or firestore:projects/P/databases/D")
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
		return stored.Table{}, fmt.Errorf("%w; the first change or a run with settings makes a store, and --store names another", err)
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
	if c.author == "" {
		c.author = whoAmI()
	}
	return change.Editor{Settings: stored.New(s), Author: c.author, Now: time.Now().UTC().Truncate(time.Second)}, s.Close, nil
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

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

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
