// SPDX-License-Identifier: Apache-2.0

// Package pubsub hands messages to people over to a platform by a Pub/Sub topic, for platforms that deliver mail or
// direct messages themselves.
//
// A message is the Notification as JSON (section 4.4 of the design). Receivers tell a repeated one by the attribute
// "id"; "org_id", "user_id" and "channel" are attributes too, for filters.
package pubsub

import (
	"context"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/topic"
)

// Notifier publishes notifications. It implements notify.Notifier for every channel and is safe for concurrent use.
type Notifier struct {
	topic *topic.Publisher
	once  notify.Once
}

// Open makes a client; it does not ask whether the topic exists.
func Open(ctx context.Context, c topic.Config, _ notify.Options) (notify.Notifier, error) {
	p, err := topic.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	return &Notifier{topic: p}, nil
}

// Notify implements notify.Notifier.
func (p *Notifier) Notify(ctx context.Context, n *aerv1.Notification) error {
	line, err := notify.Encode(ctx, n)
	if err != nil {
		return err
	}
	return p.once.Do(ctx, n, func(ctx context.Context) error {
		return p.topic.Publish(ctx, notify.Key(n), line, map[string]string{
			"org_id": n.GetOrgId(), "user_id": n.GetUserId(), "channel": n.GetChannel(),
		})
	})
}

// Close lets go of the connection.
func (p *Notifier) Close() error { return p.topic.Close() }
