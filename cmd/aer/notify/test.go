// SPDX-License-Identifier: Apache-2.0

package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"encoding/json"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/notify/channels"
	"github.com/aer-project/aer/sinks/notify/slackdm"
	"github.com/aer-project/aer/sinks/notify/smtp"
)

// Test says where to send a test message.
type Test struct {
	Config channels.Config
	// As channels.Options; digests are left out.
	Options channels.Options
	// A mail address, or a user id for direct messages.
	To, Channel, Language string
	Now                   time.Time
}

// Outcome is what became of a test message.
type Outcome struct {
	Delivered bool   `json:"delivered"`
	Channel   string `json:"channel"`
	Kind      string `json:"kind"`
	To        string `json:"to"`
	// What happened, and what to do next.
	Happened string `json:"happened"`
	Advice   string `json:"advice"`
}

// Run sends the message. An error means that it could not even be tried; a delivery that failed is an Outcome.
func (t Test) Run(ctx context.Context) (Outcome, error) {
	t.Options.Digests = nil
	m, err := channels.Open(ctx, t.Config, t.Options)
	if err != nil {
		return Outcome{}, err
	}
	defer func() { _ = m.Close() }()
	n, err := m.Test(notify.Recipient{UserID: t.To, Channel: t.Channel, Address: t.To, Language: t.Language,
		Roles: []string{aerv1.RoleActingUser}}, "test", t.Now)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{Channel: t.Channel, Kind: t.kind(), To: t.To}
	if err := m.Direct.Notify(ctx, n); err != nil {
		out.Happened, out.Advice = err.Error(), advice(out.Kind, t.Channel, err)
		return out, nil
	}
	out.Delivered = true
	out.Happened, out.Advice = took[out.Kind], look[out.Kind]
	if out.Kind == channels.KindOutbox {
		out.Happened = fmt.Sprintf("it was written to %s/%s", t.Options.Outbox, notify.FileName(n))
	}
	return out, nil
}

func (t Test) kind() string {
	if t.Channel == notify.ChannelDM {
		return t.Config.DM.Kind
	}
	return t.Config.Email.Kind
}

// took says what a success means, and look what it does not mean.
var (
	took = map[string]string{
		channels.KindSMTP: "the mail server took the message", channels.KindSlack: "Slack posted the message",
		channels.KindWebhook: "the platform took the message", channels.KindPubSub: "the topic stored the message",
	}
	look = map[string]string{
		channels.KindOutbox: "Nobody gets it: the outbox is a folder. Set notify.email.kind or notify.dm.kind to send " +
			"messages.",
		channels.KindSMTP: "Look whether it arrives, also among spam: servers pass mail on and may refuse it later, to " +
			"the sender's address.",
		channels.KindSlack:   "Look for it among the direct messages of the app.",
		channels.KindWebhook: "Look whether the platform delivers it.",
		channels.KindPubSub:  "Look whether whoever subscribes delivers it.",
	}
)

// advice says what to do about an error.
func advice(kind, channel string, err error) string {
	var mail *smtp.Error
	var dm *slackdm.Error
	switch {
	case errors.As(err, &mail):
		return mailAdvice(mail)
	case errors.As(err, &dm):
		return dmAdvice(dm)
	}
	section := "notify." + channel + "." + kind
	switch kind {
	case channels.KindWebhook:
		return "Check " + section + ".url, the secrets on both sides, and the platform's own log."
	case channels.KindPubSub:
		return "Check " + section + ".topic and that this machine's account may publish to it."
	case channels.KindNone:
		return "Set notify." + channel + ".kind."
	}
	return "Check the section notify." + channel + " of the configuration."
}

func mailAdvice(e *smtp.Error) string {
	switch {
	case e.Class == notify.ClassAddress && e.Code == 0:
		return "This server cannot be told the address: give the person another one, or send through a server with " +
			"SMTPUTF8 (notify.email.smtp.host)."
	case e.Class == notify.ClassAddress && e.Code < 500:
		return "The server asks to come back later, as greylisting servers do. AER tries again by itself; run this again " +
			"in some minutes."
	case e.Class == notify.ClassAddress:
		return "The server takes no mail for this address: check it, and that the server may send to its domain."
	case e.Class == notify.ClassMessage:
		return "The server does not take this message: ask whoever runs it why, often a rule against spam or a sender it " +
			"does not know (notify.email.smtp.from)."
	case e.Code >= 530 && e.Code <= 538:
		return "The server does not let AER in: check notify.email.smtp.username and password, and that the account may send."
	case e.Code != 0:
		return "The server refuses AER: check notify.email.smtp.from and whether it takes mail from this machine."
	case e.Uncertain:
		return "The connection broke before the answer came: look whether the message arrived, then run this again."
	}
	return "Check notify.email.smtp.host, port and tls (587 starttls, 465 implicit), that the server's certificate is " +
		"valid for the host (ca_file for a private authority), and that the network lets AER out."
}

func dmAdvice(e *slackdm.Error) string {
	switch {
	case e.Class == notify.ClassAddress:
		return "Slack delivers nothing to this person: check the id (U...), that they are in the workspace, and that the " +
			"app may write to them."
	case e.Code == "missing_scope" || e.Code == "no_permission":
		return "Give the app the scopes chat:write, im:write and im:history, and install it again."
	case e.Code == "ratelimited":
		return "Slack limits the rate: run this again in a minute."
	case e.Class == notify.ClassServer && e.Code != "":
		return "Check notify.dm.slack.token: it must be the bot's, of a workspace where the app is installed."
	}
	return "Check that the network lets AER reach Slack (notify.dm.slack.api), and run this again."
}

// Print writes the outcome for people.
func (o Outcome) Print(w io.Writer) {
	verb := "NOT delivered"
	if o.Delivered {
		verb = "delivered"
	}
	fmt.Fprintf(w, "%s to %s by %s (%s): %s\n", verb, notify.Line(o.To), cmp.Or(o.Kind, "nothing"), o.Channel,
		notify.Line(o.Happened))
	if o.Advice != "" {
		fmt.Fprintln(w, o.Advice)
	}
}

// WriteJSON writes the outcome as a JSON object.
func (o Outcome) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(o)
}
