package sinktest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aer-project/aer/sinks/sessions"
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

// SessionsUnderTest is an adapter with the means to look behind it.
type SessionsUnderTest struct {
	Adapter sessions.Sessions
	// SignIn opens a session of a user on what the adapter controls.
	SignIn func(orgID, userID, sessionID string)
	// Alive returns the ids of the user's open sessions, sorted.
	Alive func(orgID, userID string) []string
}

// Sessions checks an adapter that ends sessions.
func Sessions(t *testing.T, open Open[SessionsUnderTest]) {
	ctx := context.Background()
	req := sessions.Request{Key: "k1", OrgID: "O1", UserID: "U1", SessionIDs: []string{"S2"}}
	setUp := func(t *testing.T) (SessionsUnderTest, func() SessionsUnderTest) {
		s, reopen := open(t)
		for _, id := range []string{"S1", "S2", "S3"} {
			s.SignIn("O1", "U1", id)
		}
		s.SignIn("O1", "U2", "S4")
		s.SignIn("O2", "U1", "S1")
		return s, reopen
	}
	t.Run("ends all of one user", func(t *testing.T) {
		s, _ := setUp(t)
		wantRevoked(t, s, req, 3, false)
		wantAlive(t, s, "O1", "U1", "[]")
		wantAlive(t, s, "O1", "U2", "[S4]")
		wantAlive(t, s, "O2", "U1", "[S1]")
	})
	t.Run("ends the listed only", func(t *testing.T) {
		s, _ := setUp(t)
		listed := req
		listed.Scope = sessions.ScopeListed
		wantRevoked(t, s, listed, 1, false)
		wantAlive(t, s, "O1", "U1", "[S1 S3]")
	})
	t.Run("once per key, also after a restart and a new login", func(t *testing.T) {
		s, reopen := setUp(t)
		wantRevoked(t, s, req, 3, false)
		s.SignIn("O1", "U1", "S9")
		wantRevoked(t, s, req, 3, true)
		s = reopen()
		wantRevoked(t, s, req, 3, true)
		wantAlive(t, s, "O1", "U1", "[S9]")
		other := req
		other.Key = "k2"
		wantRevoked(t, s, other, 1, false)
	})
	t.Run("once under concurrent calls", func(t *testing.T) {
		s, _ := setUp(t)
		var first atomic.Int32
		together(func(int) {
			res, err := s.Adapter.Revoke(ctx, req)
			if err != nil || res.Ended != 3 {
				t.Errorf("revoking: %+v, %v", res, err)
			}
			if !res.Already {
				first.Add(1)
			}
		})
		if first.Load() != 1 {
			t.Errorf("%d calls say they were the first", first.Load())
		}
	})
	t.Run("nobody to sign out is a success", func(t *testing.T) {
		s, _ := open(t)
		wantRevoked(t, s, req, 0, false)
	})
	t.Run("bad requests are permanent errors", func(t *testing.T) {
		s, _ := setUp(t)
		for _, bad := range []sessions.Request{
			{}, {Key: "k", OrgID: "O1"}, {Key: "k", UserID: "U1"}, {OrgID: "O1", UserID: "U1"},
			{Key: "k", OrgID: "O1", UserID: "U1", Scope: sessions.ScopeListed}, {Key: "k", OrgID: "O1", UserID: "U1", Scope: "some"},
		} {
			if _, err := s.Adapter.Revoke(ctx, bad); err == nil || sessions.Recoverable(err) {
				t.Errorf("request %+v: error is %v, want a permanent one", bad, err)
			}
		}
		wantAlive(t, s, "O1", "U1", "[S1 S2 S3]")
	})
	t.Run("a cancelled call does nothing", func(t *testing.T) {
		s, _ := setUp(t)
		_, err := s.Adapter.Revoke(cancelled(), req)
		wantIs(t, err, context.Canceled)
		if !sessions.Recoverable(err) {
			t.Error("a cancelled call may be repeated")
		}
		wantAlive(t, s, "O1", "U1", "[S1 S2 S3]")
	})
}

func wantRevoked(t *testing.T, s SessionsUnderTest, r sessions.Request, ended int, already bool) {
	t.Helper()
	res, err := s.Adapter.Revoke(context.Background(), r)
	must(t, err)
	if want := (sessions.Result{Ended: ended, Already: already}); res != want {
		t.Errorf("revoked %+v, want %+v", res, want)
	}
}

func wantAlive(t *testing.T, s SessionsUnderTest, org, user, want string) {
	t.Helper()
	if got := fmt.Sprint(s.Alive(org, user)); got != want {
		t.Errorf("alive sessions of %s in %s: %s, want %s", user, org, got, want)
	}
}
