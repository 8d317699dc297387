package source

import (
	"context"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/event"
)

// decoder makes events and dead letters of messages. What comes in comes out, as the one or the other, and is counted.
type decoder struct {
	Options event.Options
	Keep    Keep

	messages, events, late, dead beam.Counter
	unreadable                   unreadableCounters
	times                        beam.Distribution // of events, Unix milliseconds
}

// The names of a decoder's metrics that others read.
const (
	namespace         = "ingest"
	timesDistribution = "event_time_ms"
)

// setup names the counters.
func (d *decoder) setup() {
	d.messages = beam.NewCounter(namespace, "messages")
	d.events = beam.NewCounter(namespace, "events")
	d.late = beam.NewCounter(namespace, LateCounter)
	d.dead = beam.NewCounter(namespace, "dead_letters")
	d.unreadable = newUnreadableCounters()
	d.times = beam.NewDistribution(namespace, timesDistribution)
}

type (
	emitEvent = func(beam.EventTime, *aerv1.Event)
	emitDead  = func(beam.EventTime, *aerv1.DeadLetter)
)

// decode takes one message that came at a time when the source had come to watermarkMS (0 = unknown).
func (d *decoder) decode(
	ctx context.Context, data []byte, from event.Source, came beam.EventTime, watermarkMS int64, events emitEvent, dead emitDead,
) {
	var u event.Unreadable
	evs, letters := event.DecodeCounting(data, from, d.Options, &u)
	d.unreadable.add(ctx, &u, nil)
	d.messages.Inc(ctx, 1)
	for _, ev := range evs {
		d.emit(ctx, ev, watermarkMS, events)
	}
	d.dead.Inc(ctx, int64(len(letters)))
	for _, l := range letters {
		dead(came, l)
	}
}

// emit counts an event and passes it on.
func (d *decoder) emit(ctx context.Context, ev *aerv1.Event, watermarkMS int64, events emitEvent) {
	ms := ev.Time.AsTime().UnixMilli()
	if d.Keep.drops(ms, watermarkMS) {
		d.late.Inc(ctx, 1)
	}
	d.events.Inc(ctx, 1)
	d.times.Update(ctx, ms)
	events(eventTime(ms), ev)
}

// eventTime converts Unix milliseconds to Beam's time, kept within what Beam can represent.
func eventTime(ms int64) beam.EventTime { return mtime.Normalize(mtime.FromMilliseconds(ms)) }
