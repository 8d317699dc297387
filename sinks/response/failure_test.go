// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/sinktest"
)

func TestTransientErrorsAreRetried(t *testing.T) {
	for _, at := range []string{"before revoke", "after revoke", "before audit", "after audit", "before notify email",
		"after notify dm",
		"before begin open", "after begin revoke", "before done revoke", "after done plan", "before begin notify",
		"after done close",
		"before append audit_log", "after append responses", "after begin rows", "before done rows"} {
		t.Run(at, func(t *testing.T) {
			f := newFixture(t)
			f.point = failing(at, 3, errServer)
			err := f.respond()
			for n := 0; n < 3 && errors.Is(err, response.ErrPending); n++ { // rows are tried once a call
				f.clock.now = f.clock.now.Add(ledger.Lease) // after which a claim whose answer was lost is free again
				err = f.respond()
			}
			if err != nil {
				t.Fatal(err)
			}
			f.wantOnce()
			res := f.result("O1", "D1")
			if failed := response.Failed(res.Response); len(failed) > 0 || res.Response.GetSessionsReset() != 2 {
				t.Errorf("response is %v", res.Response)
			}
		})
	}
}

func TestPermanentErrors(t *testing.T) {
	gone := retry.Permanent(errors.New("user_not_found"))
	for _, c := range []struct {
		at, steps       string
		audit, messages int
	}{
		{"before revoke",
			"revoke U1: failed (1)\nnotify U1 email: done (1)\nnotify U8 dm: done (1)\nnotify U8 email: done (1)\n", 0, 3},
		{"before audit", strings.Replace(allDone, "audit: done", "audit: failed", 1), 0, 3},
		{"before notify dm", strings.Replace(allDone, "dm: done", "dm: failed", 1), 1, 2},
	} {
		t.Run(c.at, func(t *testing.T) {
			f := newFixture(t)
			f.point = failing(c.at, 1, gone)
			res := f.mustRespond()
			wantSame(t, res, f.mustRespond())
			if got := steps(res.Response); got != c.steps {
				t.Errorf("steps are\n%s", got)
			}
			failed := response.Failed(res.Response)
			if len(failed) != 1 || !strings.Contains(failed[0].GetDetail(), "user_not_found") {
				t.Errorf("failed steps are %v", failed)
			}
			if len(f.world.Audit()) != c.audit || (res.Audit != nil) != (c.audit > 0) || len(f.world.Messages()) != c.messages ||
				len(res.Notifications) != c.messages {
				t.Errorf("%d audit entries, %d messages", len(f.world.Audit()), len(f.world.Messages()))
			}
		})
	}
}

func TestPeopleAreToldWhenSessionsCouldNotBeEnded(t *testing.T) {
	f := newFixture(t)
	f.point = failing("before revoke", 1, retry.Permanent(errors.New("user_not_found")))
	f.mustRespond()
	for _, m := range f.world.Messages() {
		if m.GetUserId() == "U8" && !strings.HasPrefix(m.GetSubject(), "ACTION NEEDED") {
			t.Errorf("subject is %q", m.GetSubject())
		}
		if strings.Contains(m.GetText(), "were ended") {
			t.Errorf("the message lies:\n%s", m.GetText())
		}
	}
}

