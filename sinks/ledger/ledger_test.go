// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/sinktest"
)

func TestLedger(t *testing.T) { sinktest.Engines(t, ledgerSuite) }

func TestIntegrationFirestore(t *testing.T) {
	sinktest.OnFirestoreEmulator(t, func(t *testing.T, open sinktest.Open[kv.Store]) {
		ledgerSuite(t, open)
		openSuite(t, open)
		beforeTheIndex(t, open)
	})
}

func ledgerSuite(t *testing.T, open sinktest.Open[kv.Store]) { suite(t, sinktest.On(open, ledger.New)) }

func suite(t *testing.T, open sinktest.Open[ledger.Ledger]) {
	k := ledger.Key{OrgID: "O1", ResponseID: "R1", Kind: "revoke", Target: "U1"}
	ctx := context.Background()
	t.Run("a claim is given once", func(t *testing.T) {
		l, _ := open(t)
		var got atomic.Int32
		sinktest.Together(func(int) {
			e, err := l.Begin(ctx, k, sinktest.T0)
			if err != nil {
				t.Error(err)
			}
			if e.State == ledger.StateClaimed {
				got.Add(1)
			} else if e.State != ledger.StateBusy {
				t.Errorf("state is %q, want busy", e.State)
			}
		})
		if got.Load() != 1 {
			t.Errorf("%d callers got the claim", got.Load())
		}
	})
	t.Run("done is final and durable", func(t *testing.T) {
		l, reopen := open(t)
		begin(t, l, k, sinktest.T0, ledger.StateClaimed)
		done, err := l.Done(ctx, k, sinktest.T0.Add(time.Second), "3 ended")
		sinktest.Must(t, err)
		again, err := l.Done(ctx, k, sinktest.T0.Add(time.Hour), "other")
		sinktest.Must(t, err)
		late, err := l.Failed(ctx, k, sinktest.T0.Add(time.Hour), "late failure")
		sinktest.Must(t, err)
		after := begin(t, reopen(), k, sinktest.T0.Add(48*time.Hour), ledger.StateDone)
		for _, e := range []ledger.Entry{again, late, after} {
			if diff := cmp.Diff(done, e); diff != "" {
				t.Errorf("final entry changed (-first +now):\n%s", diff)
			}
		}
		if after.Result != "3 ended" || after.Attempts != 1 || !after.DoneAt.Equal(sinktest.T0.Add(time.Second)) {
			t.Errorf("entry is %+v", after)
		}
	})
	t.Run("failed is final and durable", func(t *testing.T) {
		l, reopen := open(t)
		begin(t, l, k, sinktest.T0, ledger.StateClaimed)
		_, err := l.Failed(ctx, k, sinktest.T0, "user_not_found")
		sinktest.Must(t, err)
		if e := begin(t, reopen(), k, sinktest.T0.Add(time.Hour), ledger.StateFailed); e.Detail != "user_not_found" {
			t.Errorf("detail is %q", e.Detail)
		}
	})
	t.Run("only what failed is re-armed", func(t *testing.T) {
		l, reopen := open(t)
		_, err := l.Rearm(ctx, k, "again")
		sinktest.WantIs(t, err, kv.ErrNotFound)
		begin(t, l, k, sinktest.T0, ledger.StateClaimed)
		if e, err := l.Rearm(ctx, k, "again"); err != nil || e.State != ledger.StateClaimed {
			t.Errorf("a claimed step: %+v, %v", e, err)
		}
		_, err = l.Failed(ctx, k, sinktest.T0, "refused")
		sinktest.Must(t, err)
		if e, err := l.Rearm(ctx, k, "again"); err != nil || e.State != ledger.StatePending || e.Detail != "again" ||
			!e.DoneAt.IsZero() {
			t.Errorf("a failed step: %+v, %v", e, err)
		}
		l = reopen()
		if e := begin(t, l, k, sinktest.T0.Add(time.Hour), ledger.StateClaimed); e.Attempts != 2 ||
			!e.FirstAt.Equal(sinktest.T0) {
			t.Errorf("claim after re-arming is %+v", e)
		}
		done, err := l.Done(ctx, k, sinktest.T0.Add(time.Hour), "2 ended")
		sinktest.Must(t, err)
		again, err := l.Rearm(ctx, k, "again")
		sinktest.Must(t, err)
		if diff := cmp.Diff(done, again); diff != "" {
			t.Errorf("a step that was done changed (-before +after):\n%s", diff)
		}
	})
	t.Run("released is claimed again", func(t *testing.T) {
		l, _ := open(t)
		first := begin(t, l, k, sinktest.T0, ledger.StateClaimed)
		sinktest.Must(t, l.Release(ctx, first, "timeout"))
		second := begin(t, l, k, sinktest.T0, ledger.StateClaimed)
		if second.Attempts != 2 || second.Detail != "timeout" {
			t.Errorf("second claim is %+v", second)
		}
		sinktest.Must(t, l.Release(ctx, first, "stale")) // by somebody whose claim has passed on
		begin(t, l, k, sinktest.T0, ledger.StateBusy)
	})
	t.Run("a claim outlives neither its process nor its lease", func(t *testing.T) {
		l, reopen := open(t)
		begin(t, l, k, sinktest.T0, ledger.StateClaimed)
		begin(t, l, k, sinktest.T0.Add(ledger.Lease-1), ledger.StateBusy)
		begin(t, l, k, sinktest.T0.Add(ledger.Lease), ledger.StateClaimed)
		l = reopen()
		if e := begin(t, l, k, sinktest.T0.Add(2*ledger.Lease), ledger.StateClaimed); e.Attempts != 3 ||
			!e.FirstAt.Equal(sinktest.T0) {
			t.Errorf("claim after restart is %+v", e)
		}
	})
	t.Run("keys do not run together", func(t *testing.T) { ledgerHostile(t, open) })
	t.Run("bad calls", func(t *testing.T) { ledgerBadCalls(t, open) })
}

