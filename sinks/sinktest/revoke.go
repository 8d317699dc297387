// SPDX-License-Identifier: Apache-2.0

package sinktest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/sessions"
)

// SessionsUnderTest is an adapter with the means to look behind it.
type SessionsUnderTest struct {
	Adapter sessions.Sessions
	// SignIn opens a session of a user on what the adapter controls.
	SignIn func(orgID, userID, sessionID string)
	// Alive returns the ids of the user's open sessions, sorted.
	Alive func(orgID, userID string) []string
	// Break makes the platform fail the next request once: before it acts, or after, so that only the answer is lost. Nil
	// where there is no platform outside.
	Break func(after bool)
	// The platform does not say how many sessions it ended, nor whether an earlier call did it.
	CountUnknown bool
	// Grant lets an app act under a user's name and Granted asks; nil for an adapter that cannot end the access of an app.
	Grant   func(orgID, userID, appID string)
	Granted func(orgID, userID, appID string) bool
	// Session ids are whole numbers: others in ScopeListed are permanent errors.
	NumericIDs bool
}

// Sessions checks an adapter that ends sessions.
func Sessions(t *testing.T, open Open[SessionsUnderTest]) {
	s := revokeSuite{open}
	t.Run("ends all of one user", s.all)
	t.Run("ends the listed only", s.listed)
	t.Run("ends an app's access, or refuses to", s.app)
	t.Run("once per key, also after a restart and a new login", s.oncePerKey)
	t.Run("once under concurrent calls", s.concurrent)
	t.Run("nobody to sign out is a success", s.nobody)
	t.Run("bad requests are permanent errors", s.bad)
	t.Run("a cancelled call does nothing", s.cancelled)
	t.Run("hostile organisations and users are apart", s.hostileUsers)
	t.Run("hostile sessions are apart", s.hostileSessions)
	t.Run("hostile keys are apart", s.hostileKeys)
	t.Run("a failed request is repeated", s.failed)
	t.Run("a request whose answer is lost acts once", s.answerLost)
}

type revokeSuite struct{ open Open[SessionsUnderTest] }

// revokeReq asks to end all sessions of U1 in O1; the second is the one behind the anomaly.
var revokeReq = sessions.Request{Key: "k1", OrgID: "O1", UserID: "U1", SessionIDs: []string{"2"}}

func (s revokeSuite) setUp(t *testing.T) (SessionsUnderTest, func() SessionsUnderTest) {
	u, reopen := s.open(t)
	for _, id := range []string{"1", "2", "3"} {
		u.SignIn("O1", "U1", id)
	}
	u.SignIn("O1", "U2", "4")
	u.SignIn("O2", "U1", "1")
	return u, reopen
}

func (s revokeSuite) all(t *testing.T) {
	u, _ := s.setUp(t)
	wantRevoked(t, u, revokeReq, 3, false)
	wantAlive(t, u, "O1", "U1", "[]")
	wantAlive(t, u, "O1", "U2", "[4]")
	wantAlive(t, u, "O2", "U1", "[1]")
}

func (s revokeSuite) listed(t *testing.T) {
	u, _ := s.setUp(t)
	listed := revokeReq
	listed.Scope = sessions.ScopeListed
	wantRevoked(t, u, listed, 1, false)
	wantAlive(t, u, "O1", "U1", "[1 3]")
	// A session that is gone, or somebody else's, is none to end.
	listed.Key, listed.SessionIDs = "k2", []string{"2", "4"}
	wantRevoked(t, u, listed, 0, false)
	wantAlive(t, u, "O1", "U1", "[1 3]")
	wantAlive(t, u, "O1", "U2", "[4]")
}

func (s revokeSuite) app(t *testing.T) {
	u, reopen := s.setUp(t)
	r := sessions.Request{Key: "k1", OrgID: "O1", UserID: "U1", Scope: sessions.ScopeApp, AppID: "A1",
		SessionIDs: []string{"2"}}
	if u.Grant == nil {
		if _, err := u.Adapter.Revoke(context.Background(), r); !errors.Is(err, sessions.ErrUnsupported) ||
			retry.Recoverable(err) {
			t.Errorf("error is %v, want a permanent one: unsupported", err)
		}
		wantAlive(t, u, "O1", "U1", "[1 2 3]")
		return
	}
	apps := [][3]string{{"O1", "U1", "A1"}, {"O1", "U1", "A2"}, {"O1", "U2", "A1"}, {"O2", "U1", "A1"}}
	for _, a := range apps {
		u.Grant(a[0], a[1], a[2])
	}
	wantRevoked(t, u, r, 1, false)
	for i, a := range apps {
		if got := u.Granted(a[0], a[1], a[2]); got != (i > 0) {
			t.Errorf("%v is granted: %v", a, got)
		}
	}
	u.Grant("O1", "U1", "A1")
	u = reopen()
	wantRevoked(t, u, r, 1, true)
	if !u.Granted("O1", "U1", "A1") {
		t.Error("what was granted anew was ended")
	}
	wantAlive(t, u, "O1", "U1", "[1 2 3]")
	all := sessions.Request{Key: "k2", OrgID: "O1", UserID: "U1"}
	wantRevoked(t, u, all, 3, false)
	if !u.Granted("O1", "U1", "A1") {
		t.Error("ending the sessions ended an app's access")
	}
}

