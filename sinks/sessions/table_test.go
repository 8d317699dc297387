// SPDX-License-Identifier: Apache-2.0

package sessions_test

import (
	"context"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/sinktest"
)

func TestTable(t *testing.T) { sinktest.Engines(t, onStore) }

func TestIntegrationFirestore(t *testing.T) { sinktest.OnFirestoreEmulator(t, onStore) }

func onStore(t *testing.T, open sinktest.Open[kv.Store]) {
	tableSuite(t, sinktest.On(open, sessions.NewTable))
}

func tableSuite(t *testing.T, open sinktest.Open[sessions.Table]) {
	ctx := context.Background()
	t.Run("an ended session stays ended", func(t *testing.T) {
		s, reopen := open(t)
		start := sessions.Session{OrgID: "O1", UserID: "U1", SessionID: "S1", StartedAt: sinktest.T0}
		sinktest.Must(t, s.Start(ctx, start, start))
		_, err := s.End(ctx, sessions.EndRequest{Key: "k1", OrgID: "O1", UserID: "U1", At: sinktest.T0.Add(time.Minute)})
		sinktest.Must(t, err)
		s = reopen()
		sinktest.Must(t, s.Start(ctx, start))
		all, err := s.List(ctx, "O1", "U1")
		sinktest.Must(t, err)
		if len(all) != 1 || all[0].EndedBy != "k1" || !all[0].EndedAt.Equal(sinktest.T0.Add(time.Minute)) ||
			!all[0].StartedAt.Equal(sinktest.T0) {
			t.Errorf("sessions are %+v", all)
		}
	})
	t.Run("users are apart", func(t *testing.T) {
		s, _ := open(t)
		for _, org := range []string{"a", "a/b", "а"} {
			for _, user := range sinktest.HostileIDs {
				sinktest.Must(t,
					s.Start(ctx, sessions.Session{OrgID: aerv1.OrgID(org), UserID: aerv1.UserID(user), SessionID: "S"}))
			}
		}
		for _, user := range sinktest.HostileIDs {
			res, err := s.End(ctx, sessions.EndRequest{Key: "k", OrgID: "a", UserID: aerv1.UserID(user), At: sinktest.T0})
			sinktest.Must(t, err)
			if res.Ended != 1 || res.Already {
				t.Errorf("ending %q: %+v", user, res)
			}
		}
		for _, user := range sinktest.HostileIDs {
			all, err := s.List(ctx, "a/b", aerv1.UserID(user))
			sinktest.Must(t, err)
			if len(all) != 1 || !all[0].EndedAt.IsZero() || string(all[0].UserID) != user {
				t.Errorf("sessions of %q in the other organisation: %+v", user, all)
			}
		}
	})
	t.Run("bad calls", func(t *testing.T) {
		s, _ := open(t)
		if s.Start(ctx, sessions.Session{OrgID: "O1", UserID: "U1"}) == nil {
			t.Error("a session without id was accepted")
		}
		if _, err := s.End(ctx, sessions.EndRequest{OrgID: "O1", UserID: "U1"}); err == nil {
			t.Error("an end without key was accepted")
		}
		sinktest.WantIs(t, s.Start(sinktest.Cancelled(), sessions.Session{OrgID: "O1", UserID: "U1", SessionID: "S1"}),
			context.Canceled)
	})
}
