// SPDX-License-Identifier: Apache-2.0

package post_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aer-project/aer/sinks/post"
	"github.com/aer-project/aer/sinks/retry"
)

func TestPost(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Seen", r.Method+" "+r.Header.Get("X-Sent")+" "+string(body))
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, strings.Repeat("x", post.MaxAnswer+10))
	}))
	t.Cleanup(srv.Close)
	c := post.New(0)
	t.Cleanup(c.Close)
	a, err := c.Post(context.Background(), srv.URL, http.Header{"X-Sent": {"h"}}, []byte("body"))
	if err != nil || a.Status != 202 || a.Header.Get("X-Seen") != "POST h body" || len(a.Body) != post.MaxAnswer {
		t.Errorf("answer %d %q %d bytes, %v", a.Status, a.Header.Get("X-Seen"), len(a.Body), err)
	}
}

// TestNothingIsFollowedOrRepeated: a redirect is an answer, and a broken connection is an error, without a second
// request.
func TestNothingIsFollowedOrRepeated(t *testing.T) {
	var asked atomic.Int32
	elsewhere := httptest.NewServer(
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	t.Cleanup(elsewhere.Close)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		switch r.URL.Path {
		case "/move":
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		case "/break":
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = conn.Close()
			}
		}
	}))
	t.Cleanup(srv.Close)
	c := post.New(0)
	t.Cleanup(c.Close)
	header := func() http.Header { return http.Header{"Idempotency-Key": {"k"}} }
	if a, err := c.Post(context.Background(), srv.URL+"/move", header(), []byte("b")); err != nil || a.Status != 307 {
		t.Errorf("redirect: %d, %v", a.Status, err)
	}
	// leaves a connection to be used again
	if _, err := c.Post(context.Background(), srv.URL, header(), []byte("b")); err != nil {
		t.Error(err)
	}
	asked.Store(0)
	if _, err := c.Post(context.Background(), srv.URL+"/break", header(), []byte("b")); err == nil ||
		!retry.Recoverable(err) {
		t.Errorf("broken connection: %v", err)
	}
	if errors.Is(failure(c, srv.URL+"/break"), post.ErrNotSent) {
		t.Error("a connection that broke may have carried the request")
	}
	if asked.Load() != 2 {
		t.Errorf("asked %d times", asked.Load())
	}
}

func failure(c *post.Client, address string) error {
	_, err := c.Post(context.Background(), address, http.Header{}, []byte("b"))
	return err
}

func TestErrorsShowTheHostOnly(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	address := srv.URL + "/hidden-path?token=hidden-token"
	srv.Close()
	c := post.New(0)
	_, err := c.Post(context.Background(), address, http.Header{}, nil)
	if !errors.Is(err, post.ErrNotSent) || strings.Contains(err.Error(), "hidden") ||
		!strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("error is %v", err)
	}
	for _, bad := range []string{"http://[::1/hidden", "://hidden", "http://a b/hidden"} {
		if _, err := c.Post(context.Background(), bad, http.Header{}, nil); err == nil ||
			strings.Contains(err.Error(), "hidden") || retry.Recoverable(err) {
			t.Errorf("error is %v", err)
		}
	}
}

func TestTimeoutAndCancel(t *testing.T) {
	stop := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stop }))
	t.Cleanup(func() { close(stop); srv.Close() })
	c := post.New(20 * time.Millisecond)
	if _, err := c.Post(context.Background(), srv.URL, http.Header{}, nil); err == nil || !retry.Recoverable(err) ||
		!strings.Contains(err.Error(), "exceeded") {
		t.Errorf("error is %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := c.Post(ctx, srv.URL, http.Header{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

func TestClassify(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	boom := errors.New("boom")
	for status, want := range map[int]bool{200: true, 202: true, 301: false, 307: false, 400: false, 401: false,
		403: false, 404: false,
		408: true, 409: true, 410: false, 422: false, 425: true, 429: true, 500: true, 501: true, 502: true, 503: true} {
		err := post.Answer{Status: status}.Classify(boom, now)
		if one := status == http.StatusConflict; retry.IsOneOnly(err) != one {
			t.Errorf("%d: of one request only is %t", status, !one)
		}
		if !errors.Is(err, boom) || retry.Recoverable(err) != want {
			t.Errorf("%d: recoverable is %v", status, !want)
		}
	}
	for value, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, " 7 ": 7 * time.Second, "-1": 0, "soon": 0, "9999999": 24 * time.Hour,
		"99999999999999999999":          0,
		"Sun, 22 Nov 2026 10:00:30 GMT": 30 * time.Second, "Sun, 22 Nov 2026 09:00:00 GMT": 0,
	} {
		a := post.Answer{Status: 429, Header: http.Header{"Retry-After": {value}}}
		if got := a.RetryAfter(now); got != want {
			t.Errorf("Retry-After %q is %v, want %v", value, got, want)
		}
	}
}

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{"no": `"no"`, "a\nb\x00c\u202e": `"a b c "`, "\xff": `"?"`} {
		if got := post.Quote(in); got != want {
			t.Errorf("%q becomes %s, want %s", in, got, want)
		}
	}
	if got := post.Quote(strings.Repeat("é", 500)); len(got) > 210 {
		t.Errorf("%d bytes", len(got))
	}
}

func TestCheckURL(t *testing.T) {
	for s, ok := range map[string]bool{
		"https://platform.example/aer": true, "http://127.0.0.1:8080/x": true, "http://localhost/x": true,
		"http://[::1]:1/": true, "https://h/?a=b": true,
		"": false, "http://platform.example/": false, "ftp://h/": false, "platform.example": false, "https://": false,
		"https://:443/":          false,
		"https://user:hidden@h/": false, "https://h/#hidden": false, "http://localhost.hidden.example/": false,
		"https://%zz": false,
	} {
		err := post.CheckURL(s)
		if (err == nil) != ok || err != nil && strings.Contains(err.Error(), "hidden") {
			t.Errorf("%q: %v", s, fmt.Sprint(err))
		}
	}
}