func (s revokeSuite) oncePerKey(t *testing.T) {
	u, reopen := s.setUp(t)
	wantRevoked(t, u, revokeReq, 3, false)
	wantAlive(t, u, "O1", "U1", "[]")
	u.SignIn("O1", "U1", "9")
	wantRevoked(t, u, revokeReq, 3, true)
	u = reopen()
	wantRevoked(t, u, revokeReq, 3, true)
	wantAlive(t, u, "O1", "U1", "[9]")
	other := revokeReq
	other.Key = "k2"
	wantRevoked(t, u, other, 1, false)
	wantAlive(t, u, "O1", "U1", "[]")
}

func (s revokeSuite) concurrent(t *testing.T) {
	u, _ := s.setUp(t)
	var first atomic.Int32
	Together(func(int) {
		res, err := u.Adapter.Revoke(context.Background(), revokeReq)
		if err != nil || !u.CountUnknown && res.Ended != 3 {
			t.Errorf("revoking: %+v, %v", res, err)
		}
		if !res.Already {
			first.Add(1)
		}
	})
	if first.Load() != 1 && !u.CountUnknown {
		t.Errorf("%d calls say they were the first", first.Load())
	}
	wantAlive(t, u, "O1", "U1", "[]")
}

func (s revokeSuite) nobody(t *testing.T) {
	u, _ := s.open(t)
	wantRevoked(t, u, revokeReq, 0, false)
}

func (s revokeSuite) bad(t *testing.T) {
	u, _ := s.setUp(t)
	for _, bad := range []sessions.Request{
		{}, {Key: "k", OrgID: "O1"}, {Key: "k", UserID: "U1"}, {OrgID: "O1", UserID: "U1"},
		{Key: "k", OrgID: "O1", UserID: "U1", Scope: sessions.ScopeListed},
		{Key: "k", OrgID: "O1", UserID: "U1", Scope: "some"},
		{Key: "k", OrgID: "O1", UserID: "U1", Scope: sessions.ScopeListed, SessionIDs: []string{"2", ""}},
		{Key: "k", OrgID: "O1", UserID: "U1", Scope: sessions.ScopeApp},
		{Key: "k", OrgID: "O1", UserID: "U1", Scope: sessions.ScopeApp, AppID: "\xff"},
		{Key: "k", OrgID: "O1", UserID: "U1", AppID: "A1"},
		{Key: "k", OrgID: "O1", UserID: "U1\xff"}, {Key: "k", OrgID: "O1\xff", UserID: "U1"},
		{Key: "\xff", OrgID: "O1", UserID: "U1"},
		{Key: "k", OrgID: "O1", UserID: "U1", Scope: sessions.ScopeListed, SessionIDs: []string{"2", "\xff"}},
	} {
		if _, err := u.Adapter.Revoke(context.Background(), bad); err == nil || retry.Recoverable(err) {
			t.Errorf("request %+v: error is %v, want a permanent one", bad, err)
		}
	}
	wantAlive(t, u, "O1", "U1", "[1 2 3]")
}

func (s revokeSuite) cancelled(t *testing.T) {
	u, _ := s.setUp(t)
	_, err := u.Adapter.Revoke(Cancelled(), revokeReq)
	WantIs(t, err, context.Canceled)
	if !retry.Recoverable(err) {
		t.Error("a cancelled call may be repeated")
	}
	wantAlive(t, u, "O1", "U1", "[1 2 3]")
	wantRevoked(t, u, revokeReq, 3, false)
	wantAlive(t, u, "O1", "U1", "[]")
}

