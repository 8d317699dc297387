package response_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/sessions"
	stored "github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/sinks/warehouse"
)

const allDone = `revoke U1: done (1)
audit audit: done (1)
notify U1 email: done (1)
notify U8 dm: done (1)
notify U8 email: done (1)
`

func TestRespond(t *testing.T) {
	f := newFixture(t)
	res := f.mustRespond()
	f.wantOnce()
	if got := steps(res.Response); got != allDone {
		t.Errorf("steps are\n%s", got)
	}
	want := &aerv1.Response{Id: "D1", DecisionId: "D1", AnomalyId: "anomaly-D1", OrgId: "O1", UserId: "U1", SessionsReset: 2, DoneAt: aerv1.Time(sinktest.T0)}
	if diff := cmp.Diff(want, res.Response, protocmp.Transform(), protocmp.IgnoreFields(&aerv1.Response{}, "steps")); diff != "" {
		t.Errorf("response (-want +got):\n%s", diff)
	}
	entry := &aerv1.AuditEntry{
		Id: aerv1.NewID("audit", "O1", "D1", aerv1.ActionSessionsReset), DateCreate: uint32(sinktest.T0.Unix()), Action: "user_sessions_reset_by_anomaly_event_response",
		Actor:  &aerv1.AuditActor{Type: "user", User: &aerv1.AuditUser{Id: "AER", Name: "Anomaly Event Response"}},
		Entity: &aerv1.AuditEntity{Type: "user", User: &aerv1.AuditUser{Id: "U1", Name: "Ada", Email: "ada@acme.example", Team: "O1"}},
		Context: &aerv1.AuditContext{Location: &aerv1.AuditLocation{Type: "workspace", Id: "O1", Name: "Acme", Domain: "acme.example"},
			Ua: "Mozilla/5.0", IpAddress: "203.0.113.7", SessionId: "S2"},
		Details: &aerv1.AuditDetails{Reason: []string{"tor"}, AnomalyId: "anomaly-D1", DecisionId: "D1",
			ActionTimestamp: aerv1.Time(sinktest.T0.Add(-time.Hour)), SessionId: "S2", SessionsReset: proto.Uint32(2), SettingsVersion: "v1"},
	}
	for _, got := range []*aerv1.AuditEntry{res.Audit, f.world.Audit()[0]} {
		if diff := cmp.Diff(entry, got, protocmp.Transform()); diff != "" {
			t.Errorf("audit entry (-want +got):\n%s", diff)
		}
	}
	if diff := cmp.Diff(f.world.Messages(), res.Notifications, protocmp.Transform()); diff != "" {
		t.Errorf("messages (-delivered +returned):\n%s", diff)
	}
}

func TestPersistingActsToo(t *testing.T) {
	f := newFixture(t)
	a, d := respondTo("O1", "U1", "D1")
	d.Outcome = aerv1.Decision_PERSISTING
	if err := f.Respond(context.Background(), a, d); err != nil {
		t.Fatal(err)
	}
	f.wantOnce()
	if !strings.Contains(f.world.Messages()[1].GetText(), "again") {
		t.Errorf("the admins are not told that it goes on:\n%s", f.world.Messages()[1].GetText())
	}
}

