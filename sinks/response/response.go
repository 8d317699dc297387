// SPDX-License-Identifier: Apache-2.0

// Package response carries out a decision: end the user's sessions, write the audit entry, tell the people concerned.
//
// A response is a saga: revoke → plan → audit → notify each person and channel → rows → close. Each step has a
// deterministic key, and the ledger remembers which are done: none is done twice, none is lost. A step that fails is
// tried again with growing pauses until it succeeds, fails for good, or is no longer useful. A crash between a step and
// its record leads to the step being asked for again under the same key, which every adapter answers without acting
// again.
//
// The plan fixes who is told what, at the time the sessions were ended, so that a response that is resumed after a
// restart says the same to the same people although directory or settings have changed.
//
// The rows of a response are written by whoever completes it, once: by the pipeline, a sweep or the next start. They
// are owed until the warehouse has taken them, and the response is open so long. A crash between the two writes them
// again, equal to the first, and the warehouse's views show them once.
//
// If the sessions cannot be ended, no audit entry is written, because it would say that they were; the people are told
// that they must act themselves.
package response

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/directory"
	"github.com/aer-project/aer/sinks/keyed"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/sessions"
	stored "github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/transforms/decision"
)

// Limits of a response. Start values, each replaceable in Config.
const (
	// UsefulFor is how long after the decision sessions are still ended: as long as evidence may be old when it is
	// decided.
	UsefulFor = decision.UsefulFor
	// DeliverFor is how long after the decision audit entry and messages are still delivered: old news is better than
	// none.
	DeliverFor = 24 * time.Hour
	// Patience is how long one call of Respond goes on trying a step before it leaves the rest to Resume, so that a
	// server that is down does not hold up the stream. While the server stays down, the calls that follow try once
	// each.
	Patience = 30 * time.Second
	// AttemptTimeout bounds a single attempt. It must stay well below ledger.Lease.
	AttemptTimeout = 10 * time.Second
)

// ErrRefused says that a decision must not be carried out; nothing was done.
var ErrRefused = errors.New("decision must not be carried out")

// ErrPending says that some steps are not done yet although they may still succeed: call Respond or Resume again.
var ErrPending = errors.New("response is not complete yet")

// ErrNotTaken says that the ledger does not have the decision yet, because whoever was writing it down may have died
// over it: unlike what is pending, nobody would find it again. The caller must keep the decision and call Respond
// again.
var ErrNotTaken = errors.New("the ledger has not taken the decision")

// AuditSink takes audit entries, at most one per organisation and id.
type AuditSink interface {
	Append(ctx context.Context, e *aerv1.AuditEntry) error
}

// Config is what a Responder works with. Everything above Now is required.
type Config struct {
	Ledger    ledger.Ledger
	Sessions  sessions.Sessions
	Audit     AuditSink
	Notifier  notify.Notifier
	Directory directory.Reader
	Settings  stored.Reader
	// Warehouse takes the rows of responses, and at once the dead letter of each step that failed for good.
	Warehouse warehouse.Writer
	// The wall clock.
	Now func() time.Time

	// Settings of an organisation that has chosen nothing; nil means that only the acting user is told.
	Defaults func(orgID string) *aerv1.Settings
	// Which sessions are ended where the organisation has not chosen (settings: response.scope); the zero value means
	// all.
	Scope sessions.Scope
	Retry retry.Policy
	// Render writes messages; nil means notify.Render.
	Render func(notify.Recipient, notify.Story) (*aerv1.Notification, error)
	// Operators are told of each step that failed for good and of a budget that closes. They are told at most once
	// each, and a response stays open until they are, or DeliverFor has passed. RenderPage writes what they are told of
	// a step; nil means notify.RenderPage.
	Operators  []notify.Recipient
	RenderPage func(notify.Recipient, notify.Page) (*aerv1.Notification, error)
	// Replace the constants of the same names if positive.
	UsefulFor, DeliverFor, Patience, AttemptTimeout time.Duration
	// Nil means slog.Default().
	Log *slog.Logger
}

// Responder carries out decisions. It is safe for concurrent use, also by several processes on one ledger.
type Responder struct {
	c Config
	// A duplicate waits for the first instead of polling the ledger. Between processes the ledger's claims do that.
	locks   keyed.Locks
	outages outages
	slots   slots
	// Whether anything may be left over for a sweep.
	leftover atomic.Bool
}

