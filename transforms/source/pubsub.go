// SPDX-License-Identifier: Apache-2.0

package source

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/sdf"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/event"
)

func init() { beam.RegisterDoFn(&pubsubFn{}) }

const (
	// DefaultPullMax is the most messages of one Pull: the service's own limit.
	DefaultPullMax = 1000
	// DefaultPullTimeout is how long a Pull may wait. Short timeouts lose responses that are on their way, which are
	// then delivered again (500 ms: 201 redeliveries in 50 s; 10 s: none).
	DefaultPullTimeout = 10 * time.Second
	// DefaultSkew is how far, in event time, messages may lag behind the oldest of the recent pulls without being late.
	// Every decision waits for so long. With 2 s the fast lane ended sessions after 2.5 to 3.3 s in the median, with this
	// after half a second. What lags further is decided when it comes, and where its window has closed meanwhile it is a
	// slice of its own: it counts for the profile and in every sum, but what looks at one slice sees two.
	DefaultSkew = 200 * time.Millisecond
	// DefaultHeldMax bounds the messages that were pulled and are not acknowledged: with AckAfter a source that holds so
	// many waits. It is 3,300 messages a second where they are held for 30 s; their ids are some 20 MB of state then, so
	// that publishers of more should put several events into a message.
	DefaultHeldMax = 100_000
	// DefaultHeldBytes bounds their content, as it came: compressed batches are ten times that in memory.
	DefaultHeldBytes = 64 << 20

	// pause is how long the source waits after a pull that was not full. A bundle of every stage and a batch for every
	// shard follow from a pull, however few messages it brings: without the wait there were 100 to 300 a second, and at
	// the end of a window of 100,000 events 14,000 batches were merged while the fast lane waited for it.
	pause = 20 * time.Millisecond

	pullsRemembered = 4 // pulls whose oldest message holds the watermark
	pullsNotFull    = 2 // the same after a pull that was not full
	// heldLook is how often it is looked whether messages can be acknowledged, while nothing is pulled.
	heldLook = 200 * time.Millisecond
)

// PubSub says where and how to pull. Exactly this is serialised into the pipeline.
type PubSub struct {
	// Subscription is the full name, projects/P/subscriptions/S.
	Subscription string
	// Endpoint, if set, is host:port of a server without TLS or credentials: the embedded one or an emulator.
	Endpoint string
	// TimeAttribute names the attribute that holds the event time of a message as RFC 3339; without it (or where a
	// message has none) the message is decoded to learn its time. For a batch it is the time of its oldest event.
	TimeAttribute string
	// IDAttribute names the attribute by which a publisher tells a repeated message; without it (or where a message has
	// none) it is the id that Pub/Sub gave it, which only tells repeated deliveries.
	IDAttribute string
	// AckAfter is how long messages are held before they are acknowledged, for runners that go on before they have
	// committed: on Flink more than two checkpoint intervals. 0 is until the next bundle, which suits Prism.
	AckAfter time.Duration
	// PullMax, PullTimeout, Skew, HeldMax and HeldBytes: zero means the default.
	PullMax     int
	PullTimeout time.Duration
	Skew        time.Duration
	HeldMax     int
	HeldBytes   int64
	// StopAfter ends the source after so many messages; 0 = never.
	StopAfter int64
}

// pubsubFn pulls and acknowledges on resume: the restriction of a bundle names what bundles before it pulled, and the
// runner schedules it only after those are committed, or commits them within AckAfter. Nothing is acknowledged that
// could still be lost, and what a crash leaves unacknowledged is delivered again. What is delivered again although it
// was taken in is dropped and counted.
type pubsubFn struct {
	whole
	PubSub
	Intake intake

	acked, pulled, ackErr, duplicates beam.Counter
	// now is the wall clock, by which deadlines pass and messages are held.
	now func() time.Time
}

// Setup names the counters and finds the process.
func (fn *pubsubFn) Setup(ctx context.Context) error {
	fn.PullMax, fn.PullTimeout = cmp.Or(fn.PullMax, DefaultPullMax), cmp.Or(fn.PullTimeout, DefaultPullTimeout)
	fn.HeldMax, fn.HeldBytes = cmp.Or(fn.HeldMax, DefaultHeldMax), cmp.Or(fn.HeldBytes, DefaultHeldBytes)
	fn.Skew = cmp.Or(fn.Skew, DefaultSkew)
	if fn.now == nil {
		fn.now = time.Now
	}
	fn.acked = beam.NewCounter("pubsub", "acknowledged")
	fn.pulled = beam.NewCounter("pubsub", "pulled")
	fn.ackErr = beam.NewCounter("pubsub", "acknowledge_errors")
	fn.duplicates = beam.NewCounter("pubsub", DuplicatesCounter)
	return fn.Intake.setup(ctx)
}

// DuplicatesCounter counts, in the namespace pubsub, the messages that were dropped because they had come before.
const DuplicatesCounter = "duplicates"

// subscriber takes what an earlier bundle left, or connects.
func (fn *pubsubFn) subscriber(ctx context.Context) (*subscriber, error) {
	if s, ok := fn.Intake.process.Take(subscriberKey{fn.Subscription}).(*subscriber); ok {
		return s, nil
	}
	return subscribe(ctx, fn.PubSub)
}

