// Package caep ends sessions by telling a receiver of Shared Signals: it signs a session-revoked event (OpenID CAEP 1.0)
// as a Security Event Token (RFC 8417) and pushes it (RFC 8935).
//
// A receiver remembers the jti of what it has taken, so that a token that is sent again has no second effect; the jti
// follows from the request's key. It does not say how many sessions it ended. For scope listed, one token per session is
// sent, each with the session in its subject; a simple subject has no place for a session, so that such a request is
// refused and nothing is sent.
//
// What receivers agree on is the OpenID CAEP Interoperability Profile 1.0 (draft 02): tokens signed with RS256 under a key of
// 2048 bits or more, one event in each, a reason for administrators, people named by issuer and subject or by address of
// mail, and a verification event by which a stream is tried. Of what the profile asks for, AER does not run the endpoints by
// which receivers make and change streams: operators agree on a stream and write it into the configuration.
//
// Keys are changed in three steps, each at least five minutes after the other: add the new one behind the old (receivers
// learn it), put it in front (it signs), take the old one away.
package caep

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aer-project/aer/sinks/post"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sessions"
)

// maxKeys is how many keys are published: the old and the new while they are changed.
const maxKeys = 2

// Lookup finds the address of mail of a user. An unknown one is a permanent error.
type Lookup func(ctx context.Context, orgID, userID string) (string, error)

// Config of an adapter. URL, Issuer, Audience, Keys and Now are required, the others where their comment says so.
type Config struct {
	// The receiver's endpoint: https, or this machine.
	URL string
	// Who AER is, and who the receiver is, as agreed in the stream's configuration.
	Issuer, Audience string
	// How users are named; empty is SubjectComplex.
	Subject Subject
	// The issuer of users' ids: required for SubjectIssSub; within a complex subject the user is then named by issuer and
	// subject instead of by an opaque id.
	UserIssuer string
	// Required for SubjectEmail.
	Email Lookup
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
	if err := c.Subject.Check(c.UserIssuer); err != nil {
		return nil, fmt.Errorf("building caep: %w", err)
	}
	if c.Subject == SubjectEmail && c.Email == nil {
		return nil, errors.New("building caep: subject is email and Email is missing")
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
	all, err := a.sets(ctx, r, a.c.Now())
	if err != nil {
		return sessions.Result{}, err
	}
	if err := a.send(ctx, all...); err != nil {
		return sessions.Result{}, fmt.Errorf("sending a session-revoked event: %w", err)
	}
	return sessions.Result{CountUnknown: true}, nil
}

// Verify sends a verification event of a stream (Shared Signals 1.0, 8.1.4), by which its receiver sees that events arrive
// and can be read. state is what the receiver gave to whoever asks for it, and empty if nobody asked.
func (a *Adapter) Verify(ctx context.Context, streamID, state string) error {
	if streamID == "" {
		return retry.Permanent(errors.New("sending a verification event: the id of the stream is empty"))
	}
	if err := a.send(ctx, a.verification(streamID, state, a.c.Now())); err != nil {
		return fmt.Errorf("sending a verification event: %w", err)
	}
	return nil
}

// send signs and pushes. What was sent before the one that fails is sent again with it: the receiver knows it by its jti.
func (a *Adapter) send(ctx context.Context, all ...set) error {
	key, err := readKey(ctx, a.c.Keys[0])
	if err != nil {
		return fmt.Errorf("reading the signing key: %w", err)
	}
	for _, s := range all {
		token, err := sign(s, key)
		if err != nil {
			return err
		}
		if err := a.push(ctx, token); err != nil {
			return err
		}
	}
	return nil
}
