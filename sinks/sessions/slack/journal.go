// SPDX-License-Identifier: Apache-2.0

package slack

import (
	"context"
	"errors"
	"fmt"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/sessions"
)

// States of a mark. None means that nothing was done.
const (
	stateFailed  = "failed"  // nothing was done, for certain
	stateUnclear = "unclear" // a reset was sent, or is about to be
	stateDone    = "done"
)

// mark is what the journal says of a key.
type mark struct {
	State string `json:"state,omitempty"`
	// When the request came first.
	At time.Time `json:"at"`
	// The sessions before the reset, if they were listed.
	Listed   bool    `json:"listed,omitempty"`
	Sessions []int64 `json:"sessions,omitempty"`
	// What came of it.
	Ended        int  `json:"ended,omitempty"`
	CountUnknown bool `json:"count_unknown,omitempty"`
}

// bucket has a mark by organisation and the id of user and request.
const bucket = "journal"

// Aging forgets what was done under a key. After that a request with the same key would act again.
func Aging() kv.Aging { return kv.AgingOf(bucket, func(m mark) time.Time { return m.At }) }

func journalKey(r sessions.Request) []byte {
	return kv.Key(string(r.OrgID), aerv1.NewID("slack", string(r.UserID), r.Key))
}

func (a *Adapter) load(ctx context.Context, r sessions.Request) (mark, error) {
	m, err := kv.Read(ctx, a.o.Journal, func(t kv.Tx) (mark, error) { return kv.Load[mark](t, bucket, journalKey(r)) })
	switch {
	case errors.Is(err, kv.ErrNotFound):
		return mark{At: a.o.Now().UTC()}, nil
	case err != nil:
		return m, fmt.Errorf("reading the journal of %q: %w", r.OrgID, err)
	}
	return m, nil
}

func (a *Adapter) save(ctx context.Context, r sessions.Request, m mark) error {
	err := a.o.Journal.Update(ctx, func(t kv.Tx) error { return kv.Save(t, bucket, journalKey(r), m) })
	if err != nil {
		return fmt.Errorf("writing to the journal of %q: %w", r.OrgID, err)
	}
	return nil
}

// finish notes a success. What has happened is noted even if the caller goes away meanwhile.
func (a *Adapter) finish(ctx context.Context, r sessions.Request, m mark) (sessions.Result, error) {
	m.State = stateDone
	if err := a.save(context.WithoutCancel(ctx), r, m); err != nil {
		return sessions.Result{}, err
	}
	return sessions.Result{Ended: m.Ended, CountUnknown: m.CountUnknown}, nil
}

// reset ends all sessions, for the first time or after it certainly did not work.
func (a *Adapter) reset(ctx context.Context, o *org, r sessions.Request, m mark) (sessions.Result, error) {
	if age := a.o.Now().Sub(m.At); age > a.o.UsefulFor {
		return sessions.Result{},
			retry.Permanent(fmt.Errorf("given up after %v: a reset would end a fresh login", age.Round(time.Second)))
	}
	m.State, m.Listed, m.Sessions = stateUnclear, false, nil
	if ids, ok := o.snapshot(ctx, r.UserID); ok {
		m.Listed, m.Sessions = true, ids
	}
	if err := a.save(ctx, r, m); err != nil {
		return sessions.Result{}, err
	}
	err := o.batcher.reset(ctx, r.UserID)
	switch {
	case err == nil:
		m.Ended, m.CountUnknown = len(m.Sessions), !m.Listed
		return a.finish(ctx, r, m)
	case errors.Is(err, errNone):
		return a.finish(ctx, r, mark{At: m.At})
	case errors.Is(err, errNothingDone):
		m.State = stateFailed
		return sessions.Result{}, errors.Join(err, a.save(context.WithoutCancel(ctx), r, m))
	}
	return sessions.Result{}, err
}

// snapshot lists the sessions before a reset, unless that would cost time: a reset without a count is better than a
// late one.
func (o *org) snapshot(ctx context.Context, user aerv1.UserID) ([]int64, bool) {
	if o.TeamID == "" || o.limits[methodList].Tokens() < 1 {
		return nil, false
	}
	ids, err := o.list(ctx, o.TeamID, user)
	return ids, err == nil
}

// repair follows a reset of which nobody knows whether it took effect: it ends what is known to be older.
func (a *Adapter) repair(ctx context.Context, o *org, r sessions.Request, m mark,
	behind []int64) (sessions.Result, error) {
	old := behind
	if m.Listed {
		old = m.Sessions
	} else if len(behind) == 0 {
		return sessions.Result{},
			retry.Permanent(
				errors.New("a reset was sent, its outcome is not known, and sending it again could end a fresh login"))
	}
	for _, id := range old {
		if err := o.invalidate(ctx, o.TeamID, r.UserID, id); err != nil && !errors.Is(err, errNone) {
			return sessions.Result{}, err
		}
	}
	m.Ended, m.CountUnknown = len(m.Sessions), !m.Listed
	return a.finish(ctx, r, m)
}

// invalidate ends listed sessions, each as often as needed: a fresh login has another id.
func (a *Adapter) invalidate(ctx context.Context, o *org, r sessions.Request, m mark,
	ids []int64) (sessions.Result, error) {
	for _, id := range ids {
		switch err := o.client.invalidate(ctx, o.TeamID, r.UserID, id); {
		case errors.Is(err, errNone):
		case err != nil:
			return sessions.Result{}, err
		default:
			m.Ended++
		}
	}
	return a.finish(ctx, r, m)
}
