// SPDX-License-Identifier: Apache-2.0

package webhook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/notify/webhook"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/secret"
	signed "github.com/aer-project/aer/sinks/sessions/webhook"
	"github.com/aer-project/aer/sinks/sinktest"
)

const key = "0123456789abcdef0123456789abcdef"

func now() time.Time { return sinktest.T0 }

// receiver is a platform that keeps to the contract: it checks the signature and delivers once for each key.
type receiver struct {
	*httptest.Server
	mu    sync.Mutex
	taken map[string]*aerv1.Notification
	fault func(w http.ResponseWriter) bool
}

func receive(t *testing.T) *receiver {
	r := &receiver{taken: map[string]*aerv1.Notification{}}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fault != nil && r.fault(w) {
		return
	}
	body, _ := io.ReadAll(req.Body)
	if err := signed.Verify(req.Header, body, now(), signed.Tolerance, key); err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	var m webhook.Message
	n := &aerv1.Notification{}
	if err := json.Unmarshal(body, &m); err != nil || m.Type != webhook.TypeNotify || m.Version != 1 ||
		m.Key != req.Header.Get("Idempotency-Key") {
		http.Error(w, "bad message", http.StatusBadRequest)
		return
	}
	if err := aerv1.UnmarshalJSONLine(m.Notification, n); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if r.taken[m.Key] == nil {
		r.taken[m.Key] = n
	}
	w.WriteHeader(http.StatusAccepted)
}

func (r *receiver) delivered(channel, address string) (count int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range r.taken {
		if n.GetChannel() == channel && n.GetAddress() == address {
			count++
		}
	}
	return count
}

func (r *receiver) open(t *testing.T, secrets ...string) *webhook.Notifier {
	t.Helper()
	c := webhook.Config{URL: r.URL}
	var sources []secret.Source
	for _, s := range secrets {
		ref, err := sinktest.ParseRef("env:S")
		if err != nil {
			t.Fatal(err)
		}
		c.Secrets, sources = append(c.Secrets, ref), append(sources, sinktest.Secret(s))
	}
	n, err := webhook.New(c, sources, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	return n
}

func sample() *aerv1.Notification {
	return &aerv1.Notification{Id: "N1", OrgId: "O1", UserId: "U1", Channel: notify.ChannelDM, Address: "U1",
		Text: "Hello", Time: aerv1.Time(sinktest.T0)}
}

func TestConformance(t *testing.T) {
	sinktest.Notifier(t, []string{notify.ChannelEmail, notify.ChannelDM},
		func(t *testing.T) (sinktest.NotifierUnderTest, func() sinktest.NotifierUnderTest) {
			r := receive(t)
			reopen := func() sinktest.NotifierUnderTest {
				return sinktest.NotifierUnderTest{Notifier: r.open(t, key), Delivered: r.delivered}
			}
			return reopen(), reopen
		})
}

func TestSecretsAreChanged(t *testing.T) {
	r := receive(t)
	if err := r.open(t, strings.Repeat("n", 32), key).Notify(context.Background(), sample()); err != nil {
		t.Errorf("signed with the new and the old secret: %v", err)
	}
	if err := r.open(t, strings.Repeat("n", 32)).Notify(context.Background(), sample()); err == nil ||
		retry.Recoverable(err) {
		t.Errorf("signed with a secret the receiver does not know: %v, want a permanent error", err)
	}
	if err := r.open(t, "short").Notify(context.Background(), sample()); err == nil ||
		strings.Contains(err.Error(), "short") {
		t.Errorf("short secret: %v", err)
	}
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		status      int
		body        string
		fails       bool
		recoverable bool
	}{
		{200, "", false, false}, {204, "", false, false}, {202, "queued", false, false}, {200, `{"ok":true}`, false, false},
		{200, `{"ok":false,"error":"busy"}`, true, true}, {400, "no", true, false}, {401, "no", true, false},
		{404, "", true, false},
		{409, "", true, true}, {429, "", true, true}, {500, "", true, true}, {302, "", true, false},
	} {
		t.Run(fmt.Sprint(c.status, c.body), func(t *testing.T) {
			r := receive(t)
			r.fault = func(w http.ResponseWriter) bool {
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
				return true
			}
			err := r.open(t, key).Notify(context.Background(), sample())
			if (err != nil) != c.fails || retry.Recoverable(err) != c.recoverable {
				t.Errorf("error is %v, recoverable %v", err, retry.Recoverable(err))
			}
		})
	}
}

func TestConfig(t *testing.T) {
	for want, c := range map[string]webhook.Config{
		"url":                {URL: "http://platform.example/"},
		"secrets: has 0":     {URL: "https://platform.example/"},
		"secrets[0]":         {URL: "https://platform.example/", Secrets: make([]secret.Ref, 1)},
		"timeout: -1ns":      {URL: "https://platform.example/", Timeout: -1},
		"secrets: has 3 ent": {URL: "https://platform.example/", Secrets: make([]secret.Ref, 3)},
	} {
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want one with %q", err, want)
		}
	}
}
