// Package caep ends sessions by telling a receiver of Shared Signals: it signs a session-revoked event (OpenID CAEP 1.0)
// as a Security Event Token (RFC 8417) and pushes it (RFC 8935).
//
// A receiver remembers the jti of what it has taken, so that a token that is sent again has no second effect; the jti
// follows from the request's key. It does not say how many sessions it ended. For scope listed, one token per session is
// sent, each with the session in its subject.
//
// Keys are changed in three steps, each at least five minutes after the other: add the new one behind the old (receivers
// learn it), put it in front (it signs), take the old one away.
package caep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aer-project/aer/sinks/post"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sessions"
)

// maxKeys is how many keys are published: the old and the new while they are changed.
const maxKeys = 2

// Config of an adapter. All but UserIssuer, Token and Timeout are required.
type Config struct {
	// The receiver's endpoint: https, or this machine.
	URL string
	// Who AER is, and who the receiver is, as agreed in the stream's configuration.
	Issuer, Audience string
	// Users are named by issuer and subject instead of by an opaque id.
	UserIssuer string
	// Private keys as PEM: the first signs, all are published.
	Keys []secret.Source
	// Nil, or the bearer token that the receiver asks for.
	Token   secret.Source
	Now     func() time.Time
	Timeout time.Duration
}

// Adapter pushes events. It is safe for concurrent use.
type Adapter struct {
	c    Config
	post *post.Client
}

// New checks the configuration and the keys.
func New(ctx context.Context, c Config) (*Adapter, error) {
	if err := post.CheckURL(c.URL); err != nil {
		return nil, fmt.Errorf("building caep: url %w", err)
	}
	switch {
	case c.Issuer == "" || c.Audience == "":
		return nil, errors.New("building caep: issuer or audience is empty")
	case len(c.Keys) < 1 || len(c.Keys) > maxKeys:
		return nil, fmt.Errorf("building caep: %d keys, want one, or two while they are changed", len(c.Keys))
	case c.Now == nil:
		return nil, errors.New("building caep: Now is missing")
	}
	for i, s := range c.Keys {
		if _, err := readKey(ctx, s); err != nil {
			return nil, fmt.Errorf("building caep: key %d: %w", i+1, err)
		}
	}
	return &Adapter{c: c, post: post.New(c.Timeout)}, nil
}

// Close lets go of connections.
func (a *Adapter) Close() error {
	a.post.Close()
	return nil
}

// Revoke implements sessions.Sessions.
func (a *Adapter) Revoke(ctx context.Context, r sessions.Request) (sessions.Result, error) {
	if err := r.Validate(); err != nil {
		return sessions.Result{}, err
	}
	if err := sessions.RefuseApp(r); err != nil {
		return sessions.Result{}, err
	}
	key, err := readKey(ctx, a.c.Keys[0])
	if err != nil {
		return sessions.Result{}, fmt.Errorf("reading the signing key: %w", err)
	}
	for _, s := range a.sets(r, a.c.Now()) {
		token, err := sign(s, key)
		if err != nil {
			return sessions.Result{}, fmt.Errorf("signing a session-revoked event: %w", err)
		}
		// What was sent before the one that fails is sent again with it: the receiver knows it by its jti.
		if err := a.push(ctx, token); err != nil {
			return sessions.Result{}, fmt.Errorf("pushing a session-revoked event: %w", err)
		}
	}
	return sessions.Result{CountUnknown: true}, nil
}

func (a *Adapter) push(ctx context.Context, token string) error {
	h := http.Header{}
	h.Set("Content-Type", "application/"+typeSET)
	h.Set("Accept", "application/json")
	h.Set("User-Agent", "aer")
	if a.c.Token != nil {
		t, err := a.c.Token.Get(ctx)
		if err != nil {
			return err
		}
		h.Set("Authorization", "Bearer "+t.Reveal())
	}
	answer, err := a.post.Post(ctx, a.c.URL, h, []byte(token))
	if err != nil {
		return err
	}
	return a.judge(answer)
}

// codeInvalidKey is a refusal that a repetition may cure: the receiver has not yet fetched the key that signs now.
const codeInvalidKey = "invalid_key"

// judge reads an answer: 202 without an error in its body, or a refusal with a code of RFC 8935, 2.4.
func (a *Adapter) judge(answer post.Answer) error {
	var refusal struct {
		Code        string `json:"err"`
		Description string `json:"description"`
	}
	_ = json.Unmarshal(answer.Body, &refusal) // most answers have no body
	switch {
	case refusal.Code != "":
		err := fmt.Errorf("status %d: err %s %s", answer.Status, post.Quote(refusal.Code), post.Quote(refusal.Description))
		if refusal.Code == codeInvalidKey {
			return retry.After(err, answer.RetryAfter(a.c.Now()))
		}
		return answer.Classify(err, a.c.Now())
	case answer.Status != http.StatusAccepted:
		return answer.Classify(fmt.Errorf("status %d, want 202", answer.Status), a.c.Now())
	}
	return nil
}
