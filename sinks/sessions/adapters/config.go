// Package adapters opens the session adapter that a deployment chose.
package adapters

import (
	"errors"
	"fmt"

	"github.com/aer-project/aer/sinks/post"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sessions/caep"
	"github.com/aer-project/aer/sinks/sessions/pubsub"
)

// Kinds of adapter.
const (
	KindEmbedded = "embedded"
	KindWebhook  = "webhook"
	KindSlack    = "slack"
	KindPubSub   = "pubsub"
	KindCAEP     = "caep"
)

// Config says where sessions are ended: Kind, and the part of that name.
type Config struct {
	Kind    string  `yaml:"kind"`
	Webhook Webhook `yaml:"webhook"`
	Slack   Slack   `yaml:"slack"`
	PubSub  PubSub  `yaml:"pubsub"`
	CAEP    CAEP    `yaml:"caep"`
}

// Webhook is the part of package webhook.
type Webhook struct {
	URL     string       `yaml:"url"`
	Secrets []secret.Ref `yaml:"secrets"`
}

// Slack is the part of package slack.
type Slack struct {
	URL  string     `yaml:"url"`
	Orgs []SlackOrg `yaml:"orgs"`
}

// SlackOrg is one organisation in Slack.
type SlackOrg struct {
	OrgID  string     `yaml:"org_id"`
	TeamID string     `yaml:"team_id"`
	Token  secret.Ref `yaml:"token"`
}

// PubSub is the part of package pubsub.
type PubSub struct {
	Topic    string `yaml:"topic"`
	Endpoint string `yaml:"endpoint"`
}

// CAEP is the part of package caep.
type CAEP struct {
	URL        string       `yaml:"url"`
	Issuer     string       `yaml:"issuer"`
	Audience   string       `yaml:"audience"`
	Subject    caep.Subject `yaml:"subject"`
	StreamID   string       `yaml:"stream_id"`
	UserIssuer string       `yaml:"user_issuer"`
	Keys       []secret.Ref `yaml:"keys"`
	Token      secret.Ref   `yaml:"token"`
}

// EndsApps says whether the adapter can end the access of an app: what sessions.EndsApps says of it once it is open.
func (c Config) EndsApps() bool { return c.Kind == KindWebhook }

// Validate checks the part that is used. The error joins all that is wrong, each with its key beneath sessions.
func (c Config) Validate() error {
	var k check
	switch c.Kind {
	case KindEmbedded:
	case KindWebhook:
		k.that("webhook.url", post.CheckURL(c.Webhook.URL))
		k.secrets("webhook.secrets", c.Webhook.Secrets)
	case KindSlack:
		c.Slack.validate(&k)
	case KindPubSub:
		k.that("pubsub.topic", pubsub.CheckTopic(c.PubSub.Topic))
	case KindCAEP:
		k.that("caep.url", post.CheckURL(c.CAEP.URL))
		k.filled("caep.issuer", c.CAEP.Issuer, "the name of AER agreed with the receiver")
		k.filled("caep.audience", c.CAEP.Audience, "the name of the receiver agreed with it")
		if err := c.CAEP.Subject.Check(c.CAEP.UserIssuer); err != nil {
			k.errs = append(k.errs, fmt.Errorf("sessions.caep.%w", err))
		}
		k.secrets("caep.keys", c.CAEP.Keys)
		if !c.CAEP.Token.Empty() {
			k.that("caep.token", c.CAEP.Token.Validate())
		}
	default:
		k.that("kind", fmt.Errorf("is %q, want embedded, webhook, slack, pubsub or caep", c.Kind))
	}
	return errors.Join(k.errs...)
}

func (s Slack) validate(k *check) {
	if s.URL != "" {
		k.that("slack.url", post.CheckURL(s.URL))
	}
	if len(s.Orgs) == 0 {
		k.that("slack.orgs", errors.New("is empty, want at least one {org_id: ..., team_id: ..., token: env:NAME}"))
	}
	seen := map[string]bool{}
	for i, o := range s.Orgs {
		at := fmt.Sprintf("slack.orgs[%d].", i)
		k.filled(at+"org_id", o.OrgID, "the id as it is in the events")
		k.that(at+"token", o.Token.Validate())
		if seen[o.OrgID] {
			k.that(at+"org_id", fmt.Errorf("%q is given twice, keep one", o.OrgID))
		}
		seen[o.OrgID] = true
	}
}

// check gathers what is wrong.
type check struct{ errs []error }

func (k *check) that(key string, err error) {
	if err != nil {
		k.errs = append(k.errs, fmt.Errorf("sessions.%s %w", key, err))
	}
}

func (k *check) filled(key, value, what string) {
	if value == "" {
		k.that(key, errors.New("is empty, want "+what))
	}
}

// secrets: one, or the old and the new while they are changed.
func (k *check) secrets(key string, refs []secret.Ref) {
	if len(refs) < 1 || len(refs) > 2 {
		k.that(key, fmt.Errorf("has %d entries, want one, or two while they are changed: [%s]", len(refs), secret.Forms))
	}
	for i, r := range refs {
		k.that(fmt.Sprintf("%s[%d]", key, i), r.Validate())
	}
}
