// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/aer-project/aer/cmd/aer/config"
	messages "github.com/aer-project/aer/cmd/aer/notify"
	"github.com/aer-project/aer/cmd/aer/setup"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/notify/channels"
	"github.com/aer-project/aer/sinks/secret"
)

func (a *app) notifyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "notify", Short: "Look at messages to people, and try out the way to them", Args: noArgs,
		Long: `Shows the messages that people get, and sends a test message through the channels of a configuration.`,
		Example: `  aer notify preview --kind tor --language de
  aer notify test --config aer.yaml --to ada@acme.example`,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.notifyPreview(), a.notifyTest())
	return cmd
}

func (a *app) notifyPreview() *cobra.Command {
	var p messages.Preview
	var html, file string
	cmd := &cobra.Command{
		Use: "preview", Short: "Show the messages about an anomaly, sending nothing", Args: noArgs,
		Long: `Shows the messages about an anomaly of a run, or about an invented one, as everybody concerned would read them.
Nothing is sent.`,
		Example: `  aer notify preview --kind excessive_downloads --role acting_user --language de
  aer notify preview --kind tor --outcome COOLDOWN --role security_admin --html mail.html
  aer notify preview --anomaly 5f3a --directory directory.yaml`,
		RunE: func(*cobra.Command, []string) error {
			if (p.Anomaly == "") == (p.Kind == "") {
				return usagef("give --anomaly or --kind, one of them")
			}
			if p.Role != "" && !slices.Contains(messages.Roles, p.Role) {
				return usagef("--role %s: must be %s", p.Role, strings.Join(messages.Roles, ", "))
			}
			if file != "" {
				c, err := config.Read(file)
				if err != nil {
					return err
				}
				p.Style = c.Notify.Style
			}
			all, err := p.Messages()
			if err != nil {
				return err
			}
			if html != "" {
				return messages.WriteHTML(html, all)
			}
			return a.printMessages(all)
		},
	}
	f := cmd.Flags()
	f.StringVar(&p.Anomaly, "anomaly", "", "`id` of an anomaly of a run, or any unique beginning of it")
	f.StringVar(&p.Dir, "dir", outDefault, "`directory` that the run wrote to")
	f.StringVar(&p.Directory, "directory", "", "`file` with the people of the organisations")
	f.StringVar(&p.Kind, "kind", "", "`type` of an invented anomaly: "+strings.Join(aerv1.AnomalyTypes, ", "))
	f.StringVar(&p.Outcome, "outcome", "",
		"`outcome` instead of the decision's: RESPOND, PERSISTING, COOLDOWN, BUDGET_EXHAUSTED or COMMON_CAUSE")
	f.StringVar(&p.Role, "role", "", "`role` of the reader: "+strings.Join(messages.Roles, ", ")+" (default: each)")
	f.StringVar(&p.Language, "language", "", "`language` instead of the reader's own: "+languages())
	f.StringVar(&p.Failure, "failure", "", "show what is said if the sessions could not be ended, for this `reason`")
	f.StringVar(&html, "html", "", "write the only message as HTML to this `file`")
	f.StringVar(&file, "config", "", "configuration `file` whose style (link, time zone) is used")
	return cmd
}

// languages lists those that there are words for.
func languages() string {
	all, err := notify.Languages()
	if err != nil {
		return notify.DefaultLanguage
	}
	return strings.Join(all, ", ")
}

func (a *app) printMessages(all []*aerv1.Notification) error {
	if a.output != outputJSON {
		messages.Print(a.printer(), all)
		return nil
	}
	for _, n := range all {
		line, err := aerv1.MarshalJSONLine(n)
		if err != nil {
			return err
		}
		fmt.Fprintf(a.out, "%s\n", line)
	}
	return nil
}

func (a *app) notifyTest() *cobra.Command {
	var t messages.Test
	var file string
	cmd := &cobra.Command{
		Use: "test --config aer.yaml --to ADDRESS", Short: "Send a test message through the configured channel", Args: noArgs,
		Long: `Sends a test message as a run with this configuration would, says what happened, and if it failed what to do
about it.`,
		Example: `  aer notify test --config aer.yaml --to ada@acme.example
  aer notify test --config aer.yaml --channel dm --to U012AB3CD`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := required("to", t.To); err != nil {
				return err
			}
			if t.Channel != notify.ChannelEmail && t.Channel != notify.ChannelDM {
				return usagef("--channel %s: must be email or dm", t.Channel)
			}
			c := config.Default()
			if file != "" {
				var err error
				if c, err = config.Read(file); err != nil {
					return err
				}
			}
			secrets := &secret.Loader{LookupEnv: os.LookupEnv}
			t.Config, t.Now = c.Notify, time.Now()
			t.Options = channels.Options{Outbox: filepath.Join(c.Out, setup.OutboxName), Sender: c.Sender, Secrets: secrets}
			out, err := t.Run(cmd.Context())
			if err = errors.Join(err, secrets.Close()); err != nil {
				return err
			}
			return a.printOutcome(out)
		},
	}
	f := cmd.Flags()
	f.StringVar(&file, "config", "", "configuration `file` (default: the defaults)")
	f.StringVar(&t.To, "to", "", "mail `address`, or a user id for direct messages")
	f.StringVar(&t.Channel, "channel", notify.ChannelEmail, "`channel` to send through: email or dm")
	f.StringVar(&t.Language, "language", "", "`language` of the message: "+languages())
	return cmd
}

func (a *app) printOutcome(out messages.Outcome) error {
	if a.output == outputJSON {
		if err := out.WriteJSON(a.out); err != nil {
			return err
		}
	} else {
		out.Print(a.out)
	}
	if !out.Delivered {
		return errors.New("the test message was not delivered")
	}
	return nil
}
