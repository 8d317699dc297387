// SPDX-License-Identifier: Apache-2.0

// Package sessions ends the sessions of a user, on whatever keeps them.
//
// Sessions is the interface of all adapters; Embedded is the one on a Table of a store. The others are
// packages beneath: webhook (any platform), slack, pubsub (a topic of commands), caep (Shared Signals). Every adapter
// passes sinktest.Sessions.
//
// An adapter that cannot end the listed sessions only, or the access of an app, returns a permanent error and ends
// nothing: more than was asked for is never ended.
package sessions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/directory"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/secret"
)

// Scope is which sessions of the user a request ends.
type Scope string

// Scopes. The zero value is ScopeAll.
const (
	// ScopeAll: every session on every device. The user may sign in again at once.
	ScopeAll Scope = "all"
	// ScopeListed: only the sessions the request lists.
	ScopeListed Scope = "listed"
	// ScopeApp: no session of the user, but the access that an app has under the user's name.
	ScopeApp Scope = "app"
)

// ErrUnsupported says that the adapter cannot end what the request's scope names. It ended nothing.
var ErrUnsupported = errors.New("unsupported")

// Request asks to end sessions of one user. An adapter acts at most once per key, however often it is asked and even if
// the user has signed in again since: that session belongs to somebody who just proved who they are.
type Request struct {
	// The idempotency key, passed on to systems that take one.
	Key    string
	OrgID  aerv1.OrgID
	UserID aerv1.UserID
	// The sessions behind the anomaly: what ScopeListed ends, information for the platform otherwise.
	SessionIDs []string
	Scope      Scope
	// The app whose access ScopeApp ends; empty otherwise.
	AppID string
}

// Result says how many sessions were ended under the key, and whether an earlier call did it.
type Result struct {
	Ended   int
	Already bool
	// The platform took the request but does not say how many sessions it ends, nor whether an earlier call did it: Ended
	// is 0 and means nothing.
	CountUnknown bool
}

// Sessions ends sessions. Having none to end is a success. Errors are classified for retry.Recoverable; one that cannot
// end the access of an app answers ScopeApp with ErrUnsupported: ValidateSessions.
type Sessions interface {
	Revoke(ctx context.Context, r Request) (Result, error)
}

// Options is what an adapter is given besides its own configuration.
type Options struct {
	// Secrets reads what the configuration refers to.
	Secrets *secret.Loader
	// Store has the table of the embedded adapter, and the journal of those that need one.
	Store kv.Store
	// Directory is where the addresses of people are looked up.
	Directory directory.Reader
	Now       func() time.Time
}

// ValidateSessions is Validate for an adapter that cannot end the access of an app.
func (r Request) ValidateSessions() error {
	if err := r.Validate(); err != nil || r.Scope != ScopeApp {
		return err
	}
	return retry.Permanent(fmt.Errorf("%w: this adapter cannot end the access of an app", ErrUnsupported))
}

// Validate returns a permanent error that names what is wrong with the request. Adapters call it first.
func (r Request) Validate() error {
	var errs []error
	for _, f := range []struct{ name, value string }{
		{"key", r.Key}, {"org_id", string(r.OrgID)}, {"user_id", string(r.UserID)},
	} {
		switch {
		case f.value == "":
			errs = append(errs, fmt.Errorf("%s is empty", f.name))
		case !utf8.ValidString(f.value):
			// JSON and protocol buffers would carry another id, which may be somebody else's.
			errs = append(errs, fmt.Errorf("%s %q is not valid UTF-8", f.name, f.value))
		}
	}
	for _, id := range r.SessionIDs {
		if !utf8.ValidString(id) {
			errs = append(errs, fmt.Errorf("session id %q is not valid UTF-8", id))
		}
	}
	switch r.Scope {
	case "", ScopeAll:
	case ScopeListed:
		if len(r.SessionIDs) == 0 {
			// Adapters read an empty list as "all": ending more than was asked for must be impossible.
			errs = append(errs, fmt.Errorf("scope %q needs session ids", r.Scope))
		}
		if slices.Contains(r.SessionIDs, "") {
			errs = append(errs, errors.New("a session id is empty"))
		}
	case ScopeApp:
		if !utf8.ValidString(r.AppID) || r.AppID == "" {
			errs = append(errs, fmt.Errorf("scope %q needs an app id, has %q", r.Scope, r.AppID))
		}
	default:
		errs = append(errs, fmt.Errorf("scope %q is unknown: want %q, %q or %q", r.Scope, ScopeAll, ScopeListed, ScopeApp))
	}
	if r.AppID != "" && r.Scope != ScopeApp {
		// who reads past it would end more than was meant
		errs = append(errs, fmt.Errorf("an app id with scope %q: sessions are people's", r.Scope))
	}
	if err := errors.Join(errs...); err != nil {
		return retry.Permanent(fmt.Errorf("checking request to end sessions: %w", err))
	}
	return nil
}
