// SPDX-License-Identifier: Apache-2.0

package slack_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/sessions/slack"
	"github.com/aer-project/aer/sinks/sinktest"
)

// api is Slack's API as it is documented, for several organisations told apart by their tokens.
type api struct {
	world *sinktest.World
	mu    sync.Mutex
	calls []string
	fail  func(method string) (status int, body string)
	after *bool
}

type args struct {
	UserID    string   `json:"user_id"`
	UserIDs   []string `json:"user_ids"`
	TeamID    string   `json:"team_id"`
	SessionID int64    `json:"session_id"`
	Limit     int      `json:"limit"`
	Cursor    string   `json:"cursor"`
}

func (s *api) breakNext(after bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.after = &after
}

func (s *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	method := strings.TrimPrefix(r.URL.Path, "/api/admin.users.session.")
	var a args
	raw, _ := io.ReadAll(r.Body)
	if err := json.Unmarshal(raw, &a); err != nil {
		_, _ = io.WriteString(w, `{"ok":false,"error":"invalid_json"}`)
		return
	}
	org, _ := strconv.Unquote(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	s.calls = append(s.calls, method)
	if s.fail != nil {
		if status, body := s.fail(method); status != 0 {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
			return
		}
	}
	after := s.after
	if method != "list" {
		s.after = nil
		if after != nil && !*after {
			_, _ = io.WriteString(w, `{"ok":false,"error":"user_session_reset_failed"}`)
			return
		}
	}
	body := s.do(method, org, a)
	if method != "list" && after != nil {
		panic(http.ErrAbortHandler)
	}
	_, _ = io.WriteString(w, body)
}

func (s *api) do(method, org string, a args) string {
	end := func(user string, ids ...string) int {
		r := sessions.Request{Key: fmt.Sprint(len(s.calls), user), OrgID: aerv1.OrgID(org),
			UserID: aerv1.UserID(user), SessionIDs: ids}
		if len(ids) > 0 {
			r.Scope = sessions.ScopeListed
		}
		res, _ := s.world.Revoke(context.Background(), r)
		return res.Ended
	}
	switch method {
	case "reset":
		if end(a.UserID) == 0 {
			return `{"ok":false,"error":"no_active_sessions"}`
		}
	case "resetBulk":
		for _, u := range a.UserIDs {
			end(u)
		}
	case "invalidate":
		if end(a.UserID, fmt.Sprint(a.SessionID)) == 0 {
			return `{"ok":false,"error":"session_not_found"}`
		}
	case "list":
		return page(s.world.Alive(org, a.UserID), a)
	}
	return `{"ok":true}`
}

// page gives two sessions a page, whatever limit was asked for, as servers may.
func page(ids []string, a args) string {
	from, _ := strconv.Atoi(a.Cursor)
	to, next := min(from+2, len(ids)), ""
	if to < len(ids) {
		next = fmt.Sprint(to)
	}
	all := []map[string]any{}
	for _, id := range ids[from:to] {
		n, _ := strconv.ParseInt(id, 10, 64)
		all = append(all, map[string]any{"user_id": a.UserID, "team_id": a.TeamID, "session_id": n})
	}
	b, _ := json.Marshal(map[string]any{"ok": true, "active_sessions": all,
		"response_metadata": map[string]any{"next_cursor": next}})
	return string(b)
}

type fixture struct {
	*api
	url     string
	journal kv.Store
	now     time.Time
}

func newFixture(t *testing.T) *fixture {
	s := &api{world: sinktest.NewWorld()}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return &fixture{api: s, url: srv.URL + "/api/", journal: sinktest.NewMemory(), now: sinktest.T0}
}

func (f *fixture) adapter(t *testing.T, team string, perMinute int) *slack.Adapter {
	t.Helper()
	c, tokens := slack.Config{URL: f.url}, []secret.Source(nil)
	for _, id := range append([]string{"O1", "O2"}, sinktest.HostileIDs...) {
		c.Orgs = append(c.Orgs, slack.Org{ID: aerv1.OrgID(id), TeamID: team})
		tokens = append(tokens, sinktest.Secret(strconv.QuoteToASCII(id)))
	}
	a := slack.New(c, tokens, slack.Options{Journal: f.journal, Now: func() time.Time { return f.now },
		PerMinute: perMinute})
	t.Cleanup(func() { _ = a.Close() })
	return a
}

const fast = 1_000_000

func TestConformance(t *testing.T) {
	sinktest.Sessions(t, func(t *testing.T) (sinktest.SessionsUnderTest, func() sinktest.SessionsUnderTest) {
		f := newFixture(t)
		open := func() sinktest.SessionsUnderTest {
			return sinktest.SessionsUnderTest{
				Adapter: f.adapter(t, "T1", fast), Alive: f.world.Alive, Break: f.breakNext, NumericIDs: true,
				SignIn: func(org, user, id string) { f.world.SignIn(org, user, id) },
			}
		}
		return open(), open
	})
}

var request = sessions.Request{Key: "k1", OrgID: "O1", UserID: "U1", SessionIDs: []string{"2"}}

// TestErrors: each class of answers, and whether the reset is sent again when it is asked for again.
func TestErrors(t *testing.T) {
	for _, c := range []struct {
		status        int
		code          string
		retry, resend bool
	}{
		{200, "ratelimited", true, true}, {200, "service_unavailable", true, true}, {200, "request_timeout", true, true},
		{200, "user_session_reset_failed", true, true}, {429, "", true, true},
		{200, "internal_error", true, false}, {200, "fatal_error", true, false}, {503, "", true, false},
		{200, "new_error", true, false},
		{200, "cannot_reset_primary_owner", false, true}, {200, "cannot_reset_bot", false, true},
		{200, "user_not_found", false, true},
		{200, "not_an_admin", false, true}, {200, "feature_not_enabled", false, true}, {200, "invalid_auth", false, true},
		{200, "missing_scope", false, true}, {200, "token_revoked", false, true},
		{200, "account_inactive", false, true}, {200, "not_allowed_token_type", false, true},
		{200, "token_expired", false, true},
	} {
		t.Run(fmt.Sprint(c.status, c.code), func(t *testing.T) {
			f := newFixture(t)
			f.world.SignIn("O1", "U1", "1", "2")
			a := f.adapter(t, "", fast)
			f.fail = func(string) (int, string) { return c.status, `{"ok":false,"error":"` + c.code + `"}` }
			if _, err := a.Revoke(context.Background(), request); err == nil || retry.Recoverable(err) != c.retry ||
				!strings.Contains(err.Error(), c.code) {
				t.Errorf("error is %v", err)
			}
			f.mu.Lock()
			f.fail, f.calls = nil, nil
			f.mu.Unlock()
			if _, err := a.Revoke(context.Background(), request); err != nil {
				t.Error(err)
			}
			if slices.Contains(f.calls, "reset") != c.resend {
				t.Errorf("asked again, it calls %q", f.calls)
			}
			if left := f.world.Alive("O1", "U1"); slices.Contains(left, "2") {
				t.Errorf("the session behind the anomaly lives: %q", left)
			}
		})
	}
}

func TestRetryAfterIsKept(t *testing.T) {
	f := newFixture(t)
	f.fail = func(string) (int, string) { return 429, "" }
	_, err := f.adapter(t, "", fast).Revoke(context.Background(), request)
	if wait, more := (retry.Policy{}).Start().Next(err); !more || wait != 30*time.Second {
		t.Errorf("%v is waited for %v", err, wait)
	}
}

// TestLateResetIsNotSent: not ten minutes after it was asked for first, and not if nothing is known to be older.
func TestLateResetIsNotSent(t *testing.T) {
	f := newFixture(t)
	a := f.adapter(t, "", fast)
	f.fail = func(string) (int, string) { return 200, `{"ok":false,"error":"ratelimited"}` }
	_, _ = a.Revoke(context.Background(), request)
	f.now = f.now.Add(slack.UsefulFor + time.Second)
	f.fail, f.calls = nil, nil
	if _, err := a.Revoke(context.Background(), request); err == nil || retry.Recoverable(err) || len(f.calls) > 0 {
		t.Errorf("error is %v, calls %q", err, f.calls)
	}
	unknown := sessions.Request{Key: "k2", OrgID: "O1", UserID: "U1"}
	f.fail = func(string) (int, string) { return 500, "" }
	_, _ = a.Revoke(context.Background(), unknown)
	f.fail, f.calls = nil, nil
	if _, err := a.Revoke(context.Background(), unknown); err == nil || retry.Recoverable(err) || len(f.calls) > 0 {
		t.Errorf("error is %v, calls %q", err, f.calls)
	}
	if _, err := a.Revoke(context.Background(), sessions.Request{Key: "k", OrgID: "O9", UserID: "U1"}); err == nil ||
		retry.Recoverable(err) {
		t.Errorf("organisation without a token: %v", err)
	}
}

// TestBatch: while the rate limit makes users wait, they are gathered and reset together, and a refused one spares
// nobody.
func TestBatch(t *testing.T) {
	f := newFixture(t)
	a := f.adapter(t, "", 600)
	f.fail = func(method string) (int, string) {
		if method == "resetBulk" {
			return 200, `{"ok":false,"error":"user_not_found"}`
		}
		return 0, ""
	}
	const n = 8
	run := func(round string) {
		var wg sync.WaitGroup
		for i := range n {
			user := fmt.Sprint(round, i)
			f.world.SignIn("O1", user, "1")
			wg.Go(func() {
				if _, err := a.Revoke(context.Background(),
					sessions.Request{Key: user, OrgID: "O1", UserID: aerv1.UserID(user)}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for i := range n {
			if left := f.world.Alive("O1", fmt.Sprint(round, i)); len(left) > 0 {
				t.Errorf("%s%d has %q", round, i, left)
			}
		}
	}
	run("refused")
	f.fail, f.calls = nil, nil
	run("taken")
	if len(f.calls) >= n || !slices.Contains(f.calls, "resetBulk") {
		t.Errorf("calls %q", f.calls)
	}
}