// ProcessElement acknowledges what is committed of earlier pulls, and pulls once.
func (fn *pubsubFn) ProcessElement(
	ctx context.Context, we *sdf.ManualWatermarkEstimator, rt *sdf.LockRTracker, _ []byte, events emitEvent, dead emitDead,
) (sdf.ProcessContinuation, error) {
	st := openPullState(rt.GetRestriction().(*aerv1.SourceState).Pull)
	sub, err := fn.subscriber(ctx)
	if err != nil {
		return sdf.StopProcessing(), err
	}
	defer fn.Intake.process.Keep(subscriberKey{fn.Subscription}, sub)
	fn.acknowledge(ctx, sub, st)
	room, wait := fn.room(st)
	switch {
	case fn.ending(st) && len(st.Held) == 0:
		rt.TryClaim(finished{})
		return sdf.StopProcessing(), nil
	case fn.ending(st) || wait > 0:
		rt.TryClaim(st.claim())
		return sdf.ResumeProcessingIn(cmp.Or(wait, heldLook)), nil
	}
	full, err := fn.take(ctx, sub, st, room, rt, events, dead)
	if err != nil || rt.IsDone() {
		return sdf.StopProcessing(), err
	}
	if st.WatermarkMs != 0 {
		we.UpdateWatermark(time.UnixMilli(st.WatermarkMs))
	}
	if full {
		return sdf.ResumeProcessingIn(0), nil
	}
	return sdf.ResumeProcessingIn(pause), nil
}

// ending says that nothing more is to be pulled.
func (fn *pubsubFn) ending(st *pullState) bool {
	return fn.Intake.draining() || fn.StopAfter > 0 && st.Pulled >= fn.StopAfter
}

// room is how many messages may be pulled, or else how long to wait.
func (fn *pubsubFn) room(st *pullState) (messages int, wait time.Duration) {
	n, bytes := st.holds()
	switch {
	case fn.Intake.full():
		return 0, 20 * time.Millisecond
	case n >= fn.HeldMax || bytes >= fn.HeldBytes:
		return 0, heldLook
	}
	return min(fn.PullMax, fn.HeldMax-n), 0
}

// acknowledge acknowledges what is held for long enough, and has the rest held.
func (fn *pubsubFn) acknowledge(ctx context.Context, sub *subscriber, st *pullState) {
	now := fn.now()
	sub.leases.hold(ctx, st.Held, now)
	for _, h := range st.due(now, fn.AckAfter) {
		failed := sub.acknowledge(ctx, h.Acks)
		fn.ackErr.Inc(ctx, int64(failed))
		fn.acked.Inc(ctx, int64(len(h.Acks)-failed))
		sub.leases.release(h.Chain)
	}
}

// take pulls, and passes on what had not come before; full says that there may be more.
func (fn *pubsubFn) take(ctx context.Context, sub *subscriber, st *pullState, room int, rt *sdf.LockRTracker,
	events emitEvent, dead emitDead,
) (full bool, err error) {
	started := fn.now()
	msgs, full, err := sub.pull(ctx, fn.Intake.process.Draining(), room, fn.PullTimeout)
	if err != nil {
		return false, err
	}
	now, before := fn.now(), st.WatermarkMs
	sub.seen.follow(st.Chain, now)
	fresh := make([]*pubsubpb.PubsubMessage, 0, len(msgs))
	for _, m := range msgs {
		if !sub.seen.again(messageKey(m.Message, fn.IDAttribute), now) {
			fresh = append(fresh, m.Message)
		}
	}
	st.holdPull(now, msgs, fn.IDAttribute)
	times, bound := make([]int64, len(fresh)), make([]int64, len(fresh))
	for i, m := range fresh {
		times[i] = fn.eventTimeMS(m)
		bound[i] = st.boundMS(m, times[i])
	}
	st.advance(bound, full, fn.Skew.Milliseconds(), now.Sub(started).Milliseconds())
	if !rt.TryClaim(st.claim()) {
		sub.seen = seen{} // nothing of this pull was taken in
		return false, nil
	}
	sub.seen.chain = st.Chain
	sub.leases.hold(ctx, st.Held, now)
	n := 0
	for i, m := range fresh {
		n += fn.Intake.decode(ctx, m.Data, origin(fn.Subscription, m), eventTime(times[i]), before, events, dead)
	}
	sub.adapt(len(msgs), n, fn.PullMax, DefaultClaim)
	fn.pulled.Inc(ctx, int64(len(msgs)))
	fn.duplicates.Inc(ctx, int64(len(msgs)-len(fresh)))
	return full, nil
}

// origin is where a message came from, for the decoder.
func origin(subscription string, m *pubsubpb.PubsubMessage) event.Source {
	from := event.Source{Name: subscription, Offset: m.MessageId}
	if m.PublishTime != nil {
		from.PublishedAt = m.PublishTime.AsTime()
	}
	return from
}

// eventTimeMS is the time of a message's oldest event in Unix milliseconds: from its attribute, else from its content,
// else (garbage, or too far in the future) the time it was published.
func (fn *pubsubFn) eventTimeMS(m *pubsubpb.PubsubMessage) int64 {
	published := m.PublishTime.AsTime().UnixMilli()
	ms, ok := fn.claimedMS(m)
	max := fn.Intake.Options.FutureMax.Milliseconds()
	if !ok || max > 0 && m.PublishTime != nil && ms-published > max {
		return published
	}
	return ms
}

// claimedMS is the time that a message claims for itself.
func (fn *pubsubFn) claimedMS(m *pubsubpb.PubsubMessage) (ms int64, ok bool) {
	if v := m.Attributes[fn.TimeAttribute]; fn.TimeAttribute != "" && v != "" {
		if t, err := time.Parse(time.RFC3339Nano, strings.TrimSpace(v)); err == nil {
			return t.UnixMilli(), true
		}
		if ms, err := strconv.ParseInt(v, 10, 64); err == nil {
			return ms, true // what Dataflow's own source accepts besides RFC 3339
		}
	}
	ms, _, ok = oldestEvent(m.Data)
	return ms, ok
}
