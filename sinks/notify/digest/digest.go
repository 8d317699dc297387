// SPDX-License-Identifier: Apache-2.0

// Package digest gathers messages to one person that would come in a flood into one.
//
// It is a notify.Notifier before the others. The first messages (default: 5 to a person and channel in 10 minutes) go
// through; the others are written to the store, and count as delivered for whoever asked: from then on the store
// answers for them. When the window ends, they are sent as one message with an id of its own, so that the notifiers
// behind deliver it once. Nothing is lost in a crash: what is not settled in the store is sent by the next process. The
// message to the acting user is never held back.
package digest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/transforms/strict"
)

const (
	// deliverFor is how long a digest is tried: as long as other messages.
	deliverFor = 24 * time.Hour
	// attemptTimeout bounds one attempt, as that of other messages does.
	attemptTimeout = 10 * time.Second
)

// Config says when messages are gathered.
type Config struct {
	// How many messages reach a person one by one in a window; 0 means all, always.
	AfterMessages int           `yaml:"after_messages"`
	Window        time.Duration `yaml:"window"`
}

// Validate checks every key; the error joins all that is wrong, each with its key and what would be right.
func (c Config) Validate() error {
	var k strict.Check
	k.Want(c.AfterMessages >= 0, "after_messages", c.AfterMessages, "0 for never, or more")
	k.Want(c.AfterMessages <= 0 || c.Window >= time.Second && c.Window <= deliverFor/2, "window", c.Window,
		"1s to "+strict.Duration(deliverFor/2))
	return k.Err()
}

// Options of New.
type Options struct {
	// Write writes the digest of what was held; nil means that of a notify.Renderer of the zero style.
	Write func(id string, held []*aerv1.Notification, at time.Time) (*aerv1.Notification, error)
	Now   func() time.Time // nil means time.Now
	Log   *slog.Logger     // nil means slog.Default()
}

// Notifier gathers. It is safe for concurrent use. Call Flush from time to time, or Run.
type Notifier struct {
	next  notify.Notifier
	table table
	c     Config
	o     Options
}

// New puts a Notifier before next; db keeps what is held back until it is sent.
func New(next notify.Notifier, db kv.Store, c Config, o Options) (*Notifier, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("setting up digests: %w", err)
	}
	if o.Write == nil {
		r, err := notify.NewRenderer(notify.Style{})
		if err != nil {
			return nil, err
		}
		o.Write = r.Digest
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Notifier{next: next, table: table{db}, c: c, o: o}, nil
}

// Notify implements notify.Notifier. A message that is held back counts as delivered.
func (d *Notifier) Notify(ctx context.Context, n *aerv1.Notification) error {
	if err := notify.Validate(n); err != nil {
		return err // what cannot be delivered alone cannot be delivered with others
	}
	if d.c.AfterMessages == 0 || slices.Contains(n.GetRoles(), aerv1.RoleActingUser) {
		return d.next.Notify(ctx, n)
	}
	held, err := d.table.admit(ctx, n, d.o.Now(), d.c.AfterMessages, d.c.Window)
	if err != nil || held {
		return err
	}
	return d.next.Notify(ctx, n)
}

// Flush sends the digests whose window has ended and says how many it sent. Those that could not be sent and may still
// be stay in the store; the error says why.
func (d *Notifier) Flush(ctx context.Context) (sent int, err error) { return d.flush(ctx, false) }

// FlushAll also ends the windows that are open: for the end of a run, after which nobody may come to send.
func (d *Notifier) FlushAll(ctx context.Context) (sent int, err error) { return d.flush(ctx, true) }

func (d *Notifier) flush(ctx context.Context, all bool) (sent int, err error) {
	due, err := d.table.due(ctx, d.o.Now(), all)
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, g := range due {
		switch done, err := d.send(ctx, g); {
		case err != nil:
			errs = append(errs, fmt.Errorf("sending a digest of %d messages: %w", g.Count, err))
		case done:
			sent++
		}
	}
	return sent, errors.Join(errs...)
}

// send sends one digest and records how it went. What was done is recorded even if the caller goes away meanwhile.
func (d *Notifier) send(ctx context.Context, g Digest) (done bool, err error) {
	keep := context.WithoutCancel(ctx)
	n, err := d.o.Write(g.ID, g.Held, g.Ends)
	if err == nil {
		attempt, cancel := context.WithTimeout(ctx, attemptTimeout)
		err = d.next.Notify(attempt, n)
		cancel()
	}
	now := d.o.Now()
	switch {
	case err == nil:
		return true, d.table.settle(keep, g, now, "")
	case retry.Recoverable(err) && now.Before(g.Ends.Add(deliverFor)):
		return false, errors.Join(err, d.table.release(keep, g, notify.Line(err.Error())))
	}
	d.o.Log.Error("digest failed for good", "org", g.OrgID, "user", g.UserID, "channel", g.Channel, "messages",
		g.Count, "detail", err)
	return false, d.table.settle(keep, g, now, notify.Line(err.Error()))
}

// Run flushes at every tick until ctx ends. It logs what goes wrong and goes on.
func (d *Notifier) Run(ctx context.Context, ticks <-chan time.Time) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}
		if _, err := d.Flush(ctx); err != nil && ctx.Err() == nil {
			d.o.Log.Warn("digests are late", "error", err)
		}
	}
}
