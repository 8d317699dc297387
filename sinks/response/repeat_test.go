// SPDX-License-Identifier: Apache-2.0

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
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/response"
	stored "github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/sinks/warehouse"
)

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

func TestResumeFinishesWhatIsPending(t *testing.T) {
	f := newFixture(t)
	f.point = failing("before notify dm", 1<<30, errServer)
	err := f.respond()
	if !errors.Is(err, response.ErrPending) || !strings.Contains(err.Error(), "notify dm: 503") ||
		len(f.world.Messages()) != 2 {
		t.Fatalf("%d messages, %v", len(f.world.Messages()), err)
	}
	if res := f.result("O1", "D1"); len(f.rows.Of(warehouse.Responses)) != 0 || res.Audit != nil ||
		res.Notifications != nil {
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
	if _, err := ledger.New(shared).Begin(context.Background(),
		ledger.Key{OrgID: "O1", ResponseID: "D1", Kind: response.KindOpen}, f.clock.now); err != nil {
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
