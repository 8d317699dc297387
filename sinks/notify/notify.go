// SPDX-License-Identifier: Apache-2.0

// Package notify tells people what AER did: who is told (Recipients), in which words (Render), and by what (Notifier).
//
// The notifiers are in packages beneath: smtp, slackdm, webhook, pubsub, and the Outbox here; channels puts together
// what a deployment has chosen, digest keeps messages to one person from becoming a flood.
//
// The acting user reads what was noticed, when, from which device and rough place, what was done, what to do and whom
// to ask; never a threshold, a number of the rule or the inner name of anything, because whoever reads the mail may be
// the thief. The rough place is a country and a network: an address means nothing to most people, and would tell a
// thief which of theirs was caught. Owners and admins read the evidence with its numbers, the address, and where to see
// the decision.
//
// Words live in one catalogue file per language, written once and laid out as text and as HTML. Every value that comes
// from events or directories is untrusted: it is cut to one printable line before it meets a template.
package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/secret"
)

// Channels (Notification.channel).
const (
	ChannelEmail = "email"
	ChannelDM    = "dm"
)

// Notifier delivers one message to one person on one channel. It delivers at most once per notification id, however
// often it is asked. Errors are classified for retry.Recoverable.
type Notifier interface {
	Notify(ctx context.Context, n *aerv1.Notification) error
}

// Class says what an error of a server is about.
type Class string

// Classes.
const (
	// ClassAddress: the server does not deliver to this person.
	ClassAddress Class = "address"
	// ClassMessage: the server does not take this message.
	ClassMessage Class = "message"
	// ClassServer: the server is not there, not trusted, busy, or does not let us in. Every message is concerned, and an
	// operator can cure it, so that it is worth trying again even where the server's answer is a final one.
	ClassServer Class = "server"
)

// Options is what a notifier is given besides its own configuration.
type Options struct {
	// Outbox is the folder of messages that are written instead of sent.
	Outbox *Outbox
	// Secrets reads what the configuration refers to.
	Secrets *secret.Loader
	Now     func() time.Time
	Log     *slog.Logger
}

// Validate returns a permanent error that names what is wrong with the notification. Notifiers call it first.
func Validate(n *aerv1.Notification) error {
	var errs []error
	for _, f := range []struct{ name, value string }{
		{"id", n.GetId()}, {"org_id", n.GetOrgId()}, {"user_id", n.GetUserId()}, {"address", n.GetAddress()},
		{"text", n.GetText()},
	} {
		if f.value == "" {
			errs = append(errs, fmt.Errorf("%s is empty", f.name))
		}
	}
	switch n.GetChannel() {
	case ChannelEmail:
		if err := checkAddress(n.GetAddress()); n.GetAddress() != "" && err != nil {
			errs = append(errs, err)
		}
	case ChannelDM:
	default:
		errs = append(errs, fmt.Errorf("channel %q is unknown: want %q or %q", n.GetChannel(), ChannelEmail, ChannelDM))
	}
	if err := errors.Join(errs...); err != nil {
		return retry.Permanent(fmt.Errorf("checking notification: %w", err))
	}
	return nil
}

// Encode validates a notification and renders it as JSON, for notifiers that hand it over to a platform.
func Encode(ctx context.Context, n *aerv1.Notification) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := Validate(n); err != nil {
		return nil, err
	}
	line, err := aerv1.MarshalJSONLine(n)
	return line, retry.Permanent(err)
}

// Key is a notification's id together with its organisation as one short word, the same for ever: what outside systems
// get as idempotency key.
func Key(n *aerv1.Notification) string { return aerv1.NewID("message", n.GetOrgId(), n.GetId()) }

// checkAddress accepts a bare address only: one with a display name, a list or a line break could carry more
// recipients.
func checkAddress(address string) error {
	a, err := mail.ParseAddress(address)
	if err != nil || a.Name != "" || a.Address != address {
		return fmt.Errorf("address %q is not a plain mail address", address)
	}
	return nil
}

// Failing is the twin whose every call returns Err.
type Failing struct{ Err error }

// Notify implements Notifier.
func (f Failing) Notify(context.Context, *aerv1.Notification) error { return f.Err }