func (s revokeSuite) hostileUsers(t *testing.T) {
	u, _ := s.open(t)
	// Each id is a user of one organisation, and an organisation with one user.
	for _, id := range HostileIDs {
		u.SignIn("O1", id, "1")
		u.SignIn(id, "U1", "1")
	}
	for i, id := range HostileIDs {
		wantRevoked(t, u, sessions.Request{Key: fmt.Sprint("user", i), OrgID: "O1", UserID: aerv1.UserID(id)}, 1, false)
		wantAlive(t, u, "O1", id, "[]")
		wantAlive(t, u, id, "U1", "[1]")
		wantRevoked(t, u, sessions.Request{Key: fmt.Sprint("org", i), OrgID: aerv1.OrgID(id), UserID: "U1"}, 1, false)
		wantAlive(t, u, id, "U1", "[]")
	}
}

func (s revokeSuite) hostileSessions(t *testing.T) {
	u, _ := s.open(t)
	if u.NumericIDs {
		u.SignIn("O1", "U1", "1")
		for i, id := range append(slices.Clone(HostileIDs), "1.0", "0x1", " 1", "+1", "1e0", "99999999999999999999", "1,2") {
			r := sessions.Request{Key: fmt.Sprint("k", i), OrgID: "O1", UserID: "U1", Scope: sessions.ScopeListed,
				SessionIDs: []string{"1", id}}
			if _, err := u.Adapter.Revoke(context.Background(), r); err == nil || retry.Recoverable(err) {
				t.Errorf("session %q: error is %v, want a permanent one", id, err)
			}
		}
		wantAlive(t, u, "O1", "U1", "[1]")
		return
	}
	for _, id := range HostileIDs {
		u.SignIn("O1", "U1", id)
	}
	for i, id := range HostileIDs {
		r := sessions.Request{Key: fmt.Sprint("k", i), OrgID: "O1", UserID: "U1", Scope: sessions.ScopeListed,
			SessionIDs: []string{id}}
		wantRevoked(t, u, r, 1, false)
		if left := u.Alive("O1", "U1"); len(left) != len(HostileIDs)-i-1 || slices.Contains(left, id) {
			t.Fatalf("after ending %q, %d sessions are left", id, len(left))
		}
	}
}

func (s revokeSuite) hostileKeys(t *testing.T) {
	u, _ := s.open(t)
	for i, key := range HostileIDs {
		u.SignIn("O1", "U1", fmt.Sprint(i))
		wantRevoked(t, u, sessions.Request{Key: key, OrgID: "O1", UserID: "U1"}, 1, false)
		wantAlive(t, u, "O1", "U1", "[]")
	}
}

func (s revokeSuite) failed(t *testing.T) {
	u, _ := s.setUp(t)
	if u.Break == nil {
		t.Skip("there is no platform outside")
	}
	u.Break(false)
	wantFailed(t, u)
	wantAlive(t, u, "O1", "U1", "[1 2 3]")
	wantRevoked(t, u, revokeReq, 3, false)
	wantAlive(t, u, "O1", "U1", "[]")
}

func (s revokeSuite) answerLost(t *testing.T) {
	u, reopen := s.setUp(t)
	if u.Break == nil {
		t.Skip("there is no platform outside")
	}
	u.Break(true)
	wantFailed(t, u)
	wantAlive(t, u, "O1", "U1", "[]")
	u.SignIn("O1", "U1", "9")
	u = reopen()
	if _, err := u.Adapter.Revoke(context.Background(), revokeReq); err != nil {
		t.Errorf("asking again: %v", err)
	}
	wantAlive(t, u, "O1", "U1", "[9]")
}

func wantFailed(t *testing.T, s SessionsUnderTest) {
	t.Helper()
	if _, err := s.Adapter.Revoke(context.Background(), revokeReq); err == nil || !retry.Recoverable(err) {
		t.Fatalf("error is %v, want one that may be repeated", err)
	}
}

func wantRevoked(t *testing.T, s SessionsUnderTest, r sessions.Request, ended int, already bool) {
	t.Helper()
	res, err := s.Adapter.Revoke(context.Background(), r)
	if err != nil {
		t.Fatalf("revoking of %.40q in %.40q: %v", r.UserID, r.OrgID, err)
	}
	want := sessions.Result{Ended: ended, Already: already}
	if s.CountUnknown {
		want = sessions.Result{CountUnknown: true}
	}
	if res != want {
		t.Errorf("revoked %+v, want %+v", res, want)
	}
}

func wantAlive(t *testing.T, s SessionsUnderTest, org, user, want string) {
	t.Helper()
	if got := "[" + strings.Join(s.Alive(org, user), " ") + "]"; got != want {
		t.Errorf("alive sessions of %.40q in %.40q: %s, want %s", user, org, got, want)
	}
}
