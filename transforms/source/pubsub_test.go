// SPDX-License-Identifier: Apache-2.0

package source

import (
	"fmt"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"
	"google.golang.org/protobuf/types/known/timestamppb"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/event"
	"github.com/aer-project/aer/transforms/source/bus"
)

const (
	testTopic = "projects/p/topics/t"
	testSub   = "projects/p/subscriptions/s"
)

// newBus is an embedded Pub/Sub server with one topic and one subscription.
func newBus(t *testing.T) *pstest.Server {
	t.Helper()
	srv := newBusOf(t, 60)
	t.Cleanup(func() { _ = srv.Close() })
	return srv
}

// newBusOf is one with an ack deadline of so many seconds, to be closed.
func newBusOf(t *testing.T, ackDeadline int32) *pstest.Server {
	t.Helper()
	srv := pstest.NewServer()
	if err := bus.Subscribe(t.Context(), srv.Addr, testTopic, testSub, ackDeadline); err != nil {
		t.Fatal(err)
	}
	return srv
}

// runAsync runs the pipeline and returns its result on a channel.
func runAsync(p *beam.Pipeline) <-chan error {
	done := make(chan error, 1)
	go func() { done <- ptest.Run(p) }()
	return done
}

// A drain loses nothing: what was published is pulled once, acknowledged once and arrives once.
func TestPubSubDrain(t *testing.T) {
	srv := newBus(t)
	p, s := beam.NewPipelineWithRoot()
	run, process := start(t)
	events, dead := Ingest(s, Config{
		Kind: KindPubSub, Run: run,
		PubSub: PubSub{Subscription: testSub, Endpoint: srv.Addr, TimeAttribute: "time", PullMax: 100},
	})
	got := collect(t, s, events, dead)
	done := runAsync(p)

	const n = 2000
	first := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for i := range n {
		at := map[string]string{"time": first.Add(time.Duration(i) * time.Second).Format(time.RFC3339)}
		srv.Publish(testTopic, []byte(good(i, 0)), at)
	}
	waitFor(t, done, func() bool { return len(got.events()) >= n })
	process.Drain()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, m := range got.events() {
		seen[m.Id]++
	}
	if len(seen) != n || len(got.events()) != n {
		t.Errorf("got %d messages, %d distinct: want %d of each", len(got.events()), len(seen), n)
	}
	for _, m := range srv.Messages() {
		if m.Acks != 1 || m.Deliveries != 1 {
			t.Fatalf("message %s was delivered %d times and acknowledged %d times: want once each", m.ID, m.Deliveries, m.Acks)
		}
	}
}

// What is published again under its id is dropped and acknowledged; and what is held for a while is acknowledged before
// a drain ends.
func TestPubSubDropsWhatComesAgain(t *testing.T) {
	srv := newBus(t)
	p, s := beam.NewPipelineWithRoot()
	run, process := start(t)
	events, dead := Ingest(s, Config{
		Kind: KindPubSub, Run: run,
		PubSub: PubSub{Subscription: testSub, Endpoint: srv.Addr, IDAttribute: "id", AckAfter: 300 * time.Millisecond,
			HeldMax: 50},
	})
	got := collect(t, s, events, dead)
	counts := make(chan map[string]int64, 1)
	done := make(chan error, 1)
	go func() {
		res, err := ptest.RunWithMetrics(p)
		if err == nil {
			n := map[string]int64{}
			for _, c := range res.Metrics().AllMetrics().Counters() {
				n[c.Name()] += c.Result()
			}
			counts <- n
		}
		done <- err
	}()
	const n = 300
	for i := range 2 * n {
		srv.Publish(testTopic, []byte(good(i/2, 0)), map[string]string{"id": fmt.Sprint(i / 2)})
	}
	waitFor(t, done, func() bool { return len(got.events()) >= n && pulledAll(srv) })
	process.Drain()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	c := <-counts
	if c["events"] != n || c[DuplicatesCounter] != n || c["pulled"] != 2*n || c["acknowledged"] != 2*n {
		t.Errorf("counters are %v, want %d events and as many duplicates", c, n)
	}
	for _, m := range srv.Messages() {
		if m.Acks != 1 || m.Deliveries != 1 {
			t.Fatalf("message %s was delivered %d times and acknowledged %d times: want once each", m.ID, m.Deliveries, m.Acks)
		}
	}
}

