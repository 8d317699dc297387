// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"cloud.google.com/go/pubsub/v2/pstest"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	twin "github.com/aer-project/aer/transforms/source/bus"
)

const (
	topic         = "projects/demo/topics/events"
	subscription  = "projects/demo/subscriptions/aer"
	timeAttribute = "time"
	// perMessage events go into a message: the protocol allows up to 1000.
	perMessage = 100
	// inFlight messages are published before the first of them must be acknowledged. The embedded server hands out what it
	// has in any order, so that this is also how far events come out of order; one Pull takes them all.
	inFlight = 100
)

// bus is an in-process Pub/Sub server with one topic and one subscription, spoken to by the real client.
type bus struct {
	server *pstest.Server
	// published are the messages that the server has, forgotten those before them.
	published, forgotten int
}

func newBus(ctx context.Context) (*bus, error) {
	b := &bus{server: pstest.NewServer()}
	if err := twin.Subscribe(ctx, b.server.Addr, topic, subscription, twin.MaxAckDeadline); err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

func (b *bus) close() error { return b.server.Close() }

// publish puts events onto the bus in their order, at the pace at which they are taken, and returns when all of them
// are acknowledged. It forgets each when it is published, for the memory. progress is told how many are acknowledged.
func (b *bus) publish(ctx context.Context, events []*aerv1.Event, progress func(events int)) error {
	for len(events) > 0 {
		n := min(perMessage, len(events))
		data, err := batch(events[:n])
		if err != nil {
			return err
		}
		b.server.Publish(topic, data, map[string]string{timeAttribute: events[0].GetTime().AsTime().Format(time.RFC3339Nano)})
		clear(events[:n])
		b.published++
		events = events[n:]
		if b.published == inFlight {
			if err := b.drained(ctx, progress); err != nil {
				return err
			}
		}
	}
	return b.drained(ctx, progress)
}

// batch is a message: a JSON array of events.
func batch(events []*aerv1.Event) ([]byte, error) {
	data := []byte{'['}
	for i, e := range events {
		line, err := aerv1.MarshalJSONLine(e)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			data = append(data, ',')
		}
		data = append(data, line...)
	}
	return append(data, ']'), nil
}

// look is how often the server is asked what is acknowledged: it has no way to tell by itself.
const look = 20 * time.Millisecond

// drained waits until every message is acknowledged, and has the server forget them: it keeps them for tests.
func (b *bus) drained(ctx context.Context, progress func(int)) error {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		acked := 0
		for _, m := range b.server.Messages() {
			if m.Acks > 0 {
				acked++
			}
		}
		progress((b.forgotten + acked) * perMessage)
		if acked == b.published {
			b.server.ClearMessages()
			b.forgotten, b.published = b.forgotten+b.published, 0
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %d messages to be acknowledged: %w", b.published-acked, context.Cause(ctx))
		case <-tick.C:
		}
	}
}
