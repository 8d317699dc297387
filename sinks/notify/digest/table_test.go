// SPDX-License-Identifier: Apache-2.0

package digest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/sinktest"
)

const someWindow = 10 * time.Minute

func TestTable(t *testing.T) { sinktest.Engines(t, onStore) }

func TestIntegrationFirestore(t *testing.T) { sinktest.OnFirestoreEmulator(t, onStore) }

func onStore(t *testing.T, open sinktest.Open[kv.Store]) {
	suite(t, sinktest.On(open, func(s kv.Store) table { return table{s} }))
}

// Listed returns the digests in the order in which they began, without what they hold.
func Listed(t *testing.T, db kv.Store) (all []Digest) {
	t.Helper()
	sinktest.Must(t, db.View(context.Background(), func(tx kv.Tx) error {
		all = nil
		return tx.Scan(bucket, kv.Of(digestRecord), func(_, v []byte) error {
			var one Digest
			err := json.Unmarshal(v, &one)
			all = append(all, one)
			return err
		})
	}))
	return all
}

func suite(t *testing.T, open sinktest.Open[table]) {
	ctx := context.Background()
	note := func(id string) *aerv1.Notification {
		n := sinktest.SomeNotification(id, notify.ChannelEmail, "u1@example.com")
		n.UserId = "U9"
		return n
	}
	admit := func(t *testing.T, d table, n *aerv1.Notification, at time.Time) bool {
		t.Helper()
		held, err := d.admit(ctx, n, at, 2, someWindow)
		sinktest.Must(t, err)
		return held
	}
	due := func(t *testing.T, d table, at time.Time, all bool) []Digest {
		t.Helper()
		list, err := d.due(ctx, at, all)
		sinktest.Must(t, err)
		return list
	}
	ids := func(d Digest) (all []string) {
		for _, n := range d.Held {
			all = append(all, n.GetId())
		}
		return all
	}
	t.Run("the first pass, the others are held, and it stays so", func(t *testing.T) {
		d, reopen := open(t)
		for round := range 3 {
			for i := range 5 {
				if held, want := admit(t, d, note(fmt.Sprint("N", i)), sinktest.T0.Add(time.Duration(round)*time.Hour)),
					i >= 2; held != want {
					t.Errorf("round %d: N%d held %v, want %v", round, i, held, want)
				}
			}
			d = reopen()
		}
		list := due(t, d, sinktest.T0.Add(someWindow), false)
		if len(list) != 1 || list[0].Count != 3 || !list[0].Ends.Equal(sinktest.T0.Add(someWindow)) {
			t.Fatalf("digests are %+v", list)
		}
		if diff := cmp.Diff([]string{"N2", "N3", "N4"}, ids(list[0])); diff != "" {
			t.Errorf("held (-want +got):\n%s", diff)
		}
	})
	t.Run("at once, as many pass as may", func(t *testing.T) {
		d, _ := open(t)
		results := make([]bool, sinktest.ParallelCalls)
		sinktest.Together(func(i int) {
			held, err := d.admit(ctx, note(fmt.Sprint("N", i)), sinktest.T0, 2, someWindow)
			if err != nil {
				t.Error(err)
			}
			results[i] = held
		})
		passed := 0
		for _, held := range results {
			if !held {
				passed++
			}
		}
		if list := due(t, d, sinktest.T0.Add(someWindow), false); passed != 2 || len(list) != 1 ||
			len(list[0].Held) != sinktest.ParallelCalls-2 {
			t.Errorf("%d passed, digests are %+v", passed, list)
		}
	})
	t.Run("a window is its own person's and channel's, and ends", func(t *testing.T) {
		d, _ := open(t)
		other, dm, later := note("other"), note("dm"), sinktest.T0.Add(someWindow)
		other.UserId, dm.Channel = "U8", notify.ChannelDM
		for i := range 3 {
			admit(t, d, note(fmt.Sprint("N", i)), sinktest.T0)
		}
		if admit(t, d, other, sinktest.T0) || admit(t, d, dm, sinktest.T0) || admit(t, d, note("later"), later) {
			t.Error("a message was held for what others got, or after the window")
		}
		if list := due(t, d, later.Add(-time.Microsecond), false); len(list) != 0 {
			t.Errorf("due before its time: %+v", list)
		}
	})
	t.Run("claimed once, again after a restart, final when settled", func(t *testing.T) {
		d, reopen := open(t)
		for i := range 3 {
			admit(t, d, note(fmt.Sprint("N", i)), sinktest.T0)
		}
		end := sinktest.T0.Add(someWindow)
		first := due(t, d, end, false)
		if len(first) != 1 || len(due(t, d, end, false)) != 0 {
			t.Fatalf("claimed %+v, and again", first)
		}
		d, end = reopen(), end.Add(ledger.Lease) // where several processes share a store, the lease tells
		second := due(t, d, end, false)
		if len(second) != 1 || second[0].ID != first[0].ID || second[0].Attempts != 2 {
			t.Fatalf("after a restart: %+v", second)
		}
		sinktest.Must(t, d.release(ctx, second[0], "busy"))
		third := due(t, d, end, false)
		if len(third) != 1 || third[0].Detail != "busy" {
			t.Fatalf("after release: %+v", third)
		}
		sinktest.Must(t, d.settle(ctx, third[0], end, ""))
		sinktest.Must(t, d.settle(ctx, third[0], end, "too late"))
		sinktest.Must(t, d.release(ctx, third[0], "too late"))
		d = reopen()
		if list := due(t, d, end.Add(time.Hour), true); len(list) != 0 {
			t.Errorf("sent and due again: %+v", list)
		}
		all := Listed(t, d.db)
		if len(all) != 1 || all[0].State != ledger.StateDone || all[0].Detail != "" {
			t.Errorf("digests are %+v", all)
		}
	})
	t.Run("all ends the windows", func(t *testing.T) {
		d, _ := open(t)
		for i := range 3 {
			admit(t, d, note(fmt.Sprint("N", i)), sinktest.T0)
		}
		at := sinktest.T0.Add(time.Minute)
		if list := due(t, d, at, true); len(list) != 1 || !list[0].Ends.Equal(at) {
			t.Errorf("digests are %+v", list)
		}
		if admit(t, d, note("after"), at) {
			t.Error("held for a digest that was sent")
		}
	})
	t.Run("hostile ids are apart", func(t *testing.T) {
		d, _ := open(t)
		for _, id := range sinktest.HostileIDs {
			for i := range 3 {
				n := note(fmt.Sprint(id, i))
				n.OrgId, n.UserId = id, id
				if held := admit(t, d, n, sinktest.T0); held != (i == 2) {
					t.Errorf("%.40q %d: held %v", id, i, held)
				}
			}
		}
		list := due(t, d, sinktest.T0.Add(someWindow), false)
		seen := map[string]bool{}
		for i, x := range list {
			if string(x.OrgID) != sinktest.HostileIDs[i] || len(x.Held) != 1 ||
				x.Held[0].GetOrgId() != string(x.OrgID) || seen[x.ID] {
				t.Errorf("digest %d of %.40q holds %v", i, x.OrgID, ids(x))
			}
			seen[x.ID] = true
		}
		if len(list) != len(sinktest.HostileIDs) {
			t.Errorf("%d digests, want %d", len(list), len(sinktest.HostileIDs))
		}
	})
	t.Run("bad calls", func(t *testing.T) {
		d, _ := open(t)
		for _, bad := range []*aerv1.Notification{nil, note(""), note("\xff")} {
			if _, err := d.admit(ctx, bad, sinktest.T0, 2, someWindow); err == nil {
				t.Errorf("notification %v was accepted", bad)
			}
		}
		_, err := d.admit(sinktest.Cancelled(), note("N1"), sinktest.T0, 2, someWindow)
		sinktest.WantIs(t, err, context.Canceled)
	})
}
