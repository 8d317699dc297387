// SPDX-License-Identifier: Apache-2.0

package webhook_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/sessions/webhook"
	"github.com/aer-project/aer/sinks/sessions/webhook/webhookref"
	"github.com/aer-project/aer/sinks/sinktest"
)

const (
	oldSecret = "0123456789abcdef0123456789abcdef"
	newSecret = "fedcba9876543210fedcba9876543210"
)

func now() time.Time { return sinktest.T0 }

// table is a platform's session table.
type table struct {
	mu    sync.Mutex
	world *sinktest.World
	calls int
}

func (p *table) End(ctx context.Context, org, user string, ids []string) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	r := sessions.Request{Key: time.Duration(p.calls).String(), OrgID: aerv1.OrgID(org),
		UserID: aerv1.UserID(user), SessionIDs: ids}
	if len(ids) > 0 {
		r.Scope = sessions.ScopeListed
	}
	res, err := p.world.Revoke(ctx, r)
	return res.Ended, err
}

// EndApp implements webhookref.AppPlatform.
func (p *table) EndApp(ctx context.Context, org, user, app string) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	r := sessions.Request{Key: time.Duration(p.calls).String(), OrgID: aerv1.OrgID(org), UserID: aerv1.UserID(user),
		Scope: sessions.ScopeApp, AppID: app}
	res, err := p.world.Revoke(ctx, r)
	return res.Ended, err
}

// server is a platform with a table behind the reference handler, whose next request can be broken.
type server struct {
	http.Handler
	mu    sync.Mutex
	after *bool
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	after := s.after
	s.after = nil
	s.mu.Unlock()
	switch {
	case after == nil:
		s.Handler.ServeHTTP(w, r)
	case *after:
		s.Handler.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler) // the connection breaks
	default:
		w.WriteHeader(http.StatusBadGateway)
	}
}

func (s *server) breakNext(after bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.after = &after
}

func adapter(t *testing.T, url string, secrets ...string) *webhook.Adapter {
	t.Helper()
	var all []secret.Source
	for _, s := range secrets {
		all = append(all, sinktest.Secret(s))
	}
	a := webhook.New(url, all, now)
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func TestConformance(t *testing.T) {
	sinktest.Sessions(t, func(t *testing.T) (sinktest.SessionsUnderTest, func() sinktest.SessionsUnderTest) {
		p := &table{world: sinktest.NewWorld()}
		s := &server{Handler: &webhookref.Handler{Platform: p, Secrets: []string{oldSecret}, Now: now}}
		srv := httptest.NewServer(s)
		t.Cleanup(srv.Close)
		open := func() sinktest.SessionsUnderTest {
			return sinktest.SessionsUnderTest{
				Adapter: adapter(t, srv.URL, oldSecret), Alive: p.world.Alive, Break: s.breakNext,
				SignIn: func(org, user, id string) { p.world.SignIn(org, user, id) }, Grant: p.world.Grant,
				Granted: p.world.Granted,
			}
		}
		return open(), open
	})
}

// TestRotation: whichever side learns the new secret first, no request is refused.
func TestRotation(t *testing.T) {
	for _, c := range []struct {
		name             string
		sender, receiver []string
		ok               bool
	}{
		{"receiver first", []string{oldSecret}, []string{newSecret, oldSecret}, true},
		{"sender first", []string{newSecret, oldSecret}, []string{oldSecret}, true},
		{"both", []string{newSecret, oldSecret}, []string{newSecret, oldSecret}, true},
		{"old taken from the sender", []string{newSecret}, []string{newSecret, oldSecret}, true},
		{"strangers", []string{newSecret}, []string{oldSecret}, false},
		{"receiver with an empty secret", []string{newSecret}, []string{""}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &table{world: sinktest.NewWorld()}
			srv := httptest.NewServer(&webhookref.Handler{Platform: p, Secrets: c.receiver, Now: now})
			t.Cleanup(srv.Close)
			_, err := adapter(t, srv.URL, c.sender...).Revoke(context.Background(), request)
			if (err == nil) != c.ok || err != nil &&
				(retry.Recoverable(err) || !strings.Contains(err.Error(), "not_authentic")) {
				t.Errorf("error is %v", err)
			}
			if (p.calls == 1) != c.ok {
				t.Errorf("the platform was asked %d times", p.calls)
			}
		})
	}
}

var request = sessions.Request{Key: "k1", OrgID: "O1", UserID: "U1", SessionIDs: []string{"S1"}}

