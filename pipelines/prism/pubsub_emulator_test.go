// SPDX-License-Identifier: Apache-2.0

package prism

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	vkit "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/aer-project/aer/pipelines/job"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/sinktest/outside"
	"github.com/aer-project/aer/transforms/process"
	"github.com/aer-project/aer/transforms/source"
	"github.com/aer-project/aer/transforms/source/bus"
)

func init() { beam.RegisterDoFn(&poisonedFn{}) }

const (
	deadTopic = "projects/aer-test/topics/dead"
	deadSub   = "projects/aer-test/subscriptions/dead"
	goodTopic = "projects/aer-test/topics/some"
	goodSub   = "projects/aer-test/subscriptions/some"
	// attempts is how often a message is delivered before it goes to the topic of dead letters: the least there is.
	attempts = 5
)

// emulator is Google's, with a subscription that has a topic of dead letters.
type emulator struct {
	t      *testing.T
	addr   string
	topics *vkit.TopicAdminClient
	subs   *vkit.SubscriptionAdminClient
}

func newEmulator(t *testing.T) *emulator {
	t.Helper()
	e := &emulator{t: t, addr: outside.PubSub(t)}
	o := []option.ClientOption{option.WithEndpoint(e.addr), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials()))}
	var err error
	if e.topics, err = vkit.NewTopicAdminClient(t.Context(), o...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.topics.Close() })
	if e.subs, err = vkit.NewSubscriptionAdminClient(t.Context(), o...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.subs.Close() })
	for _, topic := range []string{deadTopic, goodTopic} {
		if _, err := e.topics.CreateTopic(t.Context(), &pubsubpb.Topic{Name: topic}); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []*pubsubpb.Subscription{{Name: deadSub, Topic: deadTopic}, {Name: goodSub, Topic: goodTopic,
		AckDeadlineSeconds: 10,
		DeadLetterPolicy:   &pubsubpb.DeadLetterPolicy{DeadLetterTopic: deadTopic, MaxDeliveryAttempts: attempts}}} {
		if _, err := e.subs.CreateSubscription(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

func (e *emulator) publish(topic string, data []byte) {
	e.t.Helper()
	_, err := e.topics.Publish(e.t.Context(), &pubsubpb.PublishRequest{Topic: topic,
		Messages: []*pubsubpb.PubsubMessage{{Data: data}}})
	if err != nil {
		e.t.Fatal(err)
	}
}

// pull waits for a message for so long, and returns nil if there is none.
func (e *emulator) pull(subscription string, wait time.Duration) *pubsubpb.PubsubMessage {
	e.t.Helper()
	ctx, stop := context.WithTimeout(e.t.Context(), wait)
	defer stop()
	for ctx.Err() == nil {
		r, err := e.subs.Pull(ctx, &pubsubpb.PullRequest{Subscription: subscription, MaxMessages: 1})
		switch {
		case len(r.GetReceivedMessages()) > 0:
			return r.GetReceivedMessages()[0].GetMessage()
		case err != nil && status.Code(err) != codes.DeadlineExceeded && ctx.Err() == nil:
			e.t.Fatal(err)
		}
	}
	return nil
}

// run takes messages in until there were so many.
func (e *emulator) run(id string, messages int64, ackAfter time.Duration) (map[string]int64, error) {
	run := process.Run{ID: id}
	proc := process.Start(id, nil, nil)
	defer proc.End()
	p, s := beam.NewPipelineWithRoot()
	events, _ := source.Ingest(s, source.Config{Kind: source.KindPubSub, Run: run, PubSub: source.PubSub{
		Subscription: goodSub, Endpoint: e.addr, PullTimeout: 3 * time.Second, StopAfter: messages, AckAfter: ackAfter,
	}})
	beam.ParDo0(s, &poisonedFn{}, events)
	res, err := Run(e.t.Context(), p, Options{Process: proc, JobName: "emulator"})
	if err != nil {
		return nil, err
	}
	return job.Counters(res), nil
}

// poisonedFn says whose events come, and fails at those of one user.
type poisonedFn struct{}

// came is told whose events came, here because the DoFn runs in this process and nothing can be handed to it.
var came = make(chan string, 10)

func (*poisonedFn) ProcessElement(ev *aerv1.Event) error {
	if ev.GetUserId() == "poison" {
		return errors.New("poison")
	}
	came <- ev.GetUserId()
	return nil
}

func someEvent(id, user string) []byte {
	return fmt.Appendf(nil, `{"id":%q,"time":"2026-11-22T10:00:00Z","org_id":"O","user_id":%q,"action":"post"}`, id, user)
}

// TestIntegrationPubSub is the source on Google's emulator.
func TestIntegrationPubSub(t *testing.T) {
	e := newEmulator(t)
	t.Run("from the bus to the ended session", func(t *testing.T) {
		if err := bus.Subscribe(t.Context(), e.addr, busTopic, busSub, 60); err != nil {
			t.Fatal(err)
		}
		endToEnd(t, 1, e.addr, func(line []byte) { e.publish(busTopic, line) }, nil)
	})
	t.Run("what always fails goes to the topic of dead letters", func(t *testing.T) {
		e.publish(goodTopic, someEvent("e-1", "poison"))
		for n := range attempts {
			if _, err := e.run(fmt.Sprint("poison", n), 1, 0); err == nil {
				t.Fatalf("attempt %d went well", n)
			}
		}
		e.publish(goodTopic, someEvent("e-2", "U2"))
		n, err := e.run("good", 1, 0)
		if user := <-came; err != nil || user != "U2" || n["pubsub/acknowledged"] != 1 {
			t.Errorf("afterwards %s came: %v, %v", user, n, err)
		}
		m := e.pull(deadSub, 20*time.Second) // the emulator sends it there when it is asked for more messages
		if got := m.GetAttributes()["CloudPubSubDeadLetterSourceDeliveryCount"]; got != fmt.Sprint(attempts) {
			t.Errorf("the dead letter is %v, want one that was delivered %d times", m, attempts)
		}
	})
	t.Run("what is held does not come again", func(t *testing.T) {
		e.publish(goodTopic, someEvent("e-3", "U3"))
		type ended struct {
			n   map[string]int64
			err error
		}
		done := make(chan ended, 1)
		go func() {
			n, err := e.run("held", 1, 15*time.Second) // longer than the deadline of the subscription
			done <- ended{n, err}
		}()
		if user := <-came; user != "U3" {
			t.Errorf("%s came", user)
		}
		if m := e.pull(goodSub, 12*time.Second); m != nil {
			t.Errorf("another is given %v meanwhile", m)
		}
		d := <-done
		if d.err != nil || d.n["pubsub/acknowledged"] != 1 || d.n["pubsub/acknowledge_errors"] != 0 {
			t.Errorf("ended with %v, %v", d.n, d.err)
		}
	})
}
