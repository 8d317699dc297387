// SPDX-License-Identifier: Apache-2.0

// Package slack ends sessions with Slack's admin API (admin.users.session.*).
//
// Slack takes no idempotency key, and a reset that is sent twice would also end the session of a fresh login. So a
// journal says what was done under a key, and is written before and after a reset. When the outcome of a reset is not
// known (no answer, a restart in between, an error after which Slack promises nothing), it is not sent again: only
// those sessions are ended one by one that are known to be older: the ones listed before the reset, or else the ones
// behind the anomaly. If none is known the request fails for good, and the admins are told. A reset is never sent more
// than UsefulFor after the request came first.
//
// One user is reset alone; users who have to wait for the rate limit are reset together. Scope listed needs session ids
// that are whole numbers, as Slack's are.
package slack

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/keyed"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/post"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/strict"
)

// Start values: reasoned, not validated on real tenants.
const (
	// BaseURL of Slack's API.
	BaseURL = "https://slack.com/api/"
	// PerMinute is Slack's limit of each of the methods ("Tier 2").
	PerMinute = 20
	// burst is how many calls may go at once: short bursts are tolerated.
	burst = 4
	// UsefulFor is how long after a request came first a reset is still sent.
	UsefulFor = decision.UsefulFor
)

// Org is an organisation (a Slack enterprise or workspace) and how to act in it.
type Org struct {
	// As in the events.
	ID aerv1.OrgID `yaml:"org_id"`
	// The workspace in which sessions are listed and invalidated; without it they are not listed before a reset.
	TeamID string `yaml:"team_id"`
	// A token with admin.users:write, and admin.users:read for lists.
	Token secret.Ref `yaml:"token"`
}

// Config is the section sessions.slack.
type Config struct {
	// Base of Slack's methods; empty is BaseURL.
	URL  string `yaml:"url"`
	Orgs []Org  `yaml:"orgs"`
}

// Validate checks every key; the error joins all that is wrong.
func (c Config) Validate() error {
	var k strict.Check
	if c.URL != "" {
		k.Under("url", post.CheckURL(c.URL))
	}
	if len(c.Orgs) == 0 {
		k.Wrong("orgs", "must not be empty", "give at least one {org_id: ..., team_id: ..., token: env:NAME}")
	}
	seen := map[aerv1.OrgID]bool{}
	for i, o := range c.Orgs {
		at := strict.Index("orgs", i)
		k.Filled(at+".org_id", string(o.ID), "the id as it is in the events")
		k.Under(at+".token", o.Token.Validate())
		if seen[o.ID] {
			k.Wrong(at+".org_id", fmt.Sprintf("%q is given twice", o.ID), "keep one")
		}
		seen[o.ID] = true
	}
	return k.Err()
}

// Options of New. Journal and Now are required.
type Options struct {
	// Journal remembers what was done under a key, because Slack takes no idempotency key.
	Journal kv.Store
	Now     func() time.Time
	// Replace the constants of the same names if set.
	PerMinute int
	UsefulFor time.Duration
}

// Adapter ends sessions in Slack. It is safe for concurrent use within one process.
type Adapter struct {
	o    Options
	post *post.Client
	orgs map[aerv1.OrgID]*org
	// Held per key: two calls at once would not see each other in the journal.
	keys keyed.Locks
}

type org struct {
	Org
	*client
	batcher batcher
}

// Open opens the adapter of a validated configuration.
func Open(ctx context.Context, c Config, o sessions.Options) (sessions.Sessions, error) {
	var tokens []secret.Source
	for i, org := range c.Orgs {
		token, err := o.Secrets.FollowAll(ctx, strict.Index("orgs", i)+".token", o.Now, org.Token)
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, token...)
	}
	return New(c, tokens, Options{Journal: o.Store, Now: o.Now}), nil
}

// New returns the adapter of a validated configuration. tokens are those of c.Orgs.
func New(c Config, tokens []secret.Source, o Options) *Adapter {
	c.URL = cmp.Or(c.URL, BaseURL)
	o.PerMinute = cmp.Or(o.PerMinute, PerMinute)
	o.UsefulFor = cmp.Or(o.UsefulFor, UsefulFor)
	a := &Adapter{o: o, post: post.New(0), orgs: map[aerv1.OrgID]*org{}}
	for i, one := range c.Orgs {
		cl := newClient(c.URL, o, tokens[i], a.post)
		a.orgs[one.ID] = &org{Org: one, client: cl, batcher: batcher{client: cl}}
	}
	return a
}

// Close lets go of connections.
func (a *Adapter) Close() error {
	a.post.Close()
	return nil
}

// Revoke implements sessions.Sessions.
func (a *Adapter) Revoke(ctx context.Context, r sessions.Request) (sessions.Result, error) {
	if err := r.ValidateSessions(); err != nil {
		return sessions.Result{}, err
	}
	o := a.orgs[r.OrgID]
	if o == nil {
		// Another organisation's token would end the sessions of somebody else who has the same id.
		return sessions.Result{},
			retry.Permanent(fmt.Errorf("ending sessions in Slack: no token for organisation %q", r.OrgID))
	}
	listed, err := numbers(r)
	if err != nil {
		return sessions.Result{}, err
	}
	unlock, err := a.keys.Lock(ctx, aerv1.NewID("lock", string(r.OrgID), string(r.UserID), r.Key))
	if err != nil {
		return sessions.Result{}, fmt.Errorf("ending sessions in Slack: %w", err)
	}
	defer unlock()
	res, err := a.revoke(ctx, o, r, listed)
	if err != nil {
		return sessions.Result{}, fmt.Errorf("ending sessions in Slack: %w", err)
	}
	return res, nil
}

// numbers reads the session ids: those that are none are an error if they are what should be ended.
func numbers(r sessions.Request) (ids []int64, err error) {
	for _, s := range r.SessionIDs {
		n, err := strconv.ParseInt(s, 10, 64)
		switch {
		case err == nil && n > 0 && strconv.FormatInt(n, 10) == s:
			ids = append(ids, n)
		case r.Scope == sessions.ScopeListed:
			return nil,
				retry.Permanent(fmt.Errorf("ending one session in Slack: session id %s is no whole number", post.Quote(s)))
		}
	}
	return ids, nil
}

func (a *Adapter) revoke(ctx context.Context, o *org, r sessions.Request, listed []int64) (sessions.Result, error) {
	m, err := a.load(ctx, r)
	if err != nil {
		return sessions.Result{}, err
	}
	switch {
	case m.State == stateDone:
		return sessions.Result{Ended: m.Ended, CountUnknown: m.CountUnknown, Already: !m.CountUnknown}, nil
	case r.Scope == sessions.ScopeListed:
		return a.invalidate(ctx, o, r, m, listed)
	case m.State == stateUnclear:
		return a.repair(ctx, o, r, m, listed)
	}
	return a.reset(ctx, o, r, m)
}
