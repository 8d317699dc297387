// SPDX-License-Identifier: Apache-2.0

// Package channels puts together what carries AER's messages: for each channel the notifier that a deployment has
// chosen, and before them digests and the style of the messages.
package channels

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/notify/digest"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/transforms/strict"
)

// FlushEvery is how often the store is looked at for digests: a digest is at most this late.
const FlushEvery = 15 * time.Second

// closeTimeout bounds what Close waits for digests to be sent. What it cannot send stays in the store.
const closeTimeout = 20 * time.Second

// Options of Open.
type Options struct {
	// Outbox is the folder of the outbox, and Sender the sender of mail.
	Outbox, Sender string
	// Secrets reads what the configuration refers to.
	Secrets *secret.Loader
	// Digests keeps what is held back; nil switches digests off.
	Digests kv.Store
	Now     func() time.Time // nil means time.Now
	Log     *slog.Logger     // nil means slog.Default()
}

// router is a notify.Notifier that hands each message to the notifier of its channel.
type router map[string]notify.Notifier

// Notify implements notify.Notifier.
func (r router) Notify(ctx context.Context, n *aerv1.Notification) error {
	if err := notify.Validate(n); err != nil {
		return err
	}
	next := r[n.GetChannel()]
	if next == nil {
		return retry.Permanent(fmt.Errorf("delivering message: nothing carries the channel %q here: see notify.%s.kind",
			n.GetChannel(), n.GetChannel()))
	}
	return next.Notify(ctx, n)
}

// Messenger is everything between a response and the people it concerns. Close it before its store, and after Run.
type Messenger struct {
	notify.Notifier
	*notify.Renderer
	// Direct is the Notifier without digests.
	Direct  notify.Notifier
	digests *digest.Notifier // nil without digests
	closers []func() error
}

// Open checks the configuration and opens what it names. Only what it names is asked for: no server is called.
func Open(ctx context.Context, c Config, o Options) (m *Messenger, err error) {
	c = c.From(o.Sender)
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("setting up messages: %w", err)
	}
	m = &Messenger{}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("setting up messages: %w", err), m.Close())
			m = nil
		}
	}()
	if o.Now == nil {
		o.Now = time.Now
	}
	if m.Renderer, err = notify.NewRenderer(c.Style); err != nil {
		return m, err
	}
	with := notify.Options{Secrets: cmp.Or(o.Secrets, &secret.Loader{}), Now: o.Now, Log: o.Log}
	if c.outbox() {
		if with.Outbox, err = notify.NewOutbox(o.Outbox, o.Sender); err != nil {
			return m, err
		}
	}
	router, err := m.open(ctx, c, with)
	if err != nil {
		return m, err
	}
	m.Notifier, m.Direct = router, router
	if o.Digests == nil || c.Digest.AfterMessages == 0 {
		return m, nil
	}
	m.digests, err = digest.New(router, o.Digests, c.Digest, digest.Options{Write: m.Digest, Now: o.Now, Log: o.Log})
	if err != nil {
		return m, err
	}
	m.Notifier = m.digests
	return m, nil
}

// Run flushes digests at each tick until ctx ends.
func (m *Messenger) Run(ctx context.Context, ticks <-chan time.Time) {
	if m.digests != nil {
		m.digests.Run(ctx, ticks)
	}
}

// Close sends what is held back, because nobody may come after to do so, and closes what was opened.
func (m *Messenger) Close() error {
	var errs []error
	if m.digests != nil {
		ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
		defer cancel()
		_, err := m.digests.FlushAll(ctx)
		errs = append(errs, err)
		m.digests = nil
	}
	for _, c := range m.closers {
		errs = append(errs, c())
	}
	m.closers = nil
	return errors.Join(errs...)
}

// open opens what carries each channel.
func (m *Messenger) open(ctx context.Context, c Config, o notify.Options) (router, error) {
	var k strict.Check
	email, err := mail.Open(ctx, c.Email.Kind, c.Email, o)
	k.Under("email", err)
	dm, err := dms.Open(ctx, c.DM.Kind, c.DM, o)
	k.Under("dm", err)
	for _, n := range []notify.Notifier{email, dm} {
		if c, ok := n.(io.Closer); ok {
			m.closers = append(m.closers, c.Close)
		}
	}
	return router{notify.ChannelEmail: email, notify.ChannelDM: dm}, k.Err()
}

func openNone(context.Context, notify.Options) (notify.Notifier, error) { return nil, nil }
