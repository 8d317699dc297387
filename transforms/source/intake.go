// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/event"
	"github.com/aer-project/aer/transforms/process"
)

// intake is what sources share. It makes events and dead letters of messages: what comes in comes out, as the one or
// the other, and is counted. It knows the process that it reads for.
type intake struct {
	Run         process.Run
	Options     event.Options
	Keep        Keep
	InFlightMax int64

	process *process.Process

	messages, events, late, dead beam.Counter
	unreadable                   []beam.Counter    // of each field
	times                        beam.Distribution // of events, Unix milliseconds
}

// The names of the metrics that others read.
const (
	namespace         = "ingest"
	timesDistribution = "event_time_ms"
)

// setup names the counters and finds the process.
func (in *intake) setup(ctx context.Context) (err error) {
	in.messages = beam.NewCounter(namespace, "messages")
	in.events = beam.NewCounter(namespace, "events")
	in.late = beam.NewCounter(namespace, LateCounter)
	in.dead = beam.NewCounter(namespace, "dead_letters")
	in.unreadable = unreadableCounters()
	in.times = beam.NewDistribution(namespace, timesDistribution)
	in.process, err = in.Run.Process(ctx)
	return err
}

func (in *intake) draining() bool { return in.process.Draining().Err() != nil }

// full says that the stages behind have enough to do.
func (in *intake) full() bool {
	return in.InFlightMax > 0 && in.process.InFlight.Load() > in.InFlightMax
}

type (
	emitEvent = func(beam.EventTime, *aerv1.Event)
	emitDead  = func(beam.EventTime, *aerv1.DeadLetter)
)

// decode takes one message that came at a time when the source had come to watermarkMS (0 = unknown), and says of how
// many records it was.
func (in *intake) decode(
	ctx context.Context, data []byte, from event.Source, came beam.EventTime, watermarkMS int64,
	events emitEvent, dead emitDead,
) (records int) {
	var u event.Unreadable
	evs, letters := event.DecodeCounting(data, from, in.Options, &u)
	in.countUnreadable(ctx, &u, nil)
	in.messages.Inc(ctx, 1)
	for _, ev := range evs {
		in.emit(ctx, ev, watermarkMS, events)
	}
	in.dead.Inc(ctx, int64(len(letters)))
	for _, l := range letters {
		dead(came, l)
	}
	return len(evs) + len(letters)
}

// emit counts an event and passes it on.
func (in *intake) emit(ctx context.Context, ev *aerv1.Event, watermarkMS int64, events emitEvent) {
	ms := ev.Time.AsTime().UnixMilli()
	if in.Keep.drops(ms, watermarkMS) {
		in.late.Inc(ctx, 1)
	}
	in.events.Inc(ctx, 1)
	in.times.Update(ctx, ms)
	events(eventTime(ms), ev)
}

// eventTime converts Unix milliseconds to Beam's time, kept within what Beam can represent.
func eventTime(ms int64) beam.EventTime { return mtime.Normalize(mtime.FromMilliseconds(ms)) }
