// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/aer-project/aer/cmd/aer/responses"
	"github.com/aer-project/aer/cmd/aer/setup"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/response"
)

// ledgerFlags say which ledger is meant, and whose part of it.
type ledgerFlags struct{ dir, org, store string }

func (a *app) responsesCommand() *cobra.Command {
	var l ledgerFlags
	cmd := &cobra.Command{
		Use: "responses", Short: "Show what was carried out, and retry what failed", Args: noArgs,
		Long: `Shows what the ledger knows of responses: done, open (a step may still succeed) or failed (a step will not),
and has failed steps tried again.

A database that the configuration names as its store holds the ledger too: name it with --store. Otherwise the ledger
is one file that a pipeline in mode enforce keeps open, so that no step is ever done twice: while one runs on the
folder these commands wait two seconds and then say so. What was done can meanwhile be read from responses.ndjson,
what failed for good from dead_letters.ndjson, and aer explain tells of one; to retry, interrupt the pipeline once,
retry, and start it anew.`,
		Example: `  aer responses list --org brightwater --state failed
  aer responses show 5f3a --org brightwater
  aer responses retry 5f3a --org brightwater --reason "mail works again"`,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringVar(&l.dir, "dir", outDefault, "`directory` that a run in mode enforce wrote to")
	cmd.PersistentFlags().StringVar(&l.store, "store", "",
		"`store` of the run if it is a database, such as firestore:projects/P/databases/D")
	cmd.PersistentFlags().StringVar(&l.org, "org", "", "`id` of the organisation")
	cmd.AddCommand(a.responsesList(&l), a.responsesShow(&l), a.responsesRetry(&l))
	return cmd
}

func (a *app) responsesList(l *ledgerFlags) *cobra.Command {
	var state string
	cmd := &cobra.Command{
		Use: "list", Short: "List responses, oldest first", Args: noArgs,
		Example: `  aer responses list --state open`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if state != "" && !slices.Contains(responses.States, state) {
				return usagef("--state %s: must be %s", state, strings.Join(responses.States, ", "))
			}
			return l.read(cmd.Context(), func(all []*response.Summary) error {
				all = responses.Only(all, state)
				if a.output != outputJSON {
					responses.PrintList(a.printer(), all)
					return nil
				}
				for _, s := range all {
					if err := responses.WriteJSON(a.out, s); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "`state` of those to list: open, failed or done (default: all)")
	return cmd
}

func (a *app) responsesShow(l *ledgerFlags) *cobra.Command {
	return &cobra.Command{
		Use: "show RESPONSE_ID", Short: "Show one response with its steps", Args: oneResponse,
		Example: `  aer responses show 5f3a --org brightwater`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return l.read(cmd.Context(), func(all []*response.Summary) error {
				s, err := responses.Find(all, args[0])
				if err != nil {
					return err
				}
				if a.output == outputJSON {
					return responses.WriteJSON(a.out, s)
				}
				responses.Print(a.printer(), s)
				return nil
			})
		},
	}
}

func (a *app) responsesRetry(l *ledgerFlags) *cobra.Command {
	word := &aerv1.ResponseRetry{}
	cmd := &cobra.Command{
		Use: "retry RESPONSE_ID --org O1 --reason WHY", Short: "Have the failed steps of a response tried again",
		Args: oneResponse,
		Long: `Arms the failed steps of a response once more, in your name and with a new deadline for audit entry and
messages. They are carried out when a pipeline in mode enforce next starts on the folder. Steps that were done are
never done again.

Sessions are ended up to ten minutes after the decision only, and nothing changes that: later it would hit the person
themselves, who has signed in again. Audit entry and messages older than a day need --force.`,
		Example: `  aer responses retry 5f3a --org brightwater --reason "mail works again"`,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if err := required("org", l.org, "reason", word.Reason); err != nil {
				return err
			}
			s, err := l.open(false)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			all, unread := response.List(cmd.Context(), ledger.New(s), aerv1.OrgID(l.org))
			one, err := responses.Find(all, args[0])
			if err != nil {
				return errors.Join(err, unread)
			}
			word.At = aerv1.Time(time.Now())
			if err := response.Retry(cmd.Context(), ledger.New(s), aerv1.OrgID(l.org), aerv1.DecisionID(one.Response.GetId()),
				word, 0, 0); err != nil {
				return err
			}
			a.logf("armed; a pipeline in mode enforce carries it out when it starts on %s", l.dir)
			return nil
		},
	}
	cmd.Flags().StringVar(&word.Reason, "reason", "", "`why`, for whoever reads it later")
	cmd.Flags().StringVar(&word.Author, "as", whoAmI(), "`who` wants it")
	cmd.Flags().BoolVar(&word.Force, "force", false, "deliver audit entry and messages although they are old news")
	return cmd
}

func oneResponse(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("want one response id, got %d", len(args))
	}
	return nil
}

func (l *ledgerFlags) open(readOnly bool) (kv.Store, error) {
	s, err := setup.OpenLedger(l.store, l.dir, readOnly)
	switch {
	case errors.Is(err, kv.ErrLocked):
		return nil, fmt.Errorf("an aer run on %s keeps the ledger of responses to itself: %w; what it has done is in %s, "+
			"what failed for good in %s, and"+
			" aer explain ANOMALY_ID --dir %s tells of one; to see what is open, or to retry, interrupt the run once, so that "+
			"it drains, say this again"+
			" and start it anew: it carries on with what is open",
			l.dir, err, filepath.Join(l.dir, "responses.ndjson"), filepath.Join(l.dir, "dead_letters.ndjson"), l.dir)
	case errors.Is(err, fs.ErrNotExist):
		return nil,
			fmt.Errorf("opening the ledger of responses: %w; only a run in mode enforce makes one, and --dir names its folder",
				err)
	case err != nil:
		return nil, fmt.Errorf("opening the ledger of responses: %w", err)
	}
	return s, nil
}

// read gives the responses of the organisation, or of all.
func (l *ledgerFlags) read(ctx context.Context, do func([]*response.Summary) error) (err error) {
	s, err := l.open(true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	all, unread := response.List(ctx, ledger.New(s), aerv1.OrgID(l.org))
	return errors.Join(do(all), unread)
}
