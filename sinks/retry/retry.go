// SPDX-License-Identifier: Apache-2.0

// Package retry says whether trying again can cure an error, and tries again within limits.
//
// Connectors classify their errors (Permanent, After, OneOnly); the policy of how often and how long lives with the
// caller.
package retry

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Permanent marks err as one that no retry cures: a refusal, a missing permission, a bad address. Permanent(nil) is
// nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &classified{err: err}
}

// After marks err as curable, but not sooner than after d: what a server says that limits rates. After(nil, d) is nil.
func After(err error, d time.Duration) error {
	if err == nil {
		return nil
	}
	return &classified{err: err, recoverable: true, after: d}
}

// Recoverable says whether a retry may cure err. Unclassified errors are: losing a response is worse than trying in
// vain, and every retry has a deadline.
func Recoverable(err error) bool {
	var c *classified
	if errors.As(err, &c) {
		return c.recoverable
	}
	return err != nil
}

// OneOnly marks err as one of whom the call was about: a mailbox that is full, a request that is under way. The server
// behind it answers, and works for others. OneOnly(nil) is nil.
func OneOnly(err error) error {
	if err == nil {
		return nil
	}
	return &oneOnly{err}
}

// IsOneOnly says whether err is of one alone. An unmarked error may be anything, and is taken for the server's.
func IsOneOnly(err error) bool {
	var one *oneOnly
	return errors.As(err, &one)
}

type oneOnly struct{ error }

func (o *oneOnly) Unwrap() error { return o.error }

type classified struct {
	err         error
	recoverable bool
	after       time.Duration
}

func (c *classified) Error() string { return c.err.Error() }
func (c *classified) Unwrap() error { return c.err }

// Start values of Policy: the first retry follows quickly because most faults are blips; a minute's cap would cost a
// tenth of a reset's useful life.
const (
	InitialInterval = 200 * time.Millisecond
	MaxInterval     = 15 * time.Second
)

// Policy is how to wait between attempts. The zero value is right for production.
type Policy struct {
	// Backoff makes the sequence of waits of one operation; nil means exponential with jitter.
	Backoff func() backoff.BackOff
	// Sleep waits for d or until ctx ends; nil means the real clock.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Waits is the sequence of waits of one operation.
type Waits struct {
	backoff backoff.BackOff
	sleep   func(ctx context.Context, d time.Duration) error
}

// Start begins the sequence of waits of one operation.
func (p Policy) Start() *Waits {
	w := &Waits{sleep: p.Sleep}
	if w.sleep == nil {
		w.sleep = sleep
	}
	if p.Backoff != nil {
		w.backoff = p.Backoff()
	} else {
		e := backoff.NewExponentialBackOff()
		e.InitialInterval, e.MaxInterval = InitialInterval, MaxInterval
		w.backoff = e
	}
	w.backoff.Reset()
	return w
}

// Next returns how long to wait after err, and false if the policy is at its end.
func (w *Waits) Next(err error) (time.Duration, bool) {
	d := w.backoff.NextBackOff()
	if d == backoff.Stop {
		return 0, false
	}
	var c *classified
	if errors.As(err, &c) && c.after > d {
		d = c.after
	}
	return d, true
}

// Sleep waits for d, or returns ctx's error when that ends first.
func (w *Waits) Sleep(ctx context.Context, d time.Duration) error { return w.sleep(ctx, d) }

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
