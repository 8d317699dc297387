// SPDX-License-Identifier: Apache-2.0

package slack

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/post"
	"github.com/aer-project/aer/sinks/sinktest"
)

// TestARefusedBatchCanBeLeft: users who were refused together wait for their turns alone at the pace of the rate limit,
// which for many is longer than anyone may wait: who has no time left gets out of the queue, and is not reset later.
func TestARefusedBatchCanBeLeft(t *testing.T) {
	var reset []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.HasSuffix(r.URL.Path, methodResetBulk) {
			_, _ = io.WriteString(w, `{"ok":false,"error":"user_not_found"}`)
			return
		}
		reset = append(reset, string(body))
		_, _ = io.WriteString(w, `{"ok":true}`)
	}))
	t.Cleanup(srv.Close)
	p := post.New(0)
	t.Cleanup(p.Close)
	b := &batcher{client: newClient(srv.URL+"/", Options{PerMinute: 1000, Now: time.Now}, sinktest.Secret("token"), p)}
	var all []*waiter
	for _, user := range []aerv1.UserID{"U1", "U2", "U3"} {
		all = append(all, &waiter{user: user, done: make(chan error, 1)})
	}
	b.queue = append(b.queue, all...)
	b.running = true
	ctx := context.Background()
	b.serve(ctx, b.next())
	if !b.withdraw(all[1]) {
		t.Fatal("a user of a refused batch cannot leave")
	}
	b.work(ctx)
	if err := <-all[0].done; err != nil {
		t.Error(err)
	}
	if err := <-all[2].done; err != nil {
		t.Error(err)
	}
	if got := strings.Join(reset, " "); got != `{"user_id":"U1"} {"user_id":"U3"}` || b.running {
		t.Errorf("reset %s, running %v", got, b.running)
	}
}
