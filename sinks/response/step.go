// SPDX-License-Identifier: Apache-2.0

package response

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/warehouse"
)

// Kinds of step in the ledger. revoke, audit and notify are also the steps of a Response; the others hold what is
// needed to resume and to answer duplicates.
const (
	KindOpen   = ledger.KindOpen
	KindRevoke = "revoke"
	KindPlan   = "plan"
	KindAudit  = "audit"
	KindNotify = "notify"
	KindRows   = "rows"
	KindClose  = ledger.KindClose
	// KindAlert is the dead letter of a step that failed for good, KindRetry an operator's word that those are to be
	// tried again.
	KindAlert = "alert"
	// KindPage is the message to an operator about such a step.
	KindPage  = "page"
	KindRetry = ledger.KindRetry
)

// States of a step of a Response (Step.state).
const (
	StepPending = "pending"
	StepDone    = "done"
	StepFailed  = "failed"
)

// maxDetail is the longest error kept with a step, in bytes: adapters may quote whole answers of servers.
const maxDetail = 500

// step is one thing to do at most once.
type step struct {
	key ledger.Key
	// After this it is not tried any more; zero means no limit.
	until time.Time
	// What is to be delivered, for whoever must do it by hand; nil for a revocation. Once it is, it is a row of the
	// table.
	payload proto.Message
	table   warehouse.Table
	// Where a message goes, for outages.
	address string
	// Tried once a call, because nobody is waiting for it: what fails is left to Resume.
	unhurried bool
	// do acts and returns what to remember.
	do func(ctx context.Context) (string, error)
}

// maxTries bounds the attempts of one call, whatever clock and policy say.
const maxTries = 1000

// once does a step unless it is done, trying until it is final or patience is at its end. The entry it returns is as
// the ledger has it; an entry that is neither done nor failed is pending. The error is the ledger's or the context's.
func (r *Responder) once(ctx context.Context, s step) (ledger.Entry, error) {
	waits := r.c.Retry.Start()
	giveUp := r.c.Now().Add(r.outages.patience(s.destination(), r.c.Patience))
	t := &try{Responder: r, step: s}
	for n := 1; ; n++ {
		e, err := t.inTurn(ctx)
		if final(e) {
			switch {
			case t.record == nil: // it was before
			case e.State == ledger.StateDone: // what it depends on answers
				r.outages.over(s.destination())
			default:
				r.c.Log.Error("step of a response failed for good",
					"step", s.key.String(), "detail", e.Detail, "attempts", e.Attempts)
			}
			return e, nil
		}
		if cerr := ctx.Err(); cerr != nil {
			return e, cerr
		}
		wait, more := waits.Next(err)
		if !more || n == maxTries || r.c.Now().Add(wait).After(giveUp) || s.unhurried && e.State == ledger.StatePending {
			if e.State == "" { // the ledger itself failed
				return e, err
			}
			if e.State == ledger.StatePending {
				r.outages.begin(s.destination(), retry.IsOneOnly(err))
			}
			return e, nil
		}
		r.c.Log.Debug("step will be tried again", "step", s.key.String(), "wait", wait, "error", err)
		if err := waits.Sleep(ctx, wait); err != nil {
			return e, err
		}
	}
}

func final(e ledger.Entry) bool { return e.State == ledger.StateDone || e.State == ledger.StateFailed }

// try is the attempts at one step in one call.
type try struct {
	*Responder
	step
	// What is still to be recorded: the step was done, or failed for good, and the ledger did not take it.
	record func(ctx context.Context) (ledger.Entry, error)
}

// inTurn attempts the step when there is room at the server that it goes to.
func (t *try) inTurn(ctx context.Context) (ledger.Entry, error) {
	leave, err := t.slots.take(ctx, t.destination().server)
	if err != nil {
		return ledger.Entry{}, err
	}
	defer leave()
	return t.attempt(ctx)
}

// attempt claims the step, does it and records how it went. The error, if any, is why the entry is not final.
func (t *try) attempt(ctx context.Context) (ledger.Entry, error) {
	if t.record != nil {
		return t.record(context.WithoutCancel(ctx))
	}
	e, err := t.c.Ledger.Begin(ctx, t.key, t.c.Now())
	if err != nil || e.State != ledger.StateClaimed {
		return e, err
	}
	settled := false
	defer func() {
		if !settled { // it panicked: whoever recovers may try again at once
			_ = t.c.Ledger.Release(context.WithoutCancel(ctx), e, "interrupted")
		}
	}()
	again, err := t.act(ctx, e)
	settled = true
	// What has happened must be recorded even if the caller goes away meanwhile.
	keep := context.WithoutCancel(ctx)
	if !again {
		return t.record(keep)
	}
	e.State, e.Detail = ledger.StatePending, detail(err)
	return e, errors.Join(err, t.c.Ledger.Release(keep, e, e.Detail))
}

// act does the step and sets what is to be recorded, or says why it should be done again.
func (t *try) act(ctx context.Context, e ledger.Entry) (again bool, err error) {
	if now := t.c.Now(); !t.until.IsZero() && now.After(t.until) {
		t.fails(tooLate(t.step, now, e))
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, t.c.AttemptTimeout)
	defer cancel()
	result, err := t.do(ctx)
	switch {
	case err == nil:
		at := t.c.Now()
		t.record = func(ctx context.Context) (ledger.Entry, error) { return t.c.Ledger.Done(ctx, t.key, at, result) }
	case retry.Recoverable(err):
		return true, err
	default:
		t.fails(detail(err))
	}
	return false, nil
}

func (t *try) fails(why string) {
	at := t.c.Now()
	t.record = func(ctx context.Context) (ledger.Entry, error) { return t.c.Ledger.Failed(ctx, t.key, at, why) }
}

func tooLate(s step, now time.Time, e ledger.Entry) string {
	until, is := s.until.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339)
	d := fmt.Sprintf("given up: useful until %s, and it is %s", until, is)
	if e.Detail != "" {
		d += "; last attempt: " + e.Detail
	}
	return clip(d, maxDetail)
}

func detail(err error) string { return clip(err.Error(), maxDetail) }

// protoStep renders a ledger entry as a step of a Response.
func protoStep(k ledger.Key, e ledger.Entry) *aerv1.Step {
	s := &aerv1.Step{Key: k.ID(), Kind: k.Kind, Target: k.Target, Channel: k.Channel, State: StepPending,
		Detail: e.Detail, Attempts: uint32(max(e.Attempts, 0))}
	switch e.State {
	case ledger.StateDone:
		s.State = StepDone
	case ledger.StateFailed:
		s.State = StepFailed
	}
	if !e.DoneAt.IsZero() {
		s.DoneAt = aerv1.Time(e.DoneAt)
	}
	return s
}
