// SPDX-License-Identifier: Apache-2.0

// Package webhook ends sessions by asking the platform over HTTPS: the adapter for every platform that can answer a
// POST.
//
// README.md beside this file is the contract; package webhookref is a receiver that fulfils it.
package webhook

import (
	"context"
	"fmt"
	"time"

	"github.com/aer-project/aer/sinks/post"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/transforms/strict"
)

// Config is the section sessions.webhook.
type Config struct {
	// Where to post: https, or this machine.
	URL string `yaml:"url"`
	// One secret, or two while they are changed: each request is signed with all of them.
	Secrets []secret.Ref `yaml:"secrets"`
}

// Validate checks every key; the error joins all that is wrong.
func (c Config) Validate() error {
	var k strict.Check
	k.Under("url", post.CheckURL(c.URL))
	k.Under("secrets", secret.ValidateRotated(c.Secrets))
	return k.Err()
}

// Adapter posts requests. It is safe for concurrent use.
type Adapter struct{ *Sender }

// Open opens the adapter of a validated configuration.
func Open(ctx context.Context, c Config, o sessions.Options) (sessions.Sessions, error) {
	secrets, err := o.Secrets.FollowAll(ctx, "secrets", o.Now, c.Secrets...)
	if err != nil {
		return nil, err
	}
	return New(c.URL, secrets, o.Now), nil
}

// New returns the adapter that posts to url. It signs each request with all the secrets; now is the wall clock.
func New(url string, secrets []secret.Source, now func() time.Time) *Adapter {
	return &Adapter{NewSender(url, 0, secrets, now)}
}

// Revoke implements sessions.Sessions.
func (a *Adapter) Revoke(ctx context.Context, r sessions.Request) (sessions.Result, error) {
	if err := r.Validate(); err != nil {
		return sessions.Result{}, err
	}
	res, err := a.ask(ctx, r.Command())
	if err != nil {
		return sessions.Result{}, fmt.Errorf("asking the platform to end sessions: %w", err)
	}
	return res, nil
}

func (a *Adapter) ask(ctx context.Context, m Message) (sessions.Result, error) {
	answer, err := a.Send(ctx, m.Key, m)
	if err != nil {
		return sessions.Result{}, err
	}
	res, err := result(answer)
	if err != nil {
		return sessions.Result{}, answer.Classify(err, a.now())
	}
	return res, nil
}
