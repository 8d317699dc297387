// SPDX-License-Identifier: Apache-2.0

package sinktest

import (
	"context"
	"maps"
	"slices"
	"sync"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/sessions"
)

// World is every outside server in one, as a test sees it: session store, audit sink and messenger that honour
// idempotency keys as the contracts demand, and count what reached them.
type World struct {
	mu    sync.Mutex
	alive map[[2]string]map[string]bool
	ended map[string]int
	// grants are the apps that may act under a user's name.
	grants map[[3]string]bool
	// Effects counts what took effect, Calls what was asked for, both by "revoke KEY", "audit ORG ID" or "notify ORG ID".
	effects, calls map[string]int
	audit          []*aerv1.AuditEntry
	messages       []*aerv1.Notification
}

// NewWorld returns a world in which nothing has happened.
func NewWorld() *World {
	return &World{alive: map[[2]string]map[string]bool{}, ended: map[string]int{}, grants: map[[3]string]bool{},
		effects: map[string]int{}, calls: map[string]int{}}
}

// SignIn opens sessions of a user.
func (w *World) SignIn(org, user string, ids ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	k := [2]string{org, user}
	if w.alive[k] == nil {
		w.alive[k] = map[string]bool{}
	}
	for _, id := range ids {
		w.alive[k][id] = true
	}
}

// Alive returns a user's open sessions, sorted.
func (w *World) Alive(org, user string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Sorted(maps.Keys(w.alive[[2]string{org, user}]))
}

// Grant lets an app act under a user's name.
func (w *World) Grant(org, user, app string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.grants[[3]string{org, user, app}] = true
}

// Granted says whether an app may act under a user's name.
func (w *World) Granted(org, user, app string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.grants[[3]string{org, user, app}]
}

// Effects returns how often each thing took effect, and Calls how often it was asked for.
func (w *World) Effects() map[string]int { return w.copied(func() map[string]int { return w.effects }) }

// Calls returns how often each thing was asked for.
func (w *World) Calls() map[string]int { return w.copied(func() map[string]int { return w.calls }) }

func (w *World) copied(of func() map[string]int) map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(of())
}

// Audit returns the audit entries in the order they came.
func (w *World) Audit() []*aerv1.AuditEntry {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.audit)
}

// Messages returns the messages in the order they came.
func (w *World) Messages() []*aerv1.Notification {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.messages)
}

// Revoke implements sessions.Sessions.
func (w *World) Revoke(ctx context.Context, r sessions.Request) (sessions.Result, error) {
	if err := r.Validate(); err != nil {
		return sessions.Result{}, err
	}
	if err := ctx.Err(); err != nil {
		return sessions.Result{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.first("revoke " + r.Key) {
		return sessions.Result{Ended: w.ended[r.Key], Already: true}, nil
	}
	if r.Scope == sessions.ScopeApp {
		if k := [3]string{string(r.OrgID), string(r.UserID), r.AppID}; w.grants[k] {
			delete(w.grants, k)
			w.ended[r.Key]++
		}
		return sessions.Result{Ended: w.ended[r.Key]}, nil
	}
	open := w.alive[[2]string{string(r.OrgID), string(r.UserID)}]
	for _, id := range slices.Collect(maps.Keys(open)) {
		if r.Scope != sessions.ScopeListed || slices.Contains(r.SessionIDs, id) {
			delete(open, id)
			w.ended[r.Key]++
		}
	}
	return sessions.Result{Ended: w.ended[r.Key]}, nil
}

// Append implements the responder's audit sink.
func (w *World) Append(ctx context.Context, e *aerv1.AuditEntry) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.first("audit " + e.GetContext().GetLocation().GetId() + " " + e.GetId()) {
		w.audit = append(w.audit, e)
	}
	return nil
}

// Notify implements notify.Notifier.
func (w *World) Notify(ctx context.Context, n *aerv1.Notification) error {
	if err := notify.Validate(n); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.first("notify " + n.GetOrgId() + " " + n.GetId()) {
		w.messages = append(w.messages, n)
	}
	return nil
}

// first counts a call and says whether it is the first of its kind, which then takes effect.
func (w *World) first(what string) bool {
	w.calls[what]++
	if w.effects[what] > 0 {
		return false
	}
	w.effects[what]++
	return true
}
