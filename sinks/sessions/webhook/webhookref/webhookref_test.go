// SPDX-License-Identifier: Apache-2.0

package webhookref_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/sessions/webhook"
	"github.com/aer-project/aer/sinks/sessions/webhook/webhookref"
)

const key = "0123456789abcdef0123456789abcdef"

var t0 = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// platform says of every call that it ended as many sessions as there were calls.
type platform struct {
	mu    sync.Mutex
	calls []string
	err   error
}

func (p *platform) End(_ context.Context, org, user string, ids []string) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, org+" "+user+" "+strings.Join(ids, ","))
	return len(p.calls), p.err
}

func (p *platform) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = err
}

func message(change func(*webhook.Message)) string {
	m := webhook.Message{Version: 1, Type: sessions.TypeRevoke, Key: "k", OrgID: "O1", UserID: "U1", Scope: "all",
		SessionIDs: []string{"S1"}}
	if change != nil {
		change(&m)
	}
	b, _ := json.Marshal(m)
	return string(b)
}

// send posts a body as it would be signed at a time.
func send(h http.Handler, body string, at time.Time) (int, webhook.Answer) {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set(webhook.HeaderTimestamp, strconv.FormatInt(at.Unix(), 10))
	r.Header.Set(webhook.HeaderSignature, webhook.Sign(at.Unix(), []byte(body), key))
	return do(h, r)
}

func do(h http.Handler, r *http.Request) (int, webhook.Answer) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var a webhook.Answer
	_ = json.Unmarshal(w.Body.Bytes(), &a)
	return w.Code, a
}

func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name, body string
		at         time.Time
		want       int
	}{
		{"good", message(nil), t0, 200},
		{"recorded an hour ago", message(nil), t0.Add(-time.Hour), 401},
		{"no JSON", "{", t0, 400},
		{"another type", message(func(m *webhook.Message) { m.Type = "x" }), t0, 400},
		{"another version", message(func(m *webhook.Message) { m.Version = 2 }), t0, 400},
		{"no key", message(func(m *webhook.Message) { m.Key = "" }), t0, 400},
		{"no user", message(func(m *webhook.Message) { m.UserID = "" }), t0, 400},
		{"no organisation", message(func(m *webhook.Message) { m.OrgID = "" }), t0, 400},
		{"unknown scope", message(func(m *webhook.Message) { m.Scope = "some" }), t0, 400},
		{"nothing listed", message(func(m *webhook.Message) { m.Scope, m.SessionIDs = "listed", nil }), t0, 400},
		{"too large", message(func(m *webhook.Message) { m.OrgID = strings.Repeat("x", 1<<20) }), t0, 413},
	} {
		p := &platform{}
		code, a := send(&webhookref.Handler{Platform: p, Secrets: []string{key}, Now: func() time.Time { return t0 }}, c.body,
			c.at)
		if code != c.want || (code == 200) != (len(p.calls) == 1) || (code != 200) != (a.OK != nil && !*a.OK) {
			t.Errorf("%s: status %d, want %d; answer %+v, calls %q", c.name, code, c.want, a, p.calls)
		}
	}
}

// TestReplay: a request that somebody recorded has no effect, neither at once nor later nor changed.
func TestReplay(t *testing.T) {
	p, now := &platform{}, t0
	h := &webhookref.Handler{Platform: p, Secrets: []string{key}, Now: func() time.Time { return now }}
	if code, a := send(h, message(nil), t0); code != 200 || a.Already {
		t.Fatalf("first: %d %+v", code, a)
	}
	if code, a := send(h, message(nil), t0); code != 200 || !a.Already || *a.Ended != 1 {
		t.Errorf("at once: %d %+v", code, a)
	}
	now = t0.Add(webhook.Tolerance + time.Second)
	if code, _ := send(h, message(nil), t0); code != 401 {
		t.Errorf("later: %d", code)
	}
	changed := message(func(m *webhook.Message) { m.Key = "k2" })
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(changed))
	r.Header.Set(webhook.HeaderTimestamp, strconv.FormatInt(now.Unix(), 10))
	r.Header.Set(webhook.HeaderSignature, webhook.Sign(now.Unix(), []byte(message(nil)), key))
	if code, _ := do(h, r); code != 401 {
		t.Errorf("changed: %d", code)
	}
	if code, a := send(h, message(func(m *webhook.Message) { m.UserID = "U2" }), now); code != 422 ||
		a.Error != "key_reused" {
		t.Errorf("key of somebody else: %d %+v", code, a)
	}
	if len(p.calls) != 1 {
		t.Errorf("calls %q", p.calls)
	}
}

func TestOnceAtOnce(t *testing.T) {
	p := &platform{}
	h := &webhookref.Handler{Platform: p, Secrets: []string{key}, Now: func() time.Time { return t0 }}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if code, a := send(h, message(nil), t0); code != 200 || *a.Ended != 1 {
				t.Errorf("%d %+v", code, a)
			}
		})
	}
	wg.Wait()
	if len(p.calls) != 1 {
		t.Errorf("calls %q", p.calls)
	}
}

// TestPlatformFails: what failed is not remembered as done, and its reason is not told.
func TestPlatformFails(t *testing.T) {
	p := &platform{err: errors.New("password of the database is hunter2")}
	h := &webhookref.Handler{Platform: p, Secrets: []string{key}, Now: func() time.Time { return t0 }}
	if code, a := send(h, message(nil), t0); code != 503 || strings.Contains(a.Message, "hunter2") {
		t.Errorf("%d %+v", code, a)
	}
	p.fail(webhookref.ErrUnknownUser)
	if code, a := send(h, message(nil), t0); code != 404 || a.Error != "user_not_found" {
		t.Errorf("%d %+v", code, a)
	}
	p.fail(nil)
	if code, a := send(h, message(func(m *webhook.Message) { m.Scope = "listed" }), t0); code != 200 || a.Already {
		t.Errorf("%d %+v", code, a)
	}
	if got := p.calls[2]; got != "O1 U1 S1" {
		t.Errorf("listed: %q", got)
	}
	if got := p.calls[0]; got != "O1 U1 " {
		t.Errorf("all: %q", got)
	}
}
