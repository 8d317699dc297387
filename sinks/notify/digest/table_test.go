package sinktest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/store"
)

const digestWindow = 10 * time.Minute

// Digests checks an implementation of store.Digests.
func Digests(t *testing.T, open Open[store.Digests]) {
	ctx := context.Background()
	note := func(id string) *aerv1.Notification {
		n := someNotification(id, notify.ChannelEmail, "u1@example.com")
		n.UserId = "U9"
		return n
	}
	admit := func(t *testing.T, d store.Digests, n *aerv1.Notification, at time.Time) bool {
		t.Helper()
		held, err := d.Admit(ctx, n, at, 2, digestWindow)
		must(t, err)
		return held
	}
	due := func(t *testing.T, d store.Digests, at time.Time, all bool) []store.Digest {
		t.Helper()
		list, err := d.Due(ctx, at, all)
		must(t, err)
		return list
	}
	ids := func(d store.Digest) (all []string) {
		for _, n := range d.Held {
			all = append(all, n.GetId())
		}
		return all
	}
	t.Run("the first pass, the others are held, and it stays so", func(t *testing.T) {
		d, reopen := open(t)
		for round := range 3 {
			for i := range 5 {
				if held, want := admit(t, d, note(fmt.Sprint("N", i)), T0.Add(time.Duration(round)*time.Hour)), i >= 2; held != want {
					t.Errorf("round %d: N%d held %v, want %v", round, i, held, want)
				}
			}
			d = reopen()
		}
		list := due(t, d, T0.Add(digestWindow), false)
		if len(list) != 1 || list[0].Count != 3 || !list[0].Ends.Equal(T0.Add(digestWindow)) {
			t.Fatalf("digests are %+v", list)
		}
		if diff := cmp.Diff([]string{"N2", "N3", "N4"}, ids(list[0])); diff != "" {
			t.Errorf("held (-want +got):\n%s", diff)
		}
	})
	t.Run("at once, as many pass as may", func(t *testing.T) {
		d, _ := open(t)
		results := make([]bool, parallelCalls)
		together(func(i int) {
			held, err := d.Admit(ctx, note(fmt.Sprint("N", i)), T0, 2, digestWindow)
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
		if list := due(t, d, T0.Add(digestWindow), false); passed != 2 || len(list) != 1 || len(list[0].Held) != parallelCalls-2 {
			t.Errorf("%d passed, digests are %+v", passed, list)
		}
	})
	t.Run("a window is its own person's and channel's, and ends", func(t *testing.T) {
		d, _ := open(t)
		other, dm, later := note("other"), note("dm"), T0.Add(digestWindow)
		other.UserId, dm.Channel = "U8", notify.ChannelDM
		for i := range 3 {
			admit(t, d, note(fmt.Sprint("N", i)), T0)
		}
		if admit(t, d, other, T0) || admit(t, d, dm, T0) || admit(t, d, note("later"), later) {
			t.Error("a message was held for what others got, or after the window")
		}
		if list := due(t, d, later.Add(-time.Microsecond), false); len(list) != 0 {
			t.Errorf("due before its time: %+v", list)
		}
	})
	t.Run("claimed once, again after a restart, final when settled", func(t *testing.T) {
		d, reopen := open(t)
		for i := range 3 {
			admit(t, d, note(fmt.Sprint("N", i)), T0)
		}
		end := T0.Add(digestWindow)
		first := due(t, d, end, false)
		if len(first) != 1 || len(due(t, d, end, false)) != 0 {
			t.Fatalf("claimed %+v, and again", first)
		}
		d = reopen()
		second := due(t, d, end, false)
		if len(second) != 1 || second[0].ID != first[0].ID || second[0].Attempts != 2 {
			t.Fatalf("after a restart: %+v", second)
		}
		must(t, d.Release(ctx, second[0], "busy"))
		third := due(t, d, end, false)
		if len(third) != 1 || third[0].Detail != "busy" {
			t.Fatalf("after release: %+v", third)
		}
		must(t, d.Settle(ctx, third[0], end, ""))
		must(t, d.Settle(ctx, third[0], end, "too late"))
		must(t, d.Release(ctx, third[0], "too late"))
		d = reopen()
		if list := due(t, d, end.Add(time.Hour), true); len(list) != 0 {
			t.Errorf("sent and due again: %+v", list)
		}
		all, err := d.List(ctx, "O1")
		must(t, err)
		if len(all) != 1 || all[0].State != store.StateDone || all[0].Detail != "" {
			t.Errorf("digests are %+v", all)
		}
	})
	t.Run("all ends the windows", func(t *testing.T) {
		d, _ := open(t)
		for i := range 3 {
			admit(t, d, note(fmt.Sprint("N", i)), T0)
		}
		at := T0.Add(time.Minute)
		if list := due(t, d, at, true); len(list) != 1 || !list[0].Ends.Equal(at) {
			t.Errorf("digests are %+v", list)
		}
		if admit(t, d, note("after"), at) {
			t.Error("held for a digest that was sent")
		}
	})
	t.Run("hostile ids are apart", func(t *testing.T) {
		d, _ := open(t)
		for _, id := range HostileIDs {
			for i := range 3 {
				n := note(fmt.Sprint(id, i))
				n.OrgId, n.UserId = id, id
				if held := admit(t, d, n, T0); held != (i == 2) {
					t.Errorf("%.40q %d: held %v", id, i, held)
				}
			}
		}
		list := due(t, d, T0.Add(digestWindow), false)
		seen := map[string]bool{}
		for i, x := range list {
			if x.OrgID != HostileIDs[i] || len(x.Held) != 1 || x.Held[0].GetOrgId() != x.OrgID || seen[x.ID] {
				t.Errorf("digest %d of %.40q holds %v", i, x.OrgID, ids(x))
			}
			seen[x.ID] = true
		}
		if len(list) != len(HostileIDs) {
			t.Errorf("%d digests, want %d", len(list), len(HostileIDs))
		}
	})
	t.Run("bad calls", func(t *testing.T) {
		d, _ := open(t)
		for _, bad := range []*aerv1.Notification{nil, note(""), note("\xff")} {
			if _, err := d.Admit(ctx, bad, T0, 2, digestWindow); err == nil {
				t.Errorf("notification %v was accepted", bad)
			}
		}
		_, err := d.Admit(cancelled(), note("N1"), T0, 2, digestWindow)
		wantIs(t, err, context.Canceled)
	})
}
