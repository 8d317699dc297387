// SPDX-License-Identifier: Apache-2.0

// Package adapters opens the session adapter that a deployment chose.
package adapters

import (
	"context"
	"fmt"

	"github.com/aer-project/aer/sinks/kind"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/sessions/caep"
	"github.com/aer-project/aer/sinks/sessions/pubsub"
	"github.com/aer-project/aer/sinks/sessions/slack"
	"github.com/aer-project/aer/sinks/sessions/webhook"
	"github.com/aer-project/aer/sinks/topic"
)

// Kinds that are more than a line of the table. The embedded one is for one machine.
const (
	KindEmbedded = "embedded"
	KindWebhook  = "webhook"
	KindCAEP     = "caep"
)

// kinds is every adapter.
var kinds = kind.Table[Config, sessions.Options, sessions.Sessions]{
	kind.Plain[Config](KindEmbedded, sessions.OpenEmbedded),
	kind.Part(KindWebhook, func(c Config) webhook.Config { return c.Webhook }, webhook.Open),
	kind.Part("slack", func(c Config) slack.Config { return c.Slack }, slack.Open),
	kind.Part("pubsub", func(c Config) topic.Config { return c.PubSub }, pubsub.Open),
	kind.Part(KindCAEP, func(c Config) caep.Config { return c.CAEP }, caep.Open),
}

// Config says where sessions are ended: Kind, and the part of that name.
type Config struct {
	Kind    string         `yaml:"kind"`
	Webhook webhook.Config `yaml:"webhook"`
	Slack   slack.Config   `yaml:"slack"`
	PubSub  topic.Config   `yaml:"pubsub"`
	CAEP    caep.Config    `yaml:"caep"`
}

// EndsApps says whether the adapter can end the access of an app: whether a platform behind a webhook can is for it to
// say.
func (c Config) EndsApps() bool { return c.Kind == KindWebhook }

// Validate checks the part that is used. The error joins all that is wrong.
func (c Config) Validate() error { return kinds.Validate(c.Kind, c) }

// Open opens the adapter of the configuration's kind. All secrets are read once, so that a mistake shows at the start.
// Close it if it is an io.Closer.
func Open(ctx context.Context, c Config, o sessions.Options) (sessions.Sessions, error) {
	if o.Secrets == nil {
		o.Secrets = &secret.Loader{}
	}
	s, err := kinds.Open(ctx, c.Kind, c, o)
	if err != nil {
		return nil, fmt.Errorf("opening the session adapter: %w", err)
	}
	return s, nil
}