func TestRefusesWhatMustNotBeCarriedOut(t *testing.T) {
	type change func(*aerv1.Anomaly, *aerv1.Decision)
	cases := map[string]change{
		"observe":           func(_ *aerv1.Anomaly, d *aerv1.Decision) { d.Mode = aerv1.ModeObserve },
		"replay":            func(_ *aerv1.Anomaly, d *aerv1.Decision) { d.Mode = aerv1.ModeReplay },
		"no mode":           func(_ *aerv1.Anomaly, d *aerv1.Decision) { d.Mode = "" },
		"unknown mode":      func(_ *aerv1.Anomaly, d *aerv1.Decision) { d.Mode = "ENFORCE" },
		"log-only finding":  func(a *aerv1.Anomaly, _ *aerv1.Decision) { a.LogOnly = true },
		"external user":     func(a *aerv1.Anomaly, _ *aerv1.Decision) { a.UserType = aerv1.UserExternal },
		"other user":        func(a *aerv1.Anomaly, _ *aerv1.Decision) { a.UserId = "U2" },
		"other org":         func(a *aerv1.Anomaly, _ *aerv1.Decision) { a.OrgId = "O2" },
		"other anomaly":     func(a *aerv1.Anomaly, _ *aerv1.Decision) { a.Id = "A9" },
		"no id":             func(_ *aerv1.Anomaly, d *aerv1.Decision) { d.Id = "" },
		"no user":           func(a *aerv1.Anomaly, d *aerv1.Decision) { a.UserId, d.UserId = "", "" },
		"no org":            func(a *aerv1.Anomaly, d *aerv1.Decision) { a.OrgId, d.OrgId = "", "" },
		"no anomaly id":     func(a *aerv1.Anomaly, d *aerv1.Decision) { a.Id, d.AnomalyId = "", "" },
		"an outcome beyond": func(_ *aerv1.Anomaly, d *aerv1.Decision) { d.Outcome = 99 },
	}
	for n, name := range aerv1.Decision_Outcome_name {
		if o := aerv1.Decision_Outcome(n); o != aerv1.Decision_RESPOND && o != aerv1.Decision_PERSISTING {
			cases[name] = func(_ *aerv1.Anomaly, d *aerv1.Decision) { d.Outcome = o }
		}
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			a, d := respondTo("O1", "U1", "D1")
			change(a, d)
			if err := f.Respond(context.Background(), a, d); !errors.Is(err, response.ErrRefused) {
				t.Errorf("error is %v", err)
			}
			f.wantNothing()
		})
	}
	f := newFixture(t)
	if err := f.Respond(context.Background(), nil, nil); !errors.Is(err, response.ErrRefused) {
		t.Errorf("nothing at all: error is %v", err)
	}
}

func TestSameIDForAnotherUserIsRefused(t *testing.T) {
	f := newFixture(t)
	f.mustRespond()
	a, d := respondTo("O1", "U2", "D1")
	if err := f.Respond(context.Background(), a, d); !errors.Is(err, response.ErrRefused) {
		t.Errorf("error is %v", err)
	}
	f.wantOnce()
}

func TestDuplicatesDoNothingMore(t *testing.T) {
	f := newFixture(t)
	first := f.mustRespond()
	f.clock.now = f.clock.now.Add(24 * time.Hour)
	f.world.SignIn("O1", "U1", "S3")
	for range 2 {
		again := f.mustRespond()
		wantSame(t, first, again)
		f.restart()
	}
	f.wantOnce()
	if diff := cmp.Diff([]string{"S3"}, f.world.Alive("O1", "U1")); diff != "" {
		t.Errorf("the new login was ended: %s", diff)
	}
}

func wantSame(t *testing.T, a, b *result) {
	t.Helper()
	if !proto.Equal(a.Response, b.Response) || !proto.Equal(a.Audit, b.Audit) {
		t.Errorf("results differ:\n%v\n%v", a, b)
	}
	if diff := cmp.Diff(a.Notifications, b.Notifications, protocmp.Transform()); diff != "" {
		t.Errorf("notifications differ:\n%s", diff)
	}
}

// TestConcurrentDeliveries: several goroutines of two responders on one ledger, as two workers would.
func TestConcurrentDeliveries(t *testing.T) {
	f := newFixture(t)
	c := f.config(f.store)
	// Who waits lets others work, and no time passes: else the leases of those at work would run out.
	c.Retry.Sleep = func(ctx context.Context, _ time.Duration) error { runtime.Gosched(); return ctx.Err() }
	other, mine := newResponder(t, c), newResponder(t, c)
	a, d := respondTo("O1", "U1", "D1")
	var finished atomic.Int32
	var wg sync.WaitGroup
	for i := range 16 {
		r := mine
		if i%2 == 1 {
			r = other
		}
		wg.Go(func() {
			err := r.Respond(context.Background(), a, d)
			if errors.Is(err, response.ErrPending) || errors.Is(err, response.ErrNotTaken) {
				return // it lost patience with the other worker's claim
			}
			if err != nil {
				t.Error(err)
				return
			}
			finished.Add(1)
		})
	}
	wg.Wait()
	f.wantOnce()
	if finished.Load() == 0 {
		t.Fatal("nobody finished")
	}
	if n := f.wantRows(); n > 0 {
		t.Errorf("%d rows are there more than once", n)
	}
	for what, n := range f.world.Calls() {
		if n != 1 {
			t.Errorf("%s was asked for %d times", what, n)
		}
	}
}