// TestOldResetsAreNotCarriedOut: neither late, nor again and again until it is late.
func TestOldResetsAreNotCarriedOut(t *testing.T) {
	t.Run("decided long ago", func(t *testing.T) {
		f := newFixture(t)
		f.clock.now = sinktest.T0.Add(response.UsefulFor + time.Second)
		res := f.mustRespond()
		if s := res.Response.GetSteps()[0]; s.GetState() != response.StepFailed ||
			!strings.Contains(s.GetDetail(), "useful until 2026-11-22T10:10:00Z") {
			t.Errorf("step is %v", s)
		}
		if len(f.world.Alive("O1", "U1")) != 2 || len(f.world.Audit()) != 0 {
			t.Error("sessions were ended")
		}
	})
	t.Run("just in time", func(t *testing.T) {
		f := newFixture(t)
		f.clock.now = sinktest.T0.Add(response.UsefulFor)
		f.mustRespond()
		f.wantOnce()
	})
	t.Run("the server stays down", func(t *testing.T) {
		f := newFixture(t)
		f.point = failing("before revoke", 1<<30, errServer)
		calls := 0
		for {
			calls++
			err := f.respond()
			if err == nil {
				break
			}
			res := f.result("O1", "D1")
			if !errors.Is(err, response.ErrPending) || res.Response.GetSteps()[0].GetState() != response.StepPending ||
				res.Response.GetDoneAt() != nil {
				t.Fatalf("result is %v, %v", res, err)
			}
			f.wantNothing()
			f.clock.now = f.clock.now.Add(time.Minute)
		}
		if late := f.clock.now.Sub(sinktest.T0) - response.UsefulFor; calls < 5 || late > 2*time.Minute {
			t.Errorf("given up after %d calls, %v too late", calls, late)
		}
		if len(f.world.Messages()) != 3 {
			t.Error("nobody was told")
		}
	})
	t.Run("no time of decision", func(t *testing.T) {
		f := newFixture(t)
		f.point = failing("before revoke", 1<<30, errServer)
		a, d := respondTo("O1", "U1", "D1")
		d.DecidedAt = nil
		if err := f.Respond(context.Background(), a, d); !errors.Is(err, response.ErrPending) {
			t.Fatal(err)
		}
		f.clock.now = sinktest.T0.Add(response.UsefulFor + time.Second)
		f.point = failing("", 0, nil)
		if err := f.Respond(context.Background(), a, d); err != nil ||
			f.result("O1", "D1").Response.GetSteps()[0].GetState() != response.StepFailed {
			t.Errorf("error is %v, or sessions were ended", err)
		}
	})
}

// TestCancelRecordsWhatWasDone: a caller that goes away in the middle leaves a ledger that says what happened.
func TestCancelRecordsWhatWasDone(t *testing.T) {
	f := newFixture(t)
	ctx, cancel := context.WithCancel(context.Background())
	f.point = func(at string) error {
		if at == "after revoke" {
			cancel()
		}
		return nil
	}
	a, d := respondTo("O1", "U1", "D1")
	if err := f.Respond(ctx, a, d); !errors.Is(err, context.Canceled) {
		t.Fatalf("error is %v", err)
	}
	f.point = failing("", 0, nil)
	f.mustRespond()
	f.wantOnce()
	for what, n := range f.world.Calls() {
		if n != 1 {
			t.Errorf("%s was asked for %d times", what, n)
		}
	}
}

// TestPanicLeavesTheStepFree: a bundle that panicked and is tried again by the same process must not wait for the
// lease.
func TestPanicLeavesTheStepFree(t *testing.T) {
	for _, at := range []string{"before revoke", "after revoke", "after audit", "after notify dm"} {
		f := newFixture(t)
		first := true
		f.point = func(name string) error {
			if name == at && first {
				first = false
				panic("adapter")
			}
			return nil
		}
		func() {
			defer func() { _ = recover() }()
			_ = f.respond()
		}()
		f.mustRespond()
		f.wantOnce()
	}
}

func TestFailingLedgerMeansNothingIsDone(t *testing.T) {
	f := newFixture(t)
	c := f.config(f.store)
	c.Ledger = ledger.New(kv.Failing{Err: errServer})
	a, d := respondTo("O1", "U1", "D1")
	if err := newResponder(t, c).Respond(context.Background(), a, d); !errors.Is(err, errServer) {
		t.Errorf("error is %v", err)
	}
	f.wantNothing()
}

func TestFailingTwins(t *testing.T) {
	f := newFixture(t)
	c := f.config(f.store)
	c.Sessions, c.Notifier = sessions.Failing{Err: retry.Permanent(errServer)},
		notify.Failing{Err: retry.Permanent(errServer)}
	a, d := respondTo("O1", "U1", "D1")
	err := newResponder(t, c).Respond(context.Background(), a, d)
	if res := f.result("O1", "D1"); err != nil || len(response.Failed(res.Response)) != 4 {
		t.Errorf("result is %v, %v", res, err)
	}
}
