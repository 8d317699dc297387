// SPDX-License-Identifier: Apache-2.0

package retention_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit/trail"
	"github.com/aer-project/aer/sinks/directory"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/notify/digest"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/sinks/retention"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/sinks/sinktest"
)

// openState opens a copy of a store that the last version before package kv has written: four responses of O1, of which
// one was retried and one is pending, two versions of settings, three sessions of which two were ended by the key k1,
// five audit entries, a journal record, a digest that was sent and one that is held for U7.
func openState(t *testing.T) kv.Store {
	t.Helper()
	f, err := os.Open("../../testdata/state/store-1.db.gz")
	sinktest.Must(t, err)
	defer func() { _ = f.Close() }()
	unpacked, err := gzip.NewReader(f)
	sinktest.Must(t, err)
	raw, err := io.ReadAll(unpacked)
	sinktest.Must(t, err)
	path := filepath.Join(t.TempDir(), "aer.db")
	sinktest.Must(t, os.WriteFile(path, raw, 0o600))
	s, err := kv.Open(path, kv.Options{})
	sinktest.Must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// TestStateOfBefore: everything that an earlier version has stored is found again.
func TestStateOfBefore(t *testing.T) {
	s := openState(t)
	t.Run("settings and people", func(t *testing.T) {
		history, err := settings.New(s).History(ctx, "O1")
		if err != nil || len(history) != 2 || history[0].GetVersion() != "v1" || history[1].GetChangedBy() != "kim" {
			t.Errorf("history is %v, %v", history, err)
		}
		if now, err := settings.New(s).Get(ctx, "O1"); err != nil || now.GetVersion() != "v2" {
			t.Errorf("settings are %v, %v", now, err)
		}
		if d, err := directory.New(s).Get(ctx, "O1"); err != nil || d.GetName() != "Acme" || len(d.GetPeople()) != 2 {
			t.Errorf("directory is %v, %v", d, err)
		}
	})
	t.Run("responses", func(t *testing.T) {
		all, err := response.List(ctx, ledger.New(s), "O1")
		sinktest.Must(t, err)
		open := map[string]bool{}
		for _, r := range all {
			open[r.Decision.GetId()] = r.Open
		}
		if diff := cmp.Diff(map[string]bool{"D-closed": false, "D-failed": false, "D-retried": true, "D-open": true},
			open); diff != "" {
			t.Error(diff)
		}
		refs, err := ledger.New(s).Open(ctx)
		if diff := cmp.Diff([]ledger.Ref{{OrgID: "O1", ResponseID: "D-open"}, {OrgID: "O1", ResponseID: "D-retried"}},
			refs); diff != "" || err != nil {
			t.Errorf("%s%v", diff, err)
		}
	})
	t.Run("audit log", func(t *testing.T) {
		all, err := trail.New(s).List(ctx, "O1")
		if err != nil || len(all) != 3 || all[2].GetId() != "A1" {
			t.Errorf("entries are %v, %v", all, err)
		}
		left, err := trail.NewReader(s, "reader").Next(ctx, 9)
		if err != nil || len(left) != 1 || left[0].Seq != 3 {
			t.Errorf("the reader is given %v, %v", left, err)
		}
	})
	t.Run("sessions", func(t *testing.T) {
		res, err := sessions.NewTable(s).End(ctx, sessions.EndRequest{Key: "k1", OrgID: "O1", UserID: "U1", At: sinktest.T0})
		if err != nil || !res.Already || res.Ended != 2 {
			t.Errorf("ended %v, %v", res, err)
		}
		all, err := sessions.NewTable(s).List(ctx, "O1", "U1")
		if err != nil || len(all) != 3 || all[0].EndedBy != "k1" || !all[2].EndedAt.IsZero() {
			t.Errorf("sessions are %v, %v", all, err)
		}
	})
	t.Run("digests", func(t *testing.T) {
		world := sinktest.NewWorld()
		d, err := digest.New(world, s, digest.Config{AfterMessages: 2, Window: time.Minute},
			digest.Options{Now: func() time.Time { return sinktest.T0.Add(time.Hour) }})
		sinktest.Must(t, err)
		for i := range 3 { // the first two had passed, the third is held
			sinktest.Must(t, d.Notify(ctx, message(fmt.Sprint("M", i), "U7")))
		}
		sent, err := d.Flush(ctx)
		if got := world.Messages(); err != nil || sent != 1 || len(got) != 3 || got[2].GetId() == "M2" {
			t.Errorf("%d digests sent, %v; messages %v", sent, err, got)
		}
	})
}

func message(id, user string) *aerv1.Notification {
	return &aerv1.Notification{Id: id, OrgId: "O1", UserId: user, Channel: notify.ChannelEmail,
		Address: "olu@acme.example",
		Subject: "s", Text: "t", Html: "t", Language: "en", Roles: []string{aerv1.RoleSecurityAdmin}}
}

// TestStateOfBeforeIsForgotten: what has no date yet gets that of the first pass, and goes with a later one.
func TestStateOfBeforeIsForgotten(t *testing.T) {
	s := openState(t)
	for _, n := range []int{1000, 1100, 1101} {
		if done, err := retention.Forget(ctx, s, short, sinktest.T0.Add(time.Duration(n)*day)); !done || err != nil {
			t.Fatalf("%v, %v", done, err)
		}
	}
	left := map[string]int{}
	sinktest.Must(t, s.View(ctx, func(tx kv.Tx) error {
		clear(left)
		for _, b := range []string{"ledger", "audit", "audit_ids", "settings_history", "sessions", "session_ends",
			"journal", "digests"} {
			err := tx.Scan(b, kv.Range{}, func(k, _ []byte) error {
				for _, id := range []string{"D-closed", "D-failed", "D-open", "D-retried", "S0", "S1", "S2"} {
					if strings.Contains(string(k), id) {
						left[id]++
						return nil
					}
				}
				left[b]++
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
	// The responses that are open, the session that is alive, the settings in force, and the digest that is still to be
	// sent.
	want := map[string]int{"D-open": 2, "D-retried": 8, "S2": 1, "settings_history": 1, "digests": 3}
	if diff := cmp.Diff(want, left); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
}
