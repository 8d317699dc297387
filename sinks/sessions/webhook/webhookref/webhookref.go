// SPDX-License-Identifier: Apache-2.0

// Package webhookref is a receiver of AER's webhook that fulfils the contract: a model to copy, and what the adapter is
// tested against.
//
// It verifies the signature in constant time, refuses old timestamps, and acts once per key however often a request
// comes, also at once. A platform keeps the keys in its database, in the transaction that ends the sessions; here they
// are kept in memory.
package webhookref

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/sessions/webhook"
)

// maxBody is the largest request that is read, in bytes: ids of hundreds of sessions fit.
const maxBody = 1 << 20

// ErrUnknownUser is what a Platform returns for a user that does not exist: asking again is useless.
var ErrUnknownUser = errors.New("user_not_found")

// Platform ends sessions: all of the user's, or the listed ones if there are any, and says how many it ended.
type Platform interface {
	End(ctx context.Context, orgID, userID string, sessionIDs []string) (ended int, err error)
}

// AppPlatform is a Platform that can end the access of an app too: everything the app may do under the user's name, and
// nothing else. It says how many tokens it ended.
type AppPlatform interface {
	Platform
	EndApp(ctx context.Context, orgID, userID, appID string) (ended int, err error)
}

// Handler receives requests. Platform, Secrets and Now are required.
type Handler struct {
	Platform Platform
	// The active secrets: accept both while they are changed.
	Secrets []string
	Now     func() time.Time

	mu   sync.Mutex
	keys map[string]*effect
}

// effect is what a key has done, or is doing.
type effect struct {
	about webhook.Message
	// Held while it is being done.
	mu    sync.Mutex
	done  bool
	ended int
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		fail(w, http.StatusRequestEntityTooLarge, "too_large", err)
		return
	}
	if err := webhook.Verify(r.Header, body, h.Now(), webhook.Tolerance, h.Secrets...); err != nil {
		fail(w, http.StatusUnauthorized, "not_authentic", err)
		return
	}
	m, err := parse(body)
	if err != nil {
		fail(w, http.StatusBadRequest, "bad_request", err)
		return
	}
	h.end(r.Context(), w, m)
}

func parse(body []byte) (m webhook.Message, err error) {
	if err := json.Unmarshal(body, &m); err != nil {
		return m, errors.New("the body is no message")
	}
	switch {
	case m.Version != sessions.CommandVersion || m.Type != sessions.TypeRevoke:
		return m, fmt.Errorf("message %q of version %d is unknown", m.Type, m.Version)
	case m.Key == "" || m.OrgID == "" || m.UserID == "":
		return m, errors.New("key, org_id or user_id is empty")
	case m.Scope == sessions.ScopeListed && len(m.SessionIDs) == 0:
		return m, errors.New("no session is listed") // never read an empty list as all
	case m.Scope == sessions.ScopeApp && m.AppID == "":
		return m, errors.New("no app is named")
	case m.Scope != sessions.ScopeListed && m.Scope != sessions.ScopeAll && m.Scope != sessions.ScopeApp:
		return m, fmt.Errorf("scope %q is unknown", m.Scope)
	}
	return m, nil
}

func (h *Handler) end(ctx context.Context, w http.ResponseWriter, m webhook.Message) {
	if _, can := h.Platform.(AppPlatform); m.Scope == sessions.ScopeApp && !can {
		fail(w, http.StatusUnprocessableEntity, sessions.ErrUnsupported.Error(),
			errors.New("the access of an app cannot be ended here"))
		return
	}
	e := h.effect(m)
	e.mu.Lock() // whoever comes with the same key waits, and then finds it done or may do it
	defer e.mu.Unlock()
	if e.about.OrgID != m.OrgID || e.about.UserID != m.UserID || e.about.AppID != m.AppID {
		fail(w, http.StatusUnprocessableEntity, "key_reused", errors.New("the key belongs to another request"))
		return
	}
	already := e.done
	if !already {
		n, err := h.ask(ctx, m)
		switch {
		case errors.Is(err, ErrUnknownUser):
			fail(w, http.StatusNotFound, ErrUnknownUser.Error(), errors.New("no such user"))
			return
		case err != nil: // the reason may be nobody else's business
			fail(w, http.StatusServiceUnavailable, "try_again", errors.New("the sessions could not be ended"))
			return
		}
		e.done, e.ended = true, n
	}
	answer(w, http.StatusOK, webhook.Answer{Ended: &e.ended, Already: already})
}

// ask has the platform end what the message names.
func (h *Handler) ask(ctx context.Context, m webhook.Message) (int, error) {
	switch m.Scope {
	case sessions.ScopeApp:
		return h.Platform.(AppPlatform).EndApp(ctx, m.OrgID, m.UserID, m.AppID)
	case sessions.ScopeListed:
		return h.Platform.End(ctx, m.OrgID, m.UserID, m.SessionIDs)
	}
	return h.Platform.End(ctx, m.OrgID, m.UserID, nil)
}

func (h *Handler) effect(m webhook.Message) *effect {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.keys == nil {
		h.keys = map[string]*effect{}
	}
	if h.keys[m.Key] == nil {
		h.keys[m.Key] = &effect{about: m}
	}
	return h.keys[m.Key]
}

func fail(w http.ResponseWriter, status int, code string, err error) {
	no := false
	answer(w, status, webhook.Answer{OK: &no, Error: code, Message: err.Error()})
}

func answer(w http.ResponseWriter, status int, a webhook.Answer) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(a) // the sender asks again if this does not arrive
}
