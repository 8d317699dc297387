// SPDX-License-Identifier: Apache-2.0

package slackdm_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const token = "xoxb-1234567890-secret"

// server behaves as Slack's documentation says: HTTP 200 with "ok": false for most errors, 429 with Retry-After when a
// conversation gets more than a message a second.
type server struct {
	url string

	mu    sync.Mutex
	clock time.Time
	// By conversation.
	posted map[string][]message
	last   map[string]time.Time
	calls  map[string]int
	// Faults: answers instead of doing it, by method. after: the message is posted and the answer is lost.
	fault func(method string, w http.ResponseWriter) bool
	after func(w http.ResponseWriter) bool
	// limit applies the rate limit of chat.postMessage.
	limit bool
}

type message struct {
	text     string
	form     map[string]string
	metadata json.RawMessage
}

func serve(t *testing.T) *server {
	s := &server{clock: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), posted: map[string][]message{},
		last: map[string]time.Time{}, calls: map[string]int{}}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	s.url = srv.URL + "/api/"
	return s
}

func (s *server) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock
}

func (s *server) advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = s.clock.Add(d)
}

func (s *server) called(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[method]
}

func (s *server) messages(user string) []message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.posted["D"+user]
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	method := strings.TrimPrefix(r.URL.Path, "/api/")
	s.calls[method]++
	if s.fault != nil && s.fault(method, w) {
		return
	}
	if err := r.ParseForm(); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+token && r.Form.Get("token") != token {
		refuse(w, "invalid_auth")
		return
	}
	switch method {
	case "conversations.open":
		if r.Form.Get("users") == "U404" {
			refuse(w, "user_not_found")
			return
		}
		fmt.Fprintf(w, `{"ok":true,"channel":{"id":%q}}`, "D"+r.Form.Get("users"))
	case "conversations.history":
		s.history(w, r)
	case "chat.postMessage":
		s.post(w, r)
	default:
		refuse(w, "unknown_method")
	}
}

func (s *server) history(w http.ResponseWriter, r *http.Request) {
	var all []map[string]any
	for i := len(s.posted[r.Form.Get("channel")]) - 1; i >= 0; i-- { // newest first
		m := s.posted[r.Form.Get("channel")][i]
		entry := map[string]any{"type": "message", "ts": strconv.Itoa(i), "text": m.text}
		if r.Form.Get("include_all_metadata") == "1" {
			entry["metadata"] = m.metadata
		}
		all = append(all, entry)
	}
	limit, _ := strconv.Atoi(r.Form.Get("limit"))
	_ = json.NewEncoder(w).Encode(map[string]any{"ok": true, "messages": all[:min(len(all), limit)]})
}

func (s *server) post(w http.ResponseWriter, r *http.Request) {
	ch := r.Form.Get("channel")
	if s.limit && s.clock.Sub(s.last[ch]) < time.Second {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	s.last[ch] = s.clock
	m := message{text: r.Form.Get("text"), form: map[string]string{}, metadata: json.RawMessage(r.Form.Get("metadata"))}
	for k := range r.Form {
		m.form[k] = r.Form.Get(k)
	}
	s.posted[ch] = append(s.posted[ch], m)
	if s.after != nil && s.after(w) {
		return
	}
	fmt.Fprintf(w, `{"ok":true,"channel":%q,"ts":"%d.000100"}`, ch, len(s.posted[ch]))
}

func refuse(w http.ResponseWriter, code string) {
	_ = json.NewEncoder(w).Encode(map[string]any{"ok": false, "error": code})
}