func pulledAll(srv *pstest.Server) bool {
	for _, m := range srv.Messages() {
		if m.Deliveries == 0 {
			return false
		}
	}
	return true
}

func TestHeldPulls(t *testing.T) {
	st := &pullState{}
	msgs := func(ids ...string) (all []*pubsubpb.ReceivedMessage) {
		for _, id := range ids {
			all = append(all, &pubsubpb.ReceivedMessage{AckId: "ack-" + id,
				Message: &pubsubpb.PubsubMessage{MessageId: id, Data: []byte(id)}})
		}
		return all
	}
	st.holdPull(t0, msgs("a", "bb"), "")
	st.holdPull(t0, nil, "")
	st.holdPull(t0.Add(time.Second), msgs("ccc"), "")
	st = openPullState(handOn(t, &aerv1.SourceState{Pull: st.claim()}).Pull)
	if n, bytes := st.holds(); n != 3 || bytes != 6 || st.Pulled != 3 || len(st.Held) != 2 {
		t.Errorf("holds %d messages of %d bytes in %d pulls", n, bytes, len(st.Held))
	}
	fn := &pubsubFn{PubSub: PubSub{PullMax: 10, HeldMax: 5, HeldBytes: 7}, Intake: intake{InFlightMax: 0}}
	if room, pause := fn.room(st); room != 2 || pause != 0 {
		t.Errorf("room for %d, pause %v", room, pause)
	}
	st.holdPull(t0, msgs("d"), "")
	if room, pause := fn.room(st); room != 0 || pause == 0 {
		t.Errorf("room for %d although so many bytes are held", room)
	}
	if due := st.due(t0.Add(5*time.Second), 5*time.Second); len(due) != 1 || len(due[0].Acks) != 2 || len(st.Held) != 2 {
		t.Errorf("due are %v, held %v", due, st.Held)
	}
	old := openPullState(&aerv1.PullState{Acks: []string{"x"}})
	if due := old.due(t0, 0); len(due) != 1 || due[0].Acks[0] != "x" || len(old.Acks) != 0 {
		t.Errorf("of an earlier version: due are %v", due)
	}
}

// A subscriber asks for so many messages that a bundle's events come, whether a message is an event or a batch.
func TestSubscriberAdapts(t *testing.T) {
	s := &subscriber{next: firstPull}
	for i, c := range []struct{ messages, events, want int }{
		{20, 20, 40}, {0, 0, 40}, {30, 30, 40}, {40, 40, 80}, {80, 80, 100}, {100, 100, 100},
		{100, 100_000, 20}, {20, 20_000, 40}, {40, 40_000, 20}, {20, 40_000_000, 1},
	} {
		if s.adapt(c.messages, c.events, 100, 20_000); s.next != c.want {
			t.Errorf("after pull %d it asks for %d messages, want %d", i, s.next, c.want)
		}
	}
}