func TestTransientErrorsAreRetried(t *testing.T) {
	for _, at := range []string{"before revoke", "after revoke", "before audit", "after audit", "before notify email", "after notify dm",
		"before begin open", "after begin revoke", "before done revoke", "after done plan", "before begin notify", "after done close",
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
		{"before revoke", "revoke U1: failed (1)\nnotify U1 email: done (1)\nnotify U8 dm: done (1)\nnotify U8 email: done (1)\n", 0, 3},
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
			if len(f.world.Audit()) != c.audit || (res.Audit != nil) != (c.audit > 0) || len(f.world.Messages()) != c.messages || len(res.Notifications) != c.messages {
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
		if s := res.Response.GetSteps()[0]; s.GetState() != response.StepFailed || !strings.Contains(s.GetDetail(), "useful until 2026-11-22T10:10:00Z") {
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
			if !errors.Is(err, response.ErrPending) || res.Response.GetSteps()[0].GetState() != response.StepPending || res.Response.GetDoneAt() != nil {
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
		if err := f.Respond(context.Background(), a, d); err != nil || f.result("O1", "D1").Response.GetSteps()[0].GetState() != response.StepFailed {
			t.Errorf("error is %v, or sessions were ended", err)
		}
	})
}

func TestResumeFinishesWhatIsPending(t *testing.T) {
	f := newFixture(t)
	f.point = failing("before notify dm", 1<<30, errServer)
	err := f.respond()
	if !errors.Is(err, response.ErrPending) || !strings.Contains(err.Error(), "notify dm: 503") || len(f.world.Messages()) != 2 {
		t.Fatalf("%d messages, %v", len(f.world.Messages()), err)
	}
	if res := f.result("O1", "D1"); len(f.rows.Of(warehouse.Responses)) != 0 || res.Audit != nil || res.Notifications != nil {
		t.Errorf("rows of a response that is open: %v", res)
	}
	if done, err := f.Resume(context.Background()); done != 0 || !errors.Is(err, response.ErrPending) {
		t.Fatalf("resumed %v, %v", done, err)
	}
	f.point = failing("", 0, nil)
	f.restart()
	f.clock.now = f.clock.now.Add(time.Hour) // far beyond a reset's usefulness, within a message's
	done, err := f.Resume(context.Background())
	if err != nil || done != 1 || len(response.Failed(f.result("O1", "D1").Response)) != 0 {
		t.Fatalf("resumed %v, %v", done, err)
	}
	f.wantOnce()
	if done, err := f.Resume(context.Background()); done != 0 || err != nil {
		t.Errorf("resumed again: %v, %v", done, err)
	}
}

// A process died while it opened a response, and another is asked on the same ledger within the lease: the decision is
// written down nowhere, so that it must not count as pending, or it would be lost.
func TestWhatIsNotWrittenDownIsNotPending(t *testing.T) {
	f := newFixture(t)
	shared := f.store.Reopen()
	f.Responder = newResponder(t, f.config(shared))
	if _, err := ledger.New(shared).Begin(context.Background(), ledger.Key{OrgID: "O1", ResponseID: "D1", Kind: response.KindOpen}, f.clock.now); err != nil {
		t.Fatal(err)
	}
	if err := f.respond(); !errors.Is(err, response.ErrNotTaken) || errors.Is(err, response.ErrPending) {
		t.Fatalf("error is %v", err)
	}
	f.clock.now = f.clock.now.Add(ledger.Lease)
	f.mustRespond()
	f.wantOnce()
}

// One response that nobody can read, written by a newer version or damaged, must not keep those of others waiting.
func TestResumeGoesPastWhatItCannotRead(t *testing.T) {
	f := newFixture(t)
	ctx, l := context.Background(), ledger.New(f.store)
	for _, k := range []ledger.Key{
		{OrgID: "O2", ResponseID: "D9", Kind: response.KindOpen},
		{OrgID: "O2", ResponseID: "D9", Kind: "of a newer version"},
		{OrgID: "O3", ResponseID: "D8", Kind: response.KindOpen},
	} {
		if _, err := l.Begin(ctx, k, f.clock.now); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Done(ctx, k, f.clock.now, "no JSON"); err != nil {
			t.Fatal(err)
		}
	}
	f.point = failing("before notify dm", 1<<30, errServer)
	if err := f.respond(); !errors.Is(err, response.ErrPending) {
		t.Fatal(err)
	}
	f.point = failing("", 0, nil)
	done, err := f.Resume(ctx)
	if done != 1 || err == nil || !strings.Contains(err.Error(), `"D9"`) || !strings.Contains(err.Error(), `"D8"`) {
		t.Errorf("resumed %d, error is %v", done, err)
	}
	f.wantOnce()
}

func TestPlanIsFixedOnceSessionsAreEnded(t *testing.T) {
	f := newFixture(t)
	f.point = failing("before audit", 1<<30, errServer)
	if err := f.respond(); !errors.Is(err, response.ErrPending) {
		t.Fatal(err)
	}
	ctx := context.Background()
	if err := stored.New(f.store).Put(ctx, &aerv1.Settings{OrgId: "O1", Version: "v2"}, "v1"); err != nil {
		t.Fatal(err)
	}
	if err := sinktest.PutPeople(ctx, f.store, &aerv1.Directory{OrgId: "O1", Name: "Renamed"}); err != nil {
		t.Fatal(err)
	}
	f.point = failing("", 0, nil)
	f.mustRespond()
	f.wantOnce()
}

func TestUnknownPeople(t *testing.T) {
	f := newFixture(t)
	f.world.SignIn("O9", "U1", "S1")
	a, d := respondTo("O9", "U1", "D1")
	if err := f.Respond(context.Background(), a, d); err != nil {
		t.Fatal(err)
	}
	res := f.result("O9", "D1")
	if got := steps(res.Response); got != "revoke U1: done (1)\naudit audit: done (1)\nnotify U1 email: failed (1)\n" {
		t.Errorf("steps are\n%s", got)
	}
	if detail := res.Response.GetSteps()[2].GetDetail(); !strings.Contains(detail, "address is empty") {
		t.Errorf("detail is %q", detail)
	}
}

func TestDefaultsTellAdminsOfOrganisationsWithoutSettings(t *testing.T) {
	f := newFixture(t)
	_, d9 := orgOf("O9", "U1")
	if err := sinktest.PutPeople(context.Background(), f.store, d9); err != nil {
		t.Fatal(err)
	}
	c := f.config(f.store)
	c.Defaults = func(org string) *aerv1.Settings { s, _ := orgOf(org, "U1"); return s }
	a, d := respondTo("O9", "U1", "D1")
	err := newResponder(t, c).Respond(context.Background(), a, d)
	if n := len(f.world.Messages()); err != nil || n != 3 {
		t.Errorf("%d messages, %v", n, err)
	}
}

func TestScopeListed(t *testing.T) {
	f := newFixture(t)
	c := f.config(f.store)
	c.Scope = sessions.ScopeListed
	a, d := respondTo("O1", "U1", "D1")
	if err := newResponder(t, c).Respond(context.Background(), a, d); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"S1"}, f.world.Alive("O1", "U1")); diff != "" {
		t.Errorf("alive (-want +got):\n%s", diff)
	}
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

// TestPanicLeavesTheStepFree: a bundle that panicked and is tried again by the same process must not wait for the lease.
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
	c.Sessions, c.Notifier = sessions.Failing{Err: retry.Permanent(errServer)}, notify.Failing{Err: retry.Permanent(errServer)}
	a, d := respondTo("O1", "U1", "D1")
	err := newResponder(t, c).Respond(context.Background(), a, d)
	if res := f.result("O1", "D1"); err != nil || len(response.Failed(res.Response)) != 4 {
		t.Errorf("result is %v, %v", res, err)
	}
}

func TestListAndShow(t *testing.T) {
	ctx := context.Background()
	f := newFixture(t)
	f.point = failing("before notify dm", 1<<30, errServer)
	_ = f.respond()
	one, err := response.Show(ctx, ledger.New(f.store), "O1", "D1")
	if err != nil || !one.Open || len(one.Notifications) != 3 || len(one.Response.GetSteps()) != 5 || one.Decision.GetId() != "D1" {
		t.Errorf("open response is %+v, %v", one, err)
	}
	f.point = failing("", 0, nil)
	done := f.mustRespond()
	all, err := response.List(ctx, ledger.New(f.store), "")
	if err != nil || len(all) != 1 || all[0].Open || !proto.Equal(all[0].Response, done.Response) {
		t.Errorf("responses are %+v, %v", all, err)
	}
	if _, err := response.Show(ctx, ledger.New(f.store), "O2", "D1"); !errors.Is(err, kv.ErrNotFound) {
		t.Errorf("another organisation sees it: %v", err)
	}
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	if _, err := response.New(response.Config{}); err == nil || !strings.Contains(err.Error(), "Ledger is missing") {
		t.Errorf("error is %v", err)
	}
}
