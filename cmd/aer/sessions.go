// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/aer-project/aer/cmd/aer/config"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/sessions/adapters"
	"github.com/aer-project/aer/sinks/sessions/caep"
)

func (a *app) sessionsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "sessions", Short: "Try the way to a receiver of Shared Signals, and publish the keys for it", Args: noArgs,
		Long: `For a configuration that ends sessions through a receiver of the Shared Signals Framework (sessions.kind:
caep).`,
		Example: `  aer sessions keys --config aer.yaml > jwks.json
  aer sessions verify --config aer.yaml --state VGhpcyBp`,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.sessionsVerify(), a.sessionsKeys())
	return cmd
}

func (a *app) sessionsVerify() *cobra.Command {
	var file, stream, state string
	cmd := &cobra.Command{
		Use: "verify --config aer.yaml", Short: "Send a verification event, by which the receiver sees that events arrive",
		Args: noArgs,
		Long: `Sends a verification event (Shared Signals Framework 1.0, 8.1.4) as a run with this configuration would send
events: the same keys, token and address. It ends no session. Whoever runs the receiver asks for one and may give a
state, which the event repeats; without being asked, leave --state away. The stream's id is sessions.caep.stream_id.`,
		Example: `  aer sessions verify --config aer.yaml
  aer sessions verify --config aer.yaml --state VGhpcyBp`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := required("config", file); err != nil {
				return err
			}
			return withReceiver(cmd.Context(), file, func(c caep.Config, r *caep.Adapter) error {
				if stream == "" {
					stream = c.StreamID
				}
				if stream == "" {
					return errors.New(
						"sessions.caep.stream_id is empty, want the id of the stream as agreed with the receiver, or --stream")
				}
				if err := r.Verify(cmd.Context(), stream, state); err != nil {
					return err
				}
				fmt.Fprintf(a.out, "the receiver took a verification event of the stream %s\n", stream)
				return nil
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&file, "config", "", "configuration `file`")
	f.StringVar(&stream, "stream", "", "`id` of the stream (default: sessions.caep.stream_id)")
	f.StringVar(&state, "state", "", "`text` that the receiver gave to whoever asks")
	return cmd
}

func (a *app) sessionsKeys() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use: "keys --config aer.yaml", Short: "Print the public keys, for the address that receivers fetch them from",
		Args: noArgs,
		Long: `Prints the public halves of sessions.caep.keys as a JSON Web Key Set, for a file that a web server hands out
at the jwks_uri agreed with the receiver.`,
		Example: `  aer sessions keys --config aer.yaml > jwks.json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := required("config", file); err != nil {
				return err
			}
			return withReceiver(cmd.Context(), file,
				func(_ caep.Config, r *caep.Adapter) error { return r.WriteJWKS(cmd.Context(), a.out) })
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "configuration `file`")
	return cmd
}

// withReceiver opens the adapter of a configuration.
func withReceiver(ctx context.Context, file string, use func(caep.Config, *caep.Adapter) error) error {
	c, err := config.Read(file)
	if err != nil {
		return err
	}
	if c.Sessions.Kind != adapters.KindCAEP {
		return fmt.Errorf("sessions.kind is %q, want %s: only receivers of Shared Signals have keys and verification events",
			c.Sessions.Kind, adapters.KindCAEP)
	}
	secrets := &secret.Loader{LookupEnv: os.LookupEnv}
	s, err := adapters.Open(ctx, c.Sessions, sessions.Options{Secrets: secrets, Now: time.Now})
	if r, ok := s.(*caep.Adapter); ok {
		err = errors.Join(use(c.Sessions.CAEP, r), r.Close())
	}
	if closed := secrets.Close(); err == nil {
		err = closed
	}
	return err
}
