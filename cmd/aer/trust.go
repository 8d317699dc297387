// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aer-project/aer/cmd/aer/change"
	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision/settings"
)

func (a *app) trustCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "trust", Short: "Trust networks, whose traffic is never held against anyone", Args: noArgs,
		Long: `Adds, removes and lists the networks that an organisation trusts, and exchanges the list with Slack in the
form of admin.audit.anomaly.allow. Trust of an end is judged by the time of the event.`,
		Example: `  aer trust add --org O1 --cidr 203.0.113.0/24 --reason "head office"
  aer trust add --org O1 --asn 64500 --reason "VPN provider" --expires 30d
  aer trust import --org O1 --slack allow.json`,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.trustAdd(), a.trustRemove(), a.listCommand("trust", "List the trusted networks", listTrusted),
		a.trustImport(), a.trustExport())
	return cmd
}

// network are the flags that name a network.
type network struct{ cidr, asn string }

func (n *network) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&n.cidr, "cidr", "", "`network` or address, such as 203.0.113.0/24")
	cmd.Flags().StringVar(&n.asn, "asn", "", "`number` of an autonomous system, such as 64500 or AS64500")
}

func (n *network) parse() (*aerv1.TrustedNetwork, error) {
	if (n.cidr == "") == (n.asn == "") {
		return nil, usagef("give either --cidr or --asn")
	}
	if n.cidr == "" {
		asn, err := settings.ParseASN(n.asn)
		if err != nil {
			return nil, usagef("--asn: %w", err)
		}
		return &aerv1.TrustedNetwork{Asn: asn}, nil
	}
	cidr, err := settings.ParseNetwork(n.cidr)
	if err != nil {
		return nil, usagef("--cidr: %w", err)
	}
	return &aerv1.TrustedNetwork{Cidr: cidr}, nil
}

// why are the flags that say why, and until when.
type why struct{ reason, expires string }

func (w *why) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&w.reason, "reason", "", "`why`, for whoever reads it later")
	cmd.Flags().StringVar(&w.expires, "expires", "", "`end`: a date, a time, or a length such as 30d (default: never)")
}

// end is when it ends, nil for never.
func (w *why) end(now time.Time) (*timestamppb.Timestamp, error) {
	if err := required("reason", w.reason); err != nil || w.expires == "" {
		return nil, err
	}
	end, err := change.ParseEnd(w.expires, now)
	if err != nil {
		return nil, usagef("--expires: %w", err)
	}
	return aerv1.Time(end), nil
}

func (a *app) trustAdd() *cobra.Command {
	var c chosen
	var n network
	var w why
	cmd := &cobra.Command{
		Use: "add --org O1 (--cidr NET | --asn N) --reason WHY", Short: "Trust a network", Args: noArgs,
		Example: `  aer trust add --org O1 --cidr 203.0.113.0/24 --reason office --expires 2027-12-31`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			t, err := n.parse()
			if err != nil {
				return err
			}
			if t.Expires, err = w.end(time.Now()); err != nil {
				return err
			}
			t.Reason = w.reason
			return a.apply(cmd, c, func(e change.Editor) change.Edit {
				t.Author = e.Author
				return change.Trust(t)
			})
		},
	}
	c.addChange(cmd)
	n.add(cmd)
	w.add(cmd)
	return cmd
}

func (a *app) trustRemove() *cobra.Command {
	var c chosen
	var n network
	cmd := &cobra.Command{
		Use: "remove --org O1 (--cidr NET | --asn N)", Short: "Trust a network no longer", Args: noArgs,
		Example: "  aer trust remove --org O1 --asn 64500",
		RunE: func(cmd *cobra.Command, _ []string) error {
			t, err := n.parse()
			if err != nil {
				return err
			}
			return a.apply(cmd, c, func(change.Editor) change.Edit { return change.Distrust(t) })
		},
	}
	c.addChange(cmd)
	n.add(cmd)
	return cmd
}

func listTrusted(s *aerv1.Settings) (*term.Table, *aerv1.Settings) {
	t := term.NewTable("network", "reason", "author", "expires")
	for _, n := range s.GetTrusted() {
		t.Row(change.NetworkName(n), orDash(n.GetReason()), orDash(n.GetAuthor()), ends(n.GetExpires()))
	}
	return t, &aerv1.Settings{Trusted: s.GetTrusted()}
}

// ends says when something ends or ended.
func ends(t *timestamppb.Timestamp) string {
	if t == nil {
		return "never"
	}
	s := t.AsTime().UTC().Format(time.RFC3339)
	if !time.Now().Before(t.AsTime()) {
		s += " (over)"
	}
	return s
}

func (a *app) trustImport() *cobra.Command {
	var c chosen
	var file string
	cmd := &cobra.Command{
		Use: "import --org O1 --slack FILE", Short: "Take over Slack's list of trusted networks", Args: noArgs,
		Long: `Takes over a list in the form of Slack's admin.audit.anomaly.allow (what updateItem takes or getItem
answers). As with Slack, the list is replaced: what it leaves out is trusted no longer. What stays keeps its reason,
author and end.`,
		Example: "  aer trust import --org O1 --slack allow.json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := required("slack", file); err != nil {
				return err
			}
			raw, err := a.read(file)
			if err != nil {
				return err
			}
			list, notices, err := settings.ParseSlackTrusted(file, raw)
			if err != nil {
				return err
			}
			for _, n := range notices {
				a.logf("%s", n)
			}
			return a.apply(cmd, c, func(e change.Editor) change.Edit {
				return change.Overwrite(list, e.Author, "imported from Slack's list")
			})
		},
	}
	c.addChange(cmd)
	cmd.Flags().StringVar(&file, "slack", "", "`file` with Slack's JSON; - is standard input")
	return cmd
}

func (a *app) read(file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(a.in)
	}
	return os.ReadFile(file)
}

func (a *app) trustExport() *cobra.Command {
	var c chosen
	var slack bool
	cmd := &cobra.Command{
		Use: "export --org O1 --slack", Short: "Print the list as Slack takes it", Args: noArgs,
		Long: `Prints the trusted networks as Slack's admin.audit.anomaly.allow.updateItem takes them.
Slack knows no end: what has expired is left out.`,
		Example: "  aer trust export --org O1 --slack > allow.json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !slack {
				return usagef("say --slack: it is the only form there is")
			}
			s, err := c.current(cmd.Context())
			if err != nil {
				return err
			}
			var list []*aerv1.TrustedNetwork
			for _, t := range s.GetTrusted() {
				if t.GetExpires() == nil || time.Now().Before(t.Expires.AsTime()) {
					list = append(list, t)
				}
			}
			raw, err := settings.RenderSlackTrusted(list)
			if err != nil {
				return fmt.Errorf("printing the list: %w", err)
			}
			_, err = a.out.Write(raw)
			return err
		},
	}
	c.addShow(cmd)
	cmd.Flags().BoolVar(&slack, "slack", false, "in the form of Slack's API")
	return cmd
}
