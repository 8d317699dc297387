package channels

import (
	"errors"
	"fmt"
	"net/mail"

	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/notify/digest"
	"github.com/aer-project/aer/sinks/notify/slackdm"
	"github.com/aer-project/aer/sinks/notify/smtp"
	"github.com/aer-project/aer/sinks/notify/webhook"
	"github.com/aer-project/aer/sinks/topic"
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

// Config says how messages reach people: the section notify of a configuration.
type Config struct {
	Style  notify.Style  `yaml:"style"`
	Email  Email         `yaml:"email"`
	DM     DM            `yaml:"dm"`
	Digest digest.Config `yaml:"digest"`
	// Operators are the mail addresses of those who run AER. They are told of steps that failed for good and of budgets that close.
	Operators []string `yaml:"operators"`
}

// Email says what carries mail. Only the section that the kind names is looked at.
type Email struct {
	// outbox, smtp, webhook, pubsub or none.
	Kind    string         `yaml:"kind"`
	SMTP    smtp.Config    `yaml:"smtp"`
	Webhook webhook.Config `yaml:"webhook"`
	PubSub  topic.Config   `yaml:"pubsub"`
}

// DM says what carries direct messages. Only the section that the kind names is looked at.
type DM struct {
	// outbox, slack, webhook, pubsub or none.
	Kind    string         `yaml:"kind"`
	Slack   slackdm.Config `yaml:"slack"`
	Webhook webhook.Config `yaml:"webhook"`
	PubSub  topic.Config   `yaml:"pubsub"`
}

// DefaultConfig writes everything into the outbox.
func DefaultConfig() Config {
	return Config{
		Email:  Email{Kind: KindOutbox, SMTP: smtp.DefaultConfig()},
		DM:     DM{Kind: KindOutbox, Slack: slackdm.DefaultConfig()},
		Digest: digest.DefaultConfig(),
	}
}

// Validate checks every key that is in use; the error joins all that is wrong, each with its key and what would be right.
// sender is the sender of mail where email.smtp.from is empty.
func (c Config) Validate(sender string) error {
	errs := []error{under("style", c.Style.Validate()), under("digest", c.Digest.Validate())}
	if _, err := notify.Operators(c.Operators); err != nil {
		errs = append(errs, fmt.Errorf("operators: %w", err))
	}
	if len(c.Operators) > 0 && c.Email.Kind == KindNone {
		errs = append(errs, fmt.Errorf("operators: nothing carries mail here: want another email.kind than %s, or no operators", KindNone))
	}
	switch c.Email.Kind {
	case KindOutbox, KindNone:
	case KindSMTP:
		errs = append(errs, under("email.smtp", c.Email.smtp(sender).Validate()))
	case KindWebhook:
		errs = append(errs, under("email.webhook", c.Email.Webhook.Validate()))
	case KindPubSub:
		errs = append(errs, under("email.pubsub", c.Email.PubSub.Validate()))
	default:
		errs = append(errs, fmt.Errorf("email.kind is %q, want %s, %s, %s, %s or %s", c.Email.Kind, KindOutbox, KindSMTP, KindWebhook, KindPubSub, KindNone))
	}
	switch c.DM.Kind {
	case KindOutbox, KindNone:
	case KindSlack:
		errs = append(errs, under("dm.slack", c.DM.Slack.Validate()))
	case KindWebhook:
		errs = append(errs, under("dm.webhook", c.DM.Webhook.Validate()))
	case KindPubSub:
		errs = append(errs, under("dm.pubsub", c.DM.PubSub.Validate()))
	default:
		errs = append(errs, fmt.Errorf("dm.kind is %q, want %s, %s, %s, %s or %s", c.DM.Kind, KindOutbox, KindSlack, KindWebhook, KindPubSub, KindNone))
	}
	if _, err := mail.ParseAddress(sender); err != nil && c.outbox() {
		errs = append(errs, fmt.Errorf("sender is %q, want a mail address", sender))
	}
	return errors.Join(errs...)
}

func (c Config) outbox() bool { return c.Email.Kind == KindOutbox || c.DM.Kind == KindOutbox }

func (e Email) smtp(sender string) smtp.Config {
	if e.SMTP.From == "" {
		e.SMTP.From = sender
	}
	return e.SMTP
}

// under puts the section's name before each of the joined errors.
func under(section string, err error) error {
	var joined interface{ Unwrap() []error }
	switch {
	case err == nil:
		return nil
	case errors.As(err, &joined):
		var errs []error
		for _, e := range joined.Unwrap() {
			errs = append(errs, fmt.Errorf("%s.%w", section, e))
		}
		return errors.Join(errs...)
	}
	return fmt.Errorf("%s.%w", section, err)
}
