// SPDX-License-Identifier: Apache-2.0

package source

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/pstest"
	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/process"
)

// The checkpoints of a runnerThatGoesBack.
const (
	interval  = 10 * time.Second
	heldAfter = 5 * interval / 2
)

// A runnerThatGoesBack runs the Pub/Sub source as Flink does: the rest of a bundle goes on at once, checkpoints commit
// what was made since the one before, at least every interval, and now and then it goes back to the last, in the same
// process or in another.
type runnerThatGoesBack struct {
	t       *rapid.T
	srv     *pstest.Server
	clock   *clock
	process *process.Process
	fn      *pubsubFn

	at, saved *aerv1.SourceState // where the source is, and was at the last checkpoint
	savedAt   time.Time
	// made is since then; committed counts what was made before, by id.
	made      []string
	committed map[string]int
}

// clock is the time of the server and of the source.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (r *runnerThatGoesBack) start() {
	r.process = process.Start("back", nil, nil)
	r.fn = &pubsubFn{now: r.clock.Now, Intake: intake{Run: process.Run{ID: "back"}}, PubSub: PubSub{
		Subscription: testSub, Endpoint: r.srv.Addr, PullTimeout: 5 * time.Millisecond, AckAfter: heldAfter,
	}}
	if err := r.fn.Setup(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

// kill ends the process without a word to the server.
func (r *runnerThatGoesBack) kill() {
	if s, ok := r.process.Take(subscriberKey{testSub}).(*subscriber); ok {
		s.leases.stop()
		_ = s.client.Close()
	}
	r.process.End()
}

// bundle runs the source once, after some time, and a checkpoint before it if one is due.
func (r *runnerThatGoesBack) bundle(after time.Duration) {
	r.clock.pass(after)
	if s, ok := r.process.Take(subscriberKey{testSub}).(*subscriber); ok {
		s.leases.extend(r.t.Context(), r.clock.Now())
		r.process.Keep(subscriberKey{testSub}, s)
	}
	if r.clock.Now().Sub(r.savedAt) >= interval {
		r.checkpoint()
	}
	rt := r.fn.CreateTracker(handOn(r.t, r.at))
	events := func(_ beam.EventTime, ev *aerv1.Event) { r.made = append(r.made, ev.Id) }
	more, err := r.fn.ProcessElement(r.t.Context(), r.fn.CreateWatermarkEstimator(0), rt, nil, events, nil)
	if err != nil || rt.GetError() != nil || !more.ShouldResume() {
		r.t.Fatal(err, rt.GetError(), more)
	}
	_, rest, err := rt.TrySplit(0)
	if err != nil || rest == nil {
		r.t.Fatalf("no rest is left: %v", err)
	}
	r.at = rest.(*aerv1.SourceState)
}

func (r *runnerThatGoesBack) checkpoint() {
	for _, id := range r.made {
		r.committed[id]++
	}
	r.made, r.saved, r.savedAt = nil, r.at, r.clock.Now()
}

// goBack forgets what was made since the last checkpoint.
func (r *runnerThatGoesBack) goBack() {
	r.made, r.at = nil, r.saved
	r.savedAt = r.clock.Now() // the next is an interval after it runs again
}

func (r *runnerThatGoesBack) allAcked() bool {
	for _, m := range r.srv.Messages() {
		if m.Acks == 0 {
			return false
		}
	}
	return true
}

// Whatever a runner goes back to, every message is committed, and once unless a process was killed, which may have
// kept others from knowing what it had acknowledged.
func TestNothingIsLostOverCheckpoints(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := &runnerThatGoesBack{t: rt, clock: &clock{now: time.Now().Add(time.Hour)}, committed: map[string]int{},
			at: &aerv1.SourceState{}, saved: &aerv1.SourceState{}}
		r.srv = newBusOf(t, 10)
		defer r.srv.Close()
		r.srv.SetTimeNowFunc(r.clock.Now)
		r.savedAt = r.clock.Now()
		r.start()
		defer func() { r.process.End() }()
		published, kills := 0, 0
		for range rapid.IntRange(1, 15).Draw(rt, "steps") {
			for range rapid.IntRange(0, 3).Draw(rt, "messages") {
				r.srv.Publish(testTopic, []byte(good(published, 0)), nil)
				published++
			}
			r.bundle(time.Duration(rapid.IntRange(0, 6).Draw(rt, "seconds")) * time.Second)
			switch rapid.IntRange(0, 9).Draw(rt, "then") {
			case 0:
				r.goBack()
			case 1:
				kills++
				r.kill()
				r.goBack()
				r.start()
			case 2:
				r.checkpoint()
			}
		}
		for n := 0; !r.allAcked(); n++ {
			if n > 500 {
				rt.Fatal("messages are never acknowledged")
			}
			r.bundle(5 * time.Second) // less than a deadline
		}
		r.checkpoint()
		for i := range published {
			id := fmt.Sprint("e-", i)
			if n := r.committed[id]; n == 0 || n > 1 && kills == 0 {
				rt.Fatalf("%s is committed %d times; %d processes were killed", id, n, kills)
			}
		}
	})
}
