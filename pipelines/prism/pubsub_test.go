// SPDX-License-Identifier: Apache-2.0

package prism

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/pstest"

	"github.com/aer-project/aer/pipelines"
	"github.com/aer-project/aer/pipelines/job"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks"
	"github.com/aer-project/aer/sinks/audit/trail"
	"github.com/aer-project/aer/sinks/directory"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/sinks/sessions"
	stored "github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/decision/settings"
	"github.com/aer-project/aer/transforms/process"
	"github.com/aer-project/aer/transforms/source"
	"github.com/aer-project/aer/transforms/source/bus"
)

const (
	busTopic = "projects/aer-test/topics/events"
	busSub   = "projects/aer-test/subscriptions/aer"
)

// newBus is an embedded Pub/Sub server with one topic and one subscription.
func newBus(t *testing.T) *pstest.Server {
	t.Helper()
	srv := pstest.NewServer()
	t.Cleanup(func() { _ = srv.Close() })
	if err := bus.Subscribe(t.Context(), srv.Addr, busTopic, busSub, 60); err != nil {
		t.Fatal(err)
	}
	return srv
}

// attacked are the users whose sessions go through a Tor exit.
const attacked = 12

// torDay is activity of thirty people in four minutes, of whom some come through a Tor exit listed in torList.
func torDay(t *testing.T) (raw [][]byte, torList string) {
	t.Helper()
	start := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	torList = filepath.Join(t.TempDir(), "tor.tsv")
	line := fmt.Sprintf("198.51.100.7\t%d\t%d\n", start.Add(-time.Hour).Unix(), start.Add(time.Hour).Unix())
	if err := os.WriteFile(torList, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range 600 {
		user, ip := i%30, "203.0.113.9"
		if user < attacked {
			ip = "198.51.100.7"
		}
		line, err := aerv1.MarshalJSONLine(&aerv1.Event{
			Id: fmt.Sprintf("e-%d", i), OrgId: "O1", UserId: fmt.Sprintf("U%d", user), SessionId: fmt.Sprintf("S%d", user),
			Action: "message_posted",
			Time:   aerv1.Time(start.Add(time.Duration(i) * 400 * time.Millisecond)),
			Client: &aerv1.Client{Ip: ip, UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"},
		})
		if err != nil {
			t.Fatal(err)
		}
		raw = append(raw, line)
	}
	return raw, torList
}

// From the bus to the ended session: what is published is acknowledged and counted, once or twice as it was delivered,
// and each response happens exactly once either way. The run ends by a signal.
func TestEndToEndThroughPubSub(t *testing.T) {
	for name, times := range map[string]int{"once": 1, "every event delivered twice": 2} {
		t.Run(name, func(t *testing.T) {
			srv := newBus(t)
			endToEnd(t, times, srv.Addr, func(line []byte) { srv.Publish(busTopic, line, nil) }, func() bool { return allAcked(srv) })
		})
	}
}

// endToEnd publishes every event so many times to the topic at addr, and drains when all are acknowledged, or else by
// their number.
func endToEnd(t *testing.T, times int, addr string, publish func(line []byte), acked func() bool) {
	ctx := context.Background()
	raw, torList := torDay(t)
	now := func() time.Time { return time.Date(2026, 11, 22, 10, 5, 0, 0, time.UTC) }
	dir := t.TempDir()
	st := sinktest.NewMemory()
	seed(t, st, now())
	outbox, err := notify.NewOutbox(dir, "AER <aer@example.com>")
	if err != nil {
		t.Fatal(err)
	}
	out := sinks.NewCollector()
	responder, err := response.New(response.Config{
		Ledger: ledger.New(st), Sessions: sessions.NewEmbedded(sessions.NewTable(st), now),
		Audit: trail.New(st), Notifier: outbox,
		Directory: directory.New(st), Settings: stored.New(st), Defaults: settings.Default, Warehouse: out, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}

	run := process.Run{ID: t.Name(), Mode: aerv1.ModeEnforce}
	w := newCore(t, torList)
	w.Decide = decision.Config{Settings: settings.Default, Now: now}
	proc := process.Start(run.ID, w, &sinks.Output{Warehouse: out, Responder: responder})
	defer proc.End()

	published := int64(times * len(raw))
	sub := source.PubSub{Subscription: busSub, Endpoint: addr, PullMax: 200}
	if acked == nil {
		sub.StopAfter = published
	}
	p := pipelines.Detect(pipelines.Config{Run: run, Join: true, Activity: true, Source: source.Config{
		Kind: source.KindPubSub, PubSub: sub, InFlightMax: 100_000,
	}})
	type ended struct {
		n   map[string]int64
		err error
	}
	done := make(chan ended, 1)
	go func() {
		res, err := Run(ctx, p, Options{Process: proc, JobName: "e2e", Signals: []os.Signal{syscall.SIGUSR1}})
		if err != nil {
			done <- ended{nil, err}
			return
		}
		done <- ended{job.Counters(res), nil}
	}()
	for range times {
		for _, line := range raw {
			publish(line)
		}
	}
	for acked != nil && !acked() {
		select {
		case e := <-done:
			t.Fatalf("the pipeline ended too early: %v", e.err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	if acked != nil {
		if err := syscall.Kill(syscall.Getpid(), syscall.SIGUSR1); err != nil {
			t.Fatal(err)
		}
	}
	e := <-done
	if e.err != nil {
		t.Fatal(e.err)
	}
	for _, c := range []string{"pubsub/pulled", "pubsub/acknowledged", "ingest/messages", "ingest/events"} {
		if e.n[c] != published {
			t.Errorf("%s: %d, want %d", c, e.n[c], published)
		}
	}
	wantResponses(t, st, dir, out)
}

// seed gives everyone a session and an address.
func seed(t *testing.T, st kv.Store, at time.Time) {
	t.Helper()
	ctx := context.Background()
	dir := &aerv1.Directory{OrgId: "O1", Name: "Acme", Domain: "acme.example"}
	for i := range 30 {
		id := fmt.Sprintf("U%d", i)
		dir.People = append(dir.People, &aerv1.Person{UserId: id, Name: id, Email: strings.ToLower(id) + "@acme.example",
			Type: aerv1.UserMember})
		if err := sessions.NewTable(st).Start(ctx, sessions.Session{OrgID: "O1", UserID: aerv1.UserID(id),
			SessionID: aerv1.SessionID(fmt.Sprintf("S%d", i)), StartedAt: at.Add(-time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := sinktest.PutPeople(ctx, st, dir); err != nil {
		t.Fatal(err)
	}
}

// wantResponses checks that each attacked user was signed out, audited and told once, and nobody else.
func wantResponses(t *testing.T, st kv.Store, dir string, out *sinks.Collector) {
	t.Helper()
	ctx := context.Background()
	acted := map[string]int{}
	for _, d := range out.Decisions() {
		if decision.WantsReset(d) {
			acted[d.UserId]++
		}
	}
	entries, err := trail.New(st).List(ctx, "O1")
	if err != nil {
		t.Fatal(err)
	}
	audited := map[string]int{}
	for _, e := range entries {
		audited[e.Entity.User.Id]++
	}
	for i := range 30 {
		id, want := fmt.Sprintf("U%d", i), 0
		if i < attacked {
			want = 1
		}
		list, err := sessions.NewTable(st).List(ctx, "O1", aerv1.UserID(id))
		if err != nil {
			t.Fatal(err)
		}
		ended := 0
		for _, s := range list {
			if !s.EndedAt.IsZero() {
				ended++
			}
		}
		if acted[id] != want || audited[id] != want || ended != want {
			t.Errorf("%s: %d decisions to act, %d audit entries, %d sessions ended: want %d of each", id, acted[id],
				audited[id], ended, want)
		}
	}
	mails, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(mails) != attacked {
		t.Errorf("%d mails in the outbox, want %d", len(mails), attacked)
	}
}

func allAcked(srv *pstest.Server) bool {
	msgs := srv.Messages()
	for _, m := range msgs {
		if m.Acks == 0 {
			return false
		}
	}
	return len(msgs) > 0
}
