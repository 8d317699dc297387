// SPDX-License-Identifier: Apache-2.0

// Package webhook hands messages to people over to a platform by HTTPS, for platforms that deliver mail or direct
// messages themselves.
//
// Requests are signed, repeated and answered as README.md of package sinks/sessions/webhook says; a receiver checks
// them with webhook.Verify of that package. The body is a Message. Any 2xx takes the message; "ok": false in its body
// refuses it, to be tried again. A receiver delivers once for each Idempotency-Key.
package webhook

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/post"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sessions/webhook"
	"github.com/aer-project/aer/transforms/strict"
)

// TypeNotify is the type of the one message there is, and Version the version of its shape.
const (
	TypeNotify = "notification.deliver"
	Version    = 1
)

// Message is the body of a request.
type Message struct {
	Version int    `json:"version"`
	Type    string `json:"type"`
	// At most one delivery per key.
	Key string `json:"key"`
	// The Notification, as in section 4.4 of the design.
	Notification json.RawMessage `json:"notification"`
}

// Config says where to post.
type Config struct {
	// https, or this machine.
	URL string `yaml:"url"`
	// One secret, or two while they are changed: each request is signed with all of them.
	Secrets []secret.Ref  `yaml:"secrets"`
	Timeout time.Duration `yaml:"timeout"`
}

// Validate checks every key; the error joins all that is wrong, each with its key and what would be right.
func (c Config) Validate() error {
	var k strict.Check
	k.Under("url", post.CheckURL(c.URL))
	k.Under("secrets", secret.ValidateRotated(c.Secrets))
	k.Want(c.Timeout >= 0, "timeout", c.Timeout, fmt.Sprintf("0s for %v, or more", post.Timeout))
	return k.Err()
}

// Notifier posts notifications. It implements notify.Notifier for every channel and is safe for concurrent use.
type Notifier struct {
	*webhook.Sender
	now  func() time.Time
	once notify.Once
}

// Open is New with the secrets that the configuration refers to.
func Open(ctx context.Context, c Config, o notify.Options) (notify.Notifier, error) {
	secrets, err := o.Secrets.FollowAll(ctx, "secrets", o.Now, c.Secrets...)
	if err != nil {
		return nil, err
	}
	return New(c, secrets, o.Now)
}

// New checks the configuration. secrets are those that c.Secrets refers to; now is the wall clock.
func New(c Config, secrets []secret.Source, now func() time.Time) (*Notifier, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("setting up the webhook of messages: %w", err)
	}
	if len(secrets) != len(c.Secrets) || now == nil {
		return nil, errors.New("setting up the webhook of messages: secrets or clock are missing")
	}
	return &Notifier{Sender: webhook.NewSender(c.URL, c.Timeout, secrets, now), now: now}, nil
}

// Notify implements notify.Notifier.
func (w *Notifier) Notify(ctx context.Context, n *aerv1.Notification) error {
	line, err := notify.Encode(ctx, n)
	if err != nil {
		return err
	}
	return w.once.Do(ctx, n, func(ctx context.Context) error {
		if err := w.deliver(ctx, Message{Version, TypeNotify, notify.Key(n), line}); err != nil {
			return fmt.Errorf("delivering message by webhook: %w", err)
		}
		return nil
	})
}

func (w *Notifier) deliver(ctx context.Context, m Message) error {
	answer, err := w.Send(ctx, m.Key, m)
	if err != nil {
		return err
	}
	said := struct {
		OK             *bool
		Error, Message string
	}{}
	_ = json.Unmarshal(answer.Body, &said) // an empty or other body is fine with a 2xx
	if answer.Status/100 == 2 && (said.OK == nil || *said.OK) {
		return nil
	}
	err = fmt.Errorf("the receiver answers %d: %s", answer.Status,
		post.Quote(cmp.Or(said.Error, said.Message, string(answer.Body))))
	return answer.Classify(err, w.now())
}
