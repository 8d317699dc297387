package sinktest

import (
	"context"
	"testing"
	"time"

	"github.com/aer-project/aer/sinks/store"
)

// SessionTable checks an implementation of store.SessionTable.
func SessionTable(t *testing.T, open Open[store.SessionTable]) {
	ctx := context.Background()
	t.Run("an ended session stays ended", func(t *testing.T) {
		s, reopen := open(t)
		start := store.Session{OrgID: "O1", UserID: "U1", SessionID: "S1", StartedAt: T0}
		must(t, s.Start(ctx, start, start))
		_, err := s.End(ctx, store.EndRequest{Key: "k1", OrgID: "O1", UserID: "U1", At: T0.Add(time.Minute)})
		must(t, err)
		s = reopen()
		must(t, s.Start(ctx, start))
		all, err := s.List(ctx, "O1", "U1")
		must(t, err)
		if len(all) != 1 || all[0].EndedBy != "k1" || !all[0].EndedAt.Equal(T0.Add(time.Minute)) || !all[0].StartedAt.Equal(T0) {
			t.Errorf("sessions are %+v", all)
		}
	})
	t.Run("users are apart", func(t *testing.T) {
		s, _ := open(t)
		for _, org := range []string{"a", "a/b", "а"} {
			for _, user := range HostileIDs {
				must(t, s.Start(ctx, store.Session{OrgID: org, UserID: user, SessionID: "S"}))
			}
		}
		for _, user := range HostileIDs {
			res, err := s.End(ctx, store.EndRequest{Key: "k", OrgID: "a", UserID: user, At: T0})
			must(t, err)
			if res.Ended != 1 || res.Already {
				t.Errorf("ending %q: %+v", user, res)
			}
		}
		for _, user := range HostileIDs {
			all, err := s.List(ctx, "a/b", user)
			must(t, err)
			if len(all) != 1 || !all[0].EndedAt.IsZero() || all[0].UserID != user {
				t.Errorf("sessions of %q in the other organisation: %+v", user, all)
			}
		}
	})
	t.Run("bad calls", func(t *testing.T) {
		s, _ := open(t)
		if s.Start(ctx, store.Session{OrgID: "O1", UserID: "U1"}) == nil {
			t.Error("a session without id was accepted")
		}
		if _, err := s.End(ctx, store.EndRequest{OrgID: "O1", UserID: "U1"}); err == nil {
			t.Error("an end without key was accepted")
		}
		wantIs(t, s.Start(cancelled(), store.Session{OrgID: "O1", UserID: "U1", SessionID: "S1"}), context.Canceled)
	})
}