// waitFor polls until ok holds; it fails when the pipeline ends before.
func waitFor(t *testing.T, done <-chan error, ok func() bool) {
	t.Helper()
	for !ok() {
		select {
		case err := <-done:
			t.Fatalf("the pipeline ended too early: %v", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// One clock that is years fast must not move the watermark of everybody.
func TestPubSubTimeOfFutureEvents(t *testing.T) {
	published := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	future := published.Add(48 * time.Hour)
	body := func(at time.Time) []byte {
		return fmt.Appendf(nil, `{"id":"e","time":%q,"org_id":"O","user_id":"U","action":"post"}`, at.Format(time.RFC3339))
	}
	for name, c := range map[string]struct {
		attribute string
		data      []byte
		bound     time.Duration
		want      time.Time
	}{
		"attribute in the future": {future.Format(time.RFC3339), nil, 24 * time.Hour, published},
		"content in the future":   {"", body(future), 24 * time.Hour, published},
		"no bound":                {"", body(future), 0, future},
		"a little ahead":          {"", body(published.Add(time.Hour)), 24 * time.Hour, published.Add(time.Hour)},
		"garbage":                 {"", []byte("x"), 24 * time.Hour, published},
	} {
		t.Run(name, func(t *testing.T) {
			fn := &pubsubFn{PubSub: PubSub{TimeAttribute: "time"}, Intake: intake{Options: event.Options{FutureMax: c.bound}}}
			m := &pubsubpb.PubsubMessage{Data: c.data, PublishTime: timestamppb.New(published)}
			if c.attribute != "" {
				m.Attributes = map[string]string{"time": c.attribute}
			}
			if got := time.UnixMilli(fn.eventTimeMS(m)); !got.Equal(c.want) {
				t.Errorf("time is %s, want %s", got.UTC(), c.want)
			}
		})
	}
}

// What is ahead of its publication moves the watermark only as far as several users show, however often one repeats it;
// what is not needs no witness.
func TestPubSubNeedsWitnessesForTheFuture(t *testing.T) {
	published := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	type in struct {
		user  string
		ahead time.Duration
	}
	for name, c := range map[string]struct {
		in   []in
		want time.Duration // of the watermark after the publication, but for the skew
	}{
		"all in time":    {[]in{{"a", 0}, {"b", -time.Second}, {"a", 0}, {"a", -time.Second}}, -time.Second},
		"one user alone": {[]in{{"a", 0}, {"a", 0}, {"a", 0}, {"a", 0}}, 0},
		"one from the future": {[]in{{"x", time.Hour}, {"a", -time.Minute}, {"b", 0}, {"c", 0}, {"a", 0}, {"b", 0}},
			0},
		"many of one user": {[]in{{"x", time.Hour}, {"x", time.Hour}, {"x", time.Hour}, {"x", time.Hour},
			{"x", time.Hour}}, 0},
		"two users": {[]in{{"x", time.Hour}, {"y", time.Hour}, {"x", time.Hour}, {"y", time.Hour},
			{"x", time.Hour}}, 0},
		"a simulation runs ahead": {[]in{{"a", time.Hour}, {"b", time.Hour}, {"c", time.Hour}, {"d", time.Hour},
			{"e", time.Hour}, {"f", time.Hour}}, time.Hour},
		"and one of it is far ahead": {[]in{{"x", 9 * time.Hour}, {"b", time.Hour}, {"c", time.Hour}, {"d", time.Hour},
			{"e", time.Hour}, {"f", time.Hour}, {"g", time.Hour}}, time.Hour},
		"the first is the only fresh": {[]in{{"a", 0}, {"b", -time.Hour}, {"c", -time.Hour}, {"d", -time.Hour}},
			-time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			fn := &pubsubFn{Intake: intake{Options: event.Options{FutureMax: 24 * time.Hour}}}
			st := &pullState{}
			for i, x := range c.in { // one message a pull, and the state goes through its code each time
				m := &pubsubpb.PubsubMessage{PublishTime: timestamppb.New(published), Data: fmt.Appendf(nil,
					`{"id":"e%d","time":%q,"org_id":"O","user_id":%q,"action":"post"}`, i,
					published.Add(x.ahead).Format(time.RFC3339), x.user)}
				st.advance([]int64{st.boundMS(m, fn.eventTimeMS(m))}, true, DefaultSkew.Milliseconds(), 1)
				st = openPullState(handOn(t, &aerv1.SourceState{Pull: st.claim()}).Pull)
			}
			if got := time.UnixMilli(st.WatermarkMs).Sub(published) + DefaultSkew; got != c.want {
				t.Errorf("the watermark is %v after the publication but for the skew, want %v", got, c.want)
			}
		})
	}
}

// Messages behind the watermark by more than the lateness are counted where they are decoded.
func TestMessagesThatAreLateAreCounted(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	run, _ := start(t)
	fn := &behindFn{intake{Run: run, Keep: Keep{WindowMS: 10_000, Lateness: 10 * time.Minute}}}
	p, s := beam.NewPipelineWithRoot()
	var behind []any
	for _, by := range []time.Duration{0, 9 * time.Minute, 11 * time.Minute, time.Hour} {
		behind = append(behind, at.Add(by).UnixMilli())
	}
	collect(t, s, beam.ParDo(s, fn, beam.Create(s, behind...)), beam.PCollection{})
	if n := runCounted(t, p); n[LateCounter] != 2 || n["events"] != 4 {
		t.Errorf("%d of %d events are late, want 2 of 4", n[LateCounter], n["events"])
	}
}