// TestAnswers: what each answer of a platform is taken as, above all of one that lies.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name, body string
		status     int
		want       *sessions.Result
		retry      bool
		say        string
	}{
		{"done", `{"ended":3}`, 200, &sessions.Result{Ended: 3}, false, ""},
		{"done before, more fields", `{"ok":true,"ended":0,"already":true,"x":[1]}`, 200,
			&sessions.Result{Already: true}, false, ""},
		{"accepted", ``, 202, &sessions.Result{CountUnknown: true}, false, ""},
		{"accepted with a body", `{"ok":true}`, 202, &sessions.Result{CountUnknown: true}, false, ""},
		{"lies", `{"ok":false,"error":"database_down"}`, 200, nil, true, `status 200: error "database_down"`},
		{"lies without ok", `{"error":"x"}`, 200, nil, true, `error "x"`},
		{"lies with a count", `{"ended":3,"ok":false}`, 200, nil, true, "status 200"},
		{"lies about accepting", `{"ok":false}`, 202, nil, true, "status 202"},
		{"a login page", `<html>Sign in</html>`, 200, nil, true, "no JSON object"},
		{"accepting page", `<html>`, 202, nil, true, "no JSON object"},
		{"nothing", ``, 200, nil, true, "no JSON object"},
		{"null", `null`, 200, nil, true, "no count"},
		{"no count", `{}`, 200, nil, true, "no count"},
		{"negative", `{"ended":-1}`, 200, nil, true, "no count"},
		{"count as text", `{"ended":"3"}`, 200, nil, true, "no JSON object"},
		{"other 2xx", `{"ended":3}`, 204, nil, true, "status 204"},
		{"moved", ``, 307, nil, false, "status 307"},
		{"unknown user", `{"ok":false,"error":"user_not_found","message":"no such user"}`, 404, nil, false,
			`"user_not_found" "no such user"`},
		{"hostile words", `{"error":"a\nb` + strings.Repeat("x", 3000) + `"}`, 400, nil, false, `"a bxxx`},
		{"conflict", ``, 409, nil, true, "status 409"},
		{"down", `{"error":"down"}`, 503, nil, true, "down"},
		{"too long", strings.Repeat(" ", 1<<20) + `{"ended":3}`, 200, nil, true, "no JSON object"},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(c.status)
				if c.status != 204 {
					_, _ = io.WriteString(w, c.body)
				}
			}))
			t.Cleanup(srv.Close)
			res, err := adapter(t, srv.URL, oldSecret).Revoke(context.Background(), request)
			switch {
			case c.want != nil:
				if err != nil || res != *c.want {
					t.Errorf("got %+v, %v", res, err)
				}
			case err == nil || retry.Recoverable(err) != c.retry || !strings.Contains(err.Error(), c.say) ||
				len(err.Error()) > 600:
				t.Errorf("got %+v, %v; want %q, to be repeated: %v", res, err, c.say, c.retry)
			}
		})
	}
}

func TestAppsAreRefusedByAPlatformThatCannotEndThem(t *testing.T) {
	p := &table{world: sinktest.NewWorld()}
	p.world.SignIn("O1", "U1", "S1")
	srv := httptest.NewServer(&webhookref.Handler{Platform: struct{ webhookref.Platform }{p},
		Secrets: []string{oldSecret}, Now: now})
	t.Cleanup(srv.Close)
	r := sessions.Request{Key: "k1", OrgID: "O1", UserID: "U1", Scope: sessions.ScopeApp, AppID: "A1"}
	_, err := adapter(t, srv.URL, oldSecret).Revoke(context.Background(), r)
	if err == nil || retry.Recoverable(err) || !strings.Contains(err.Error(), "unsupported") || p.calls != 0 {
		t.Errorf("error is %v after %d calls", err, p.calls)
	}
}

func TestRetryAfterIsKept(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "42")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	t.Cleanup(srv.Close)
	_, err := adapter(t, srv.URL, oldSecret).Revoke(context.Background(), request)
	if wait, more := (retry.Policy{}).Start().Next(err); !more || wait != 42*time.Second {
		t.Errorf("%v is waited for %v", err, wait)
	}
}

func TestShortSecretSignsNothing(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was sent") }))
	t.Cleanup(srv.Close)
	_, err := adapter(t, srv.URL, "hunter2").Revoke(context.Background(), request)
	if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "at least 32") {
		t.Errorf("error is %v", err)
	}
}
