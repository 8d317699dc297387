package transforms

import (
	"context"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/event"
)

func init() {
	beam.RegisterDoFn(&decodeFn{})
	register.Function4x0((&decodeFn{}).ProcessElement)
	direct(func(fn *decodeFn) any { return fn.ProcessElement })
	register.Emitter1[*aerv1.DeadLetter]()
}

// decode turns messages into events and dead letters.
func decode(s beam.Scope, messages beam.PCollection, opt event.Options, keep Keep) (events, dead beam.PCollection) {
	return beam.ParDo2(s, &decodeFn{Options: opt, Keep: keep}, messages)
}

// decodeFn decodes messages. What comes in comes out, as events or as dead letters, and is counted.
type decodeFn struct {
	Options event.Options
	Keep    Keep

	messages, events, late, dead beam.Counter
	unreadable                   unreadableCounters
}

// Setup names the counters.
func (fn *decodeFn) Setup() {
	fn.messages = beam.NewCounter("ingest", "messages")
	fn.events = beam.NewCounter("ingest", "events")
	fn.late = beam.NewCounter("ingest", LateCounter)
	fn.dead = beam.NewCounter("ingest", "dead_letters")
	fn.unreadable = newUnreadableCounters()
}

// ProcessElement decodes one message.
func (fn *decodeFn) ProcessElement(ctx context.Context, m Message, events func(beam.EventTime, *aerv1.Event), dead func(*aerv1.DeadLetter)) {
	var u event.Unreadable
	evs, letters := event.DecodeCounting(m.Data, m.origin(), fn.Options, &u)
	fn.unreadable.add(ctx, &u, nil)
	fn.messages.Inc(ctx, 1)
	fn.events.Inc(ctx, int64(len(evs)))
	fn.dead.Inc(ctx, int64(len(letters)))
	var late int64
	for _, ev := range evs {
		if fn.Keep.drops(ev.Time.AsTime().UnixMilli(), m.WatermarkMS) {
			late++
		}
		events(eventTime(ev.Time.AsTime().UnixMilli()), ev)
	}
	fn.late.Inc(ctx, late)
	for _, l := range letters {
		dead(l)
	}
}
