// SPDX-License-Identifier: Apache-2.0

package slackdm_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/notify/slackdm"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sinktest"
)

func (s *server) config(t *testing.T) slackdm.Config {
	t.Helper()
	c := slackdm.Config{CheckDuplicates: true, Timeout: 3 * time.Second, PerChannel: time.Second}
	ref, err := sinktest.ParseRef("env:SLACK_TOKEN")
	if err != nil {
		t.Fatal(err)
	}
	c.API, c.Token, c.PerChannel = s.url, ref, 0
	return c
}

// open makes a notifier on the server's clock; sleeping moves it.
func (s *server) open(t *testing.T, c slackdm.Config) *slackdm.Notifier {
	t.Helper()
	n, err := slackdm.New(c, sinktest.Secret(token), slackdm.Options{
		Now:   s.now,
		Sleep: func(_ context.Context, d time.Duration) error { s.advance(d); return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func sample(id string) *aerv1.Notification {
	return &aerv1.Notification{Id: id, OrgId: "O1", UserId: "U1", Channel: notify.ChannelDM, Address: "U1",
		Subject: "Ada was signed out",
		Text:    "Hello,\n\nAda was signed out.\n", Time: aerv1.Time(sinktest.T0)}
}

func TestConformance(t *testing.T) {
	sinktest.Notifier(t, []string{notify.ChannelDM},
		func(t *testing.T) (sinktest.NotifierUnderTest, func() sinktest.NotifierUnderTest) {
			s := serve(t)
			reopen := func() sinktest.NotifierUnderTest {
				return sinktest.NotifierUnderTest{Notifier: s.open(t, s.config(t)),
					Delivered: func(_, address string) int { return len(s.messages(address)) }}
			}
			return reopen(), reopen
		})
}

// TestWhatIsPosted: plain text with Slack's control characters escaped, so that nobody is mentioned and nothing is a
// link.
func TestWhatIsPosted(t *testing.T) {
	s := serve(t)
	n := sample("N1")
	n.Subject, n.Text = "<!channel> signed out", "see <https://evil.example|the log> & <@U2>\n"
	if err := s.open(t, s.config(t)).Notify(context.Background(), n); err != nil {
		t.Fatal(err)
	}
	m := s.messages("U1")[0]
	if want := "&lt;!channel&gt; signed out\n\nsee &lt;https://evil.example|the log&gt; &amp; &lt;@U2&gt;\n"; m.text != want {
		t.Errorf("text is %q, want %q", m.text, want)
	}
	for k, want := range map[string]string{"mrkdwn": "false", "parse": "none", "unfurl_links": "false",
		"unfurl_media": "false"} {
		if m.form[k] != want {
			t.Errorf("%s is %q, want %q", k, m.form[k], want)
		}
	}
	if !strings.Contains(string(m.metadata), `"event_type":"aer_notification"`) {
		t.Errorf("metadata is %s", m.metadata)
	}
}

// TestErrors: every kind of answer, over the wire.
func TestErrors(t *testing.T) {
	on := func(method string, answer func(w http.ResponseWriter)) func(*server) {
		return func(s *server) {
			s.fault = func(m string, w http.ResponseWriter) bool {
				if m != method {
					return false
				}
				answer(w)
				return true
			}
		}
	}
	code := func(c string) func(http.ResponseWriter) { return func(w http.ResponseWriter) { refuse(w, c) } }
	text := func(status int, body string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { w.WriteHeader(status); fmt.Fprint(w, body) }
	}
	for _, c := range []struct {
		name        string
		fault       func(*server)
		class       notify.Class
		code        string
		recoverable bool
	}{
		{"no such user", on("conversations.open", code("user_not_found")), notify.ClassAddress, "user_not_found", false},
		{"no such channel", on("chat.postMessage", code("channel_not_found")), notify.ClassAddress,
			"channel_not_found", false},
		{"too long", on("chat.postMessage", code("msg_too_long")), notify.ClassMessage, "msg_too_long", false},
		{"bad token", on("conversations.open", code("invalid_auth")), notify.ClassServer, "invalid_auth", true},
		{"missing scope", on("chat.postMessage", func(w http.ResponseWriter) {
			fmt.Fprint(w, `{"ok":false,"error":"missing_scope","needed":"chat:write"}`)
		}),
			notify.ClassServer, "missing_scope", true},
		{"limited", on("chat.postMessage", code("ratelimited")), notify.ClassServer, "ratelimited", true},
		{"internal", on("chat.postMessage", code("internal_error")), notify.ClassServer, "internal_error", true},
		{"new code", on("chat.postMessage", code("something_new\nFrom: x\x1b[1m")), notify.ClassServer,
			"something_new From: x [1m", true},
		{"ok without a message", on("chat.postMessage", text(200, `{"ok":true}`)), notify.ClassServer, "", true},
		{"not ok without a reason", on("chat.postMessage", text(200, `{"ok":false}`)), notify.ClassServer, "", true},
		{"not JSON", on("chat.postMessage", text(200, `<html>maintenance</html>`)), notify.ClassServer, "", true},
		{"no conversation", on("conversations.open", text(200, `{"ok":true}`)), notify.ClassServer, "", true},
		{"500", on("conversations.open", text(500, `oops`)), notify.ClassServer, "", true},
		{"history is down", on("conversations.history", text(503, `oops`)), notify.ClassServer, "", true},
		{"429 without a time", on("chat.postMessage", text(429, ``)), notify.ClassServer, "ratelimited", true},
		{"redirected",
			on("conversations.open",
				func(w http.ResponseWriter) { w.Header().Set("Location", "https://evil.example/"); w.WriteHeader(307) }),
			notify.ClassServer, "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t)
			c.fault(s)
			err := s.open(t, s.config(t)).Notify(context.Background(), sample("N1"))
			var e *slackdm.Error
			if !errors.As(err, &e) {
				t.Fatalf("error is %v, want a slackdm.Error", err)
			}
			if e.Class != c.class || e.Code != c.code || retry.Recoverable(err) != c.recoverable {
				t.Errorf("error %q has class %s, code %q, recoverable %v", err, e.Class, e.Code, retry.Recoverable(err))
			}
			if strings.ContainsAny(err.Error(), "\r\n\x1b") || strings.Contains(err.Error(), token) {
				t.Errorf("error is %q", err)
			}
			if len(s.messages("U1")) != 0 {
				t.Error("a message was posted")
			}
		})
	}
}

// TestAnswerIsLost: the message was posted and nobody said so. It is found, also by another process, and not posted
// again.
func TestAnswerIsLost(t *testing.T) {
	for _, restart := range []bool{false, true} {
		s := serve(t)
		s.after = func(w http.ResponseWriter) bool { w.WriteHeader(http.StatusBadGateway); return true }
		n := s.open(t, s.config(t))
		if err := n.Notify(context.Background(), sample("N1")); err == nil || !retry.Recoverable(err) {
			t.Fatalf("error is %v, want a recoverable one", err)
		}
		s.after = nil
		if restart {
			n = s.open(t, s.config(t))
		}
		if err := n.Notify(context.Background(), sample("N1")); err != nil {
			t.Fatal(err)
		}
		if got := len(s.messages("U1")); got != 1 {
			t.Errorf("restart %v: %d messages, want 1", restart, got)
		}
	}
}

// TestWithoutHistoryScope: a bot that must not read the conversation still delivers.
func TestWithoutHistoryScope(t *testing.T) {
	s := serve(t)
	s.fault = func(m string, w http.ResponseWriter) bool {
		if m == "conversations.history" {
			refuse(w, "missing_scope")
		}
		return m == "conversations.history"
	}
	if err := s.open(t, s.config(t)).Notify(context.Background(), sample("N1")); err != nil || len(s.messages("U1")) != 1 {
		t.Errorf("%d messages, %v", len(s.messages("U1")), err)
	}
}

// TestRetryAfter: after a 429 nobody calls before the time Slack named, and the caller is told when to come back.
func TestRetryAfter(t *testing.T) {
	s := serve(t)
	s.fault = func(_ string, w http.ResponseWriter) bool {
		w.Header().Set("Retry-After", "17")
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	}
	n := s.open(t, s.config(t))
	for range 3 {
		err := n.Notify(context.Background(), sample("N1"))
		if d, _ := (retry.Policy{}).Start().Next(err); d != 17*time.Second || !retry.Recoverable(err) {
			t.Errorf("error %v says to wait %v, want 17s", err, d)
		}
	}
	if got := s.called("conversations.open"); got != 1 {
		t.Errorf("Slack was called %d times, want once", got)
	}
	s.fault = nil
	s.advance(17 * time.Second)
	if err := n.Notify(context.Background(), sample("N1")); err != nil || len(s.messages("U1")) != 1 {
		t.Errorf("%d messages, %v", len(s.messages("U1")), err)
	}
}

// TestPace: messages to one person go a second apart, so that a server that limits them takes all; who would wait long
// is told when to come back.
func TestPace(t *testing.T) {
	s := serve(t)
	s.limit = true
	c := s.config(t)
	c.PerChannel = time.Second
	n := s.open(t, c)
	for i := range 10 {
		if err := n.Notify(context.Background(), sample(fmt.Sprint("N", i))); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(s.messages("U1")); got != 10 {
		t.Errorf("%d messages, want 10", got)
	}
}

func TestManyAtOnceAreToldWhenToComeBack(t *testing.T) {
	s := serve(t)
	c := s.config(t)
	c.PerChannel = time.Second
	n, err := slackdm.New(c, sinktest.Secret(token),
		slackdm.Options{Now: s.now, Sleep: func(context.Context, time.Duration) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	later := 0
	for i := range 10 { // the clock stands still
		if err := n.Notify(context.Background(), sample(fmt.Sprint("N", i))); err != nil {
			if !retry.Recoverable(err) {
				t.Error(err)
			}
			later++
		}
	}
	if got := len(s.messages("U1")); got != 3 || later != 7 {
		t.Errorf("%d messages and %d told to come back, want 3 (now, in 1 s, in 2 s) and 7", got, later)
	}
}

// TestHostileAddresses: an address that is no person's id reaches Slack in no form.
func TestHostileAddresses(t *testing.T) {
	s := serve(t)
	n := s.open(t, s.config(t))
	for _, a := range append(sinktest.HostileIDs, "U1,U2", "C1", "#general", "u1", "U1 ", "U", "U1\n") {
		m := sample("N1")
		m.Address = a
		if err := n.Notify(context.Background(), m); a != "A" && (err == nil || retry.Recoverable(err)) {
			t.Errorf("address %.40q: error is %v, want a permanent one", a, err)
		}
	}
	if got := s.called("conversations.open"); got != 0 {
		t.Errorf("Slack was called %d times", got)
	}
}

func TestLongText(t *testing.T) {
	s := serve(t)
	m := sample("N1")
	m.Text = strings.Repeat("é", 100_000)
	if err := s.open(t, s.config(t)).Notify(context.Background(), m); err != nil {
		t.Fatal(err)
	}
	if got := len([]rune(s.messages("U1")[0].text)); got > 40_000 {
		t.Errorf("text has %d characters", got)
	}
}

func TestConfig(t *testing.T) {
	for want, change := range map[string]func(c *slackdm.Config){
		"token:":        func(c *slackdm.Config) { c.Token = secret.Ref{} },
		"api: ":         func(c *slackdm.Config) { c.API = "slack.com" },
		"timeout: ":     func(c *slackdm.Config) { c.Timeout = 0 },
		"per_channel: ": func(c *slackdm.Config) { c.PerChannel = -1 },
	} {
		c := serve(t).config(t)
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want one with %q", err, want)
		}
	}
}
