// SPDX-License-Identifier: Apache-2.0

package topic

import (
	"context"
	"fmt"
	"time"

	"github.com/klauspost/compress/zstd"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// What a message of events holds.
const (
	// EventsMax is the most events that a message may have.
	EventsMax = 1000
	// eventsBytes is from where on a message is full before that: half of what Pub/Sub takes, which it does not reach once
	// it is compressed.
	eventsBytes = 5 << 20
	// AttributeTime is the attribute with the time of a message's oldest event.
	AttributeTime = "time"
)

// Events publishes events in batches, as lines of JSON compressed by zstd, one after the other. Each message says its
// oldest time (AttributeTime), and an id that follows from its content.
type Events struct {
	to   *Publisher
	each int
	zstd *zstd.Encoder

	lines  []byte
	n      int
	oldest time.Time
	// Messages and Events are how much was published, Bytes its size as it was sent.
	Messages, Events int
	Bytes            int64
}

// NewEvents publishes to a topic, so many events a message, from 1 to EventsMax.
func NewEvents(to *Publisher, each int) (*Events, error) {
	if each < 1 || each > EventsMax {
		return nil, fmt.Errorf("%d events a message are not possible; use 1 to %d", each, EventsMax)
	}
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	return &Events{to: to, each: each, zstd: w}, nil
}

// Add adds an event, and publishes when a message is full.
func (e *Events) Add(ctx context.Context, ev *aerv1.Event) error {
	line, err := aerv1.MarshalJSONLine(ev)
	if err != nil {
		return fmt.Errorf("publishing event %q: %w", ev.GetId(), err)
	}
	if t := ev.GetTime().AsTime(); e.n == 0 || t.Before(e.oldest) {
		e.oldest = t
	}
	e.lines, e.n = append(append(e.lines, line...), '\n'), e.n+1
	if e.n < e.each && len(e.lines) < eventsBytes {
		return nil
	}
	return e.Flush(ctx)
}

// Flush publishes what is left over.
func (e *Events) Flush(ctx context.Context) error {
	if e.n == 0 {
		return nil
	}
	data := e.zstd.EncodeAll(e.lines, nil)
	err := e.to.Publish(ctx, aerv1.NewID("events", string(e.lines)), data,
		map[string]string{AttributeTime: e.oldest.UTC().Format(time.RFC3339Nano)})
	if err != nil {
		return err
	}
	e.Messages, e.Events, e.Bytes = e.Messages+1, e.Events+e.n, e.Bytes+int64(len(data))
	e.lines, e.n = e.lines[:0], 0
	return nil
}
