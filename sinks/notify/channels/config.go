// SPDX-License-Identifier: Apache-2.0

package channels

import (
	"cmp"
	"fmt"

	"github.com/aer-project/aer/sinks/kind"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/notify/digest"
	"github.com/aer-project/aer/sinks/notify/pubsub"
	"github.com/aer-project/aer/sinks/notify/slackdm"
	"github.com/aer-project/aer/sinks/notify/smtp"
	"github.com/aer-project/aer/sinks/notify/webhook"
	"github.com/aer-project/aer/sinks/topic"
	"github.com/aer-project/aer/transforms/strict"
)

// What carries a channel (Email.Kind, DM.Kind).
const (
	KindOutbox  = "outbox"
	KindSMTP    = "smtp"
	KindSlack   = "slack"
	KindWebhook = "webhook"
	KindPubSub  = "pubsub"
	// KindNone: messages on this channel fail for good.
	KindNone = "none"
)

// mail is everything that carries mail, and dms everything that carries direct messages.
var (
	mail = kind.Table[Email, notify.Options, notify.Notifier]{
		kind.Plain[Email](KindOutbox, notify.OpenOutbox),
		kind.Part(KindSMTP, func(c Email) smtp.Config { return c.SMTP }, smtp.Open),
		kind.Part(KindWebhook, func(c Email) webhook.Config { return c.Webhook }, webhook.Open),
		kind.Part(KindPubSub, func(c Email) topic.Config { return c.PubSub }, pubsub.Open),
		kind.Plain[Email](KindNone, openNone),
	}
	dms = kind.Table[DM, notify.Options, notify.Notifier]{
		kind.Plain[DM](KindOutbox, notify.OpenOutbox),
		kind.Part(KindSlack, func(c DM) slackdm.Config { return c.Slack }, slackdm.Open),
		kind.Part(KindWebhook, func(c DM) webhook.Config { return c.Webhook }, webhook.Open),
		kind.Part(KindPubSub, func(c DM) topic.Config { return c.PubSub }, pubsub.Open),
		kind.Plain[DM](KindNone, openNone),
	}
)

// Config says how messages reach people: the section notify of a configuration.
type Config struct {
	Style  notify.Style  `yaml:"style"`
	Email  Email         `yaml:"email"`
	DM     DM            `yaml:"dm"`
	Digest digest.Config `yaml:"digest"`
	// Operators are the mail addresses of those who run AER. They are told of steps that failed for good and of budgets
	// that close.
	Operators []string `yaml:"operators"`
}

// Email says what carries mail. Only the section that the kind names is looked at.
type Email struct {
	Kind    string         `yaml:"kind"`
	SMTP    smtp.Config    `yaml:"smtp"`
	Webhook webhook.Config `yaml:"webhook"`
	PubSub  topic.Config   `yaml:"pubsub"`
}

// DM says what carries direct messages. Only the section that the kind names is looked at.
type DM struct {
	Kind    string         `yaml:"kind"`
	Slack   slackdm.Config `yaml:"slack"`
	Webhook webhook.Config `yaml:"webhook"`
	PubSub  topic.Config   `yaml:"pubsub"`
}

// From fills in the sender of mail where email.smtp.from is empty.
func (c Config) From(sender string) Config {
	c.Email.SMTP.From = cmp.Or(c.Email.SMTP.From, sender)
	return c
}

// Validate checks every key that is in use; the error joins all that is wrong.
func (c Config) Validate() error {
	var k strict.Check
	k.Under("style", c.Style.Validate())
	k.Under("email", mail.Validate(c.Email.Kind, c.Email))
	k.Under("dm", dms.Validate(c.DM.Kind, c.DM))
	k.Under("digest", c.Digest.Validate())
	if _, err := notify.Operators(c.Operators); err != nil {
		k.Under("operators", err)
	}
	if len(c.Operators) > 0 && c.Email.Kind == KindNone {
		k.Wrong("operators", "contradicts email.kind: nothing carries mail here",
			fmt.Sprintf("use another email.kind than %s, or no operators", KindNone))
	}
	return k.Err()
}

func (c Config) outbox() bool { return c.Email.Kind == KindOutbox || c.DM.Kind == KindOutbox }
