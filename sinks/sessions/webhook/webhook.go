// Package webhook ends sessions by asking the platform over HTTPS: the adapter for every platform that can answer a POST.
//
// README.md beside this file is the contract; package webhookref is a receiver that fulfils it.
package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aer-project/aer/sinks/post"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sessions"
)

// maxSecrets is how many secrets are active: the old and the new while they are changed.
const maxSecrets = 2

// Config of an adapter.
type Config struct {
	// Where to post: https, or this machine.
	URL string
	// One secret, or two while they are changed: each request is signed with all of them.
	Secrets []secret.Source
	// The wall clock.
	Now func() time.Time
	// How long one exchange may take; 0 means post.Timeout.
	Timeout time.Duration
}

// Adapter posts requests. It is safe for concurrent use.
type Adapter struct {
	c    Config
	post *post.Client
}

// New checks the configuration.
func New(c Config) (*Adapter, error) {
	if err := post.CheckURL(c.URL); err != nil {
		return nil, fmt.Errorf("building webhook: url %w", err)
	}
	if n := len(c.Secrets); n < 1 || n > maxSecrets {
		return nil, fmt.Errorf("building webhook: %d secrets, want one, or two while they are changed", n)
	}
	if c.Now == nil {
		return nil, errors.New("building webhook: Now is missing")
	}
	return &Adapter{c: c, post: post.New(c.Timeout)}, nil
}

// Close lets go of connections.
func (a *Adapter) Close() error {
	a.post.Close()
	return nil
}

// EndsApps implements sessions.AppEnder: whether the platform can is for it to say.
func (a *Adapter) EndsApps() {}

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
	body, err := json.Marshal(m)
	if err != nil {
		return sessions.Result{}, retry.Permanent(err)
	}
	header, err := Header(ctx, m.Key, body, a.c.Now(), a.c.Secrets)
	if err != nil {
		return sessions.Result{}, err
	}
	answer, err := a.post.Post(ctx, a.c.URL, header, body)
	if err != nil {
		return sessions.Result{}, err
	}
	res, err := result(answer)
	if err != nil {
		return sessions.Result{}, answer.Classify(err, a.c.Now())
	}
	return res, nil
}
