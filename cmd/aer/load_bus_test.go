// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	vkit "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/aer-project/aer/sinks/sinktest/outside"
	"github.com/aer-project/aer/transforms/source/bus"
)

const (
	loadTopic = "projects/aer-test/topics/events"
	loadSub   = "projects/aer-test/subscriptions/aer"
	// loadDeadline is the ack deadline of the subscription, in seconds: the shortest, so that much comes again.
	loadDeadline = 10
	loadPeople   = 5000
)

// loadBus is a topic of Google's emulator, filled on a timetable, with a second subscriber that hands back what it is
// given.
type loadBus struct {
	t      *testing.T
	addr   string
	topics *vkit.TopicAdminClient
	subs   *vkit.SubscriptionAdminClient
	// events and garbage were published, repeated of the events twice; handedBack were given to the second subscriber,
	// which refused them or let their deadline pass.
	events, garbage, repeated int
	handedBack                atomic.Int64
}

func newLoadBus(t *testing.T) *loadBus {
	t.Helper()
	b := &loadBus{t: t, addr: outside.PubSub(t)}
	if err := bus.Subscribe(t.Context(), b.addr, loadTopic, loadSub, loadDeadline); err != nil {
		t.Fatal(err)
	}
	o := []option.ClientOption{option.WithEndpoint(b.addr), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials()))}
	var err error
	if b.topics, err = vkit.NewTopicAdminClient(t.Context(), o...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.topics.Close() })
	if b.subs, err = vkit.NewSubscriptionAdminClient(t.Context(), o...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.subs.Close() })
	return b
}

// tick is how often messages are published: those of it in one call.
const loadTick = 50 * time.Millisecond

// fill publishes rate messages a second until the time is over: an event each, but for one in 500 that is garbage, and
// one in 100 is published twice.
func (b *loadBus) fill(ctx context.Context, rate int, until time.Time) {
	perTick := rate * int(loadTick) / int(time.Second)
	for due := time.Now(); due.Before(until) && ctx.Err() == nil; due = due.Add(loadTick) {
		time.Sleep(time.Until(due)) // the timetable of the load, not a wait for anything
		req := &pubsubpb.PublishRequest{Topic: loadTopic}
		for len(req.Messages) < perTick {
			req.Messages = append(req.Messages, b.message(due)...)
		}
		if _, err := b.topics.Publish(ctx, req); err != nil {
			b.t.Errorf("publishing: %v", err)
			return
		}
	}
}

func (b *loadBus) message(at time.Time) []*pubsubpb.PubsubMessage {
	if rand.IntN(500) == 0 {
		b.garbage++
		return []*pubsubpb.PubsubMessage{{Data: fmt.Append(nil, "garbage ", b.garbage)}}
	}
	b.events++
	user := b.events % loadPeople
	text := at.UTC().Format(time.RFC3339Nano)
	m := &pubsubpb.PubsubMessage{
		Attributes: map[string]string{"id": fmt.Sprint("e-", b.events), "time": text},
		Data: fmt.Appendf(nil, `{"id":"e-%d","time":%q,"org_id":"O%d","user_id":"U%d","session_id":"S%d",`+
			`"action":"file_viewed","object":{"type":"file","id":"F%d"},"client":{"ip":"198.51.100.%d"}}`,
			b.events, text, user%20, user, user, b.events%300, user%250),
	}
	if rand.IntN(100) == 0 {
		b.repeated++
		return []*pubsubpb.PubsubMessage{m, m}
	}
	return []*pubsubpb.PubsubMessage{m}
}

// handBack is the second subscriber: it takes some messages four times a second, refuses half of them and lets the
// deadline of the others pass, until ctx ends.
func (b *loadBus) handBack(ctx context.Context) {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		some, err := b.subs.Pull(ctx, &pubsubpb.PullRequest{Subscription: loadSub, MaxMessages: 40})
		if err != nil || len(some.GetReceivedMessages()) == 0 {
			continue // ending, or all is taken
		}
		b.handedBack.Add(int64(len(some.GetReceivedMessages())))
		if n%2 == 0 {
			continue
		}
		var ids []string
		for _, m := range some.GetReceivedMessages() {
			ids = append(ids, m.GetAckId())
		}
		err = b.subs.ModifyAckDeadline(ctx, &pubsubpb.ModifyAckDeadlineRequest{Subscription: loadSub, AckIds: ids})
		if err != nil && ctx.Err() == nil {
			b.t.Errorf("refusing messages: %v", err)
		}
	}
}