func ledgerHostile(t *testing.T, open sinktest.Open[ledger.Ledger]) {
	ctx := context.Background()
	l, _ := open(t)
	var keys []ledger.Key
	for _, org := range []aerv1.OrgID{"a", "a/b", "a\x00b", "а"} {
		for _, id := range sinktest.HostileIDs {
			keys = append(keys, ledger.Key{OrgID: org, ResponseID: aerv1.DecisionID(id), Kind: "notify"},
				ledger.Key{OrgID: org, ResponseID: "R", Kind: "notify", Target: id, Channel: "dm"})
		}
	}
	ids := map[string]bool{}
	for _, k := range keys {
		begin(t, l, k, sinktest.T0, ledger.StateClaimed)
		_, err := l.Done(ctx, k, sinktest.T0, k.String())
		sinktest.Must(t, err)
		ids[k.ID()] = true
	}
	if len(ids) != len(keys) {
		t.Errorf("%d keys have %d ids", len(keys), len(ids))
	}
	for _, k := range keys {
		if e := begin(t, l, k, sinktest.T0, ledger.StateDone); e.Result != k.String() || e.Key != k {
			t.Errorf("entry of %s belongs to %s", k, e.Key)
		}
		one, err := l.List(ctx, k.OrgID, k.ResponseID)
		sinktest.Must(t, err)
		for _, e := range one {
			if e.Key.OrgID != k.OrgID || e.Key.ResponseID != k.ResponseID {
				t.Fatalf("list of %s holds %s", k, e.Key)
			}
		}
	}
	all, err := l.List(ctx, "", "")
	sinktest.Must(t, err)
	if len(all) != len(keys) {
		t.Errorf("ledger lists %d entries, want %d", len(all), len(keys))
	}
	own, err := l.List(ctx, "a", "")
	sinktest.Must(t, err)
	if len(own) != len(keys)/4 {
		t.Errorf("org lists %d entries, want %d", len(own), len(keys)/4)
	}
}

func ledgerBadCalls(t *testing.T, open sinktest.Open[ledger.Ledger]) {
	ctx := context.Background()
	l, _ := open(t)
	k := ledger.Key{OrgID: "O1", ResponseID: "R1", Kind: "audit"}
	_, err := l.Done(ctx, k, sinktest.T0, "")
	sinktest.WantIs(t, err, kv.ErrNotFound)
	_, err = l.Get(ctx, k)
	sinktest.WantIs(t, err, kv.ErrNotFound)
	for _, bad := range []ledger.Key{{}, {OrgID: "O1", Kind: "audit"}, {OrgID: "\xff", ResponseID: "R1", Kind: "audit"}} {
		if _, err := l.Begin(ctx, bad, sinktest.T0); err == nil {
			t.Errorf("key %v was accepted", bad)
		}
	}
	_, err = l.Begin(sinktest.Cancelled(), k, sinktest.T0)
	sinktest.WantIs(t, err, context.Canceled)
	begin(t, l, k, sinktest.T0, ledger.StateClaimed) // the cancelled call claimed nothing
}

func begin(t *testing.T, l ledger.Ledger, k ledger.Key, now time.Time, want ledger.State) ledger.Entry {
	t.Helper()
	e, err := l.Begin(context.Background(), k, now)
	sinktest.Must(t, err)
	if e.State != want {
		t.Fatalf("beginning %s: state is %q, want %q", k, e.State, want)
	}
	return e
}