// New checks the configuration.
func New(c Config) (*Responder, error) {
	for _, f := range []struct {
		name    string
		missing bool
	}{
		{"Ledger", c.Ledger == nil}, {"Sessions", c.Sessions == nil}, {"Audit", c.Audit == nil},
		{"Notifier", c.Notifier == nil}, {"Directory", c.Directory == nil}, {"Settings", c.Settings == nil},
		{"Warehouse", c.Warehouse == nil}, {"Now", c.Now == nil},
	} {
		if f.missing {
			return nil, fmt.Errorf("building responder: %s is missing", f.name)
		}
	}
	setDefault(&c.UsefulFor, UsefulFor)
	setDefault(&c.DeliverFor, DeliverFor)
	setDefault(&c.Patience, Patience)
	setDefault(&c.AttemptTimeout, AttemptTimeout)
	if c.Render == nil {
		c.Render = notify.Render
	}
	if c.RenderPage == nil {
		c.RenderPage = notify.RenderPage
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	r := &Responder{c: c}
	r.leftover.Store(true) // by an earlier process
	return r, nil
}

func setDefault(d *time.Duration, otherwise time.Duration) {
	if *d <= 0 {
		*d = otherwise
	}
}

// Respond carries out the decision about the anomaly, or what is left of it. Calls about one decision, one after the
// other or at once, do everything once.
//
// Errors: ErrRefused if the decision is not one to act on; ErrPending if steps remain that may still succeed, which
// Resume then finds in the ledger; ErrNotTaken; otherwise the ledger failed and nothing can be said. A step that failed
// for good is no error but a step in state failed: see Show and Failed.
func (r *Responder) Respond(ctx context.Context, a *aerv1.Anomaly, d *aerv1.Decision) error {
	return r.carryOut(ctx, "responding to", permitted, (*saga).run, a, d)
}

// End carries out the part of a response that cannot wait: the sessions are ended, and the response is in the ledger.
// What is left of it is Respond's, or Resume's if nobody calls that. Errors are those of Respond, also if the sessions
// could be ended no more.
func (r *Responder) End(ctx context.Context, a *aerv1.Anomaly, d *aerv1.Decision) error {
	return r.carryOut(ctx, "ending sessions for", permitted, (*saga).end, a, d)
}

func (r *Responder) carryOut(
	ctx context.Context, doing string, check func(*aerv1.Anomaly, *aerv1.Decision) error,
	do func(*saga, context.Context, *aerv1.ResponseRecord) error, a *aerv1.Anomaly, d *aerv1.Decision,
) error {
	s := &saga{Responder: r, org: aerv1.OrgID(d.GetOrgId()), id: aerv1.DecisionID(d.GetId())}
	err := check(a, d)
	if err == nil {
		if err = do(s, ctx, &aerv1.ResponseRecord{Version: aerv1.StateVersion, Anomaly: a, Decision: d}); err != nil {
			r.leftover.Store(true)
		}
	}
	if err != nil {
		return fmt.Errorf("%s decision %q: %w", doing, d.GetId(), err)
	}
	return nil
}

// Resume carries on with every response that was begun and is not complete. It returns how many are now, and the errors
// of the others. One that cannot even be read does not keep the others waiting.
func (r *Responder) Resume(ctx context.Context) (completed int, err error) {
	open, err := r.open(ctx)
	if err != nil {
		err = fmt.Errorf("resuming responses: %w", err)
	}
	errs := []error{err}
	for _, rec := range open {
		again := r.Respond
		if IsAdvice(rec.Decision) {
			again = r.Advise
		}
		if err := again(ctx, rec.Anomaly, rec.Decision); err != nil {
			errs = append(errs, err)
			continue
		}
		completed++
	}
	return completed, errors.Join(errs...)
}

// Failed returns the steps of a response that failed for good: somebody must look at them.
func Failed(resp *aerv1.Response) (steps []*aerv1.Step) {
	for _, s := range resp.GetSteps() {
		if s.GetState() == StepFailed {
			steps = append(steps, s)
		}
	}
	return steps
}
