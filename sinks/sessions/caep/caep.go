// SPDX-License-Identifier: Apache-2.0

// Package caep ends sessions by telling a receiver of Shared Signals: it signs a session-revoked event (OpenID CAEP
// 1.0) as a Security Event Token (RFC 8417) and pushes it (RFC 8935).
//
// A receiver remembers the jti of what it has taken, so that a token that is sent again has no second effect; the jti
// follows from the request's key. It does not say how many sessions it ended. For scope listed, one token per session
// is sent, each with the session in its subject; a simple subject has no place for a session, so that such a request is
// refused and nothing is sent.
//
// What receivers agree on is the OpenID CAEP Interoperability Profile 1.0 (draft 02): tokens signed with RS256 under a
// key of 2048 bits or more, one event in each, a reason for administrators, people named by issuer and subject or by
// address of mail, and a verification event by which a stream is tried. Of what the profile asks for, AER does not run
// the endpoints by which receivers make and change streams: operators agree on a stream and write it into the
// configuration.
//
// Keys are changed in three steps, each at least five minutes after the other: add the new one behind the old
// (receivers learn it), put it in front (it signs), take the old one away.
package caep

import (
	"context"
	"errors"
	"fmt"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/post"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/transforms/strict"
)

// Config is the section sessions.caep.
type Config struct {
	// The receiver's endpoint: https, or this machine.
	URL string `yaml:"url"`
	// Who AER is, and who the receiver is, as agreed in the stream's configuration.
	Issuer   string `yaml:"issuer"`
	Audience string `yaml:"audience"`
	// How users are named; empty is SubjectComplex.
	Subject Subject `yaml:"subject"`
	// What a verification event names the stream by.
	StreamID string `yaml:"stream_id"`
	// The issuer of users' ids: required for SubjectIssSub; within a complex subject the user is then named by issuer and
	// subject instead of by an opaque id.
	UserIssuer string `yaml:"user_issuer"`
	// Private keys as PEM: the first signs, all are published.
	Keys []secret.Ref `yaml:"keys"`
	// The bearer token that the receiver asks for, or nothing.
	Token secret.Ref `yaml:"token"`
}

// Validate checks every key; the error joins all that is wrong.
func (c Config) Validate() error {
	var k strict.Check
	k.Under("url", post.CheckURL(c.URL))
	k.Filled("issuer", c.Issuer, "the name of AER agreed with the receiver")
	k.Filled("audience", c.Audience, "the name of the receiver agreed with it")
	strict.Choice(&k, "subject", c.Subject, "", SubjectComplex, SubjectIssSub, SubjectEmail, SubjectOpaque)
	if c.Subject == SubjectIssSub {
		k.Filled("user_issuer", c.UserIssuer,
			"the issuer of users' ids, such as https://idp.example.com: subject iss_sub names users by it")
	}
	k.Under("keys", secret.ValidateRotated(c.Keys))
	if !c.Token.Empty() {
		k.Under("token", c.Token.Validate())
	}
	return k.Err()
}

// Options of New. Keys and Now are required.
type Options struct {
	// What Config.Keys and Config.Token refer to.
	Keys  []secret.Source
	Token secret.Source
	// Email finds the address of mail of a user, for SubjectEmail. An unknown one is a permanent error.
	Email func(ctx context.Context, org aerv1.OrgID, user aerv1.UserID) (string, error)
	Now   func() time.Time
}

// Adapter pushes events. It is safe for concurrent use.
type Adapter struct {
	c    Config
	o    Options
	post *post.Client
}

// Open opens the adapter of a validated configuration. Without a directory it can verify a stream and publish keys, but
// not name people by address of mail.
func Open(ctx context.Context, c Config, o sessions.Options) (sessions.Sessions, error) {
	keys, err := o.Secrets.FollowAll(ctx, "keys", o.Now, c.Keys...)
	if err != nil {
		return nil, err
	}
	token, err := o.Secrets.FollowAll(ctx, "token", o.Now, c.Token)
	if err != nil {
		return nil, err
	}
	with := Options{Keys: keys, Email: addresses{o.Directory}.of, Now: o.Now}
	if len(token) > 0 {
		with.Token = token[0]
	}
	a, err := New(ctx, c, with)
	if err != nil {
		return nil, err
	}
	return a, nil
}

// New returns the adapter of a validated configuration. It checks the keys.
func New(ctx context.Context, c Config, o Options) (*Adapter, error) {
	for i, s := range o.Keys {
		if _, err := readKey(ctx, s); err != nil {
			return nil, fmt.Errorf("%s: %w", strict.Index("keys", i), err)
		}
	}
	return &Adapter{c: c, o: o, post: post.New(0)}, nil
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
	all, err := a.sets(ctx, r, a.o.Now())
	if err != nil {
		return sessions.Result{}, err
	}
	if err := a.send(ctx, all...); err != nil {
		return sessions.Result{}, fmt.Errorf("sending a session-revoked event: %w", err)
	}
	return sessions.Result{CountUnknown: true}, nil
}

// Verify sends a verification event of a stream (Shared Signals 1.0, 8.1.4), by which its receiver sees that events
// arrive and can be read. state is what the receiver gave to whoever asks for it, and empty if nobody asked.
func (a *Adapter) Verify(ctx context.Context, streamID, state string) error {
	if streamID == "" {
		return retry.Permanent(errors.New("sending a verification event: the id of the stream is empty"))
	}
	if err := a.send(ctx, a.verification(streamID, state, a.o.Now())); err != nil {
		return fmt.Errorf("sending a verification event: %w", err)
	}
	return nil
}

// send signs and pushes. What was sent before the one that fails is sent again with it: the receiver knows it by its
// jti.
func (a *Adapter) send(ctx context.Context, all ...set) error {
	key, err := readKey(ctx, a.o.Keys[0])
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
