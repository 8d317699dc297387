// SPDX-License-Identifier: Apache-2.0

package source

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	vkit "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/sdf"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

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

	// pause is how long the source waits after a pull that was not full. A bundle of every stage and a batch for every
	// shard follow from a pull, however few messages it brings: without the wait there were 100 to 300 a second, and at
	// the end of a window of 100,000 events 14,000 batches were merged while the fast lane waited for it.
	pause = 20 * time.Millisecond

	pullsRemembered = 4    // pulls whose oldest message holds the watermark
	pullsNotFull    = 2    // the same after a pull that was not full
	ackChunk        = 1000 // ids of one Acknowledge, far below its limit of 512 KiB
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
	// PullMax, PullTimeout and Skew: zero means the default.
	PullMax     int
	PullTimeout time.Duration
	Skew        time.Duration
	// StopAfter ends the source after so many messages; 0 = never.
	StopAfter int64
}

// pubsubFn pulls and acknowledges on resume: the restriction of a bundle names what the bundle before it pulled, and
// the runner schedules it only after that bundle is committed. Nothing is acknowledged that could still be lost, and
// what a crash leaves unacknowledged is delivered again.
type pubsubFn struct {
	whole
	PubSub
	Intake intake

	client *vkit.SubscriptionAdminClient
	acked  beam.Counter
	pulled beam.Counter
	ackErr beam.Counter
}

// Setup names the counters, finds the process and connects to the service.
func (fn *pubsubFn) Setup(ctx context.Context) error {
	err := fn.Intake.setup(ctx)
	if err != nil {
		return err
	}
	fn.PullMax, fn.PullTimeout = cmp.Or(fn.PullMax, DefaultPullMax), cmp.Or(fn.PullTimeout, DefaultPullTimeout)
	fn.Skew = cmp.Or(fn.Skew, DefaultSkew)
	fn.acked = beam.NewCounter("pubsub", "acknowledged")
	fn.pulled = beam.NewCounter("pubsub", "pulled")
	fn.ackErr = beam.NewCounter("pubsub", "acknowledge_errors")
	// The client outlives the call that sets it up, so it must not hang on that call's context.
	fn.client, err = vkit.NewSubscriptionAdminClient(context.WithoutCancel(ctx), dialOptions(fn.Endpoint)...)
	if err != nil {
		return fmt.Errorf("connecting to Pub/Sub for %s: %w", fn.Subscription, err)
	}
	return nil
}

func dialOptions(endpoint string) []option.ClientOption {
	if endpoint == "" {
		return nil
	}
	return []option.ClientOption{
		option.WithEndpoint(endpoint), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())),
	}
}

// Teardown closes the connection.
func (fn *pubsubFn) Teardown() error {
	if fn.client == nil {
		return nil
	}
	return fn.client.Close()
}

// ProcessElement acknowledges what the last bundle pulled and pulls once.
func (fn *pubsubFn) ProcessElement(
	ctx context.Context, we *sdf.ManualWatermarkEstimator, rt *sdf.LockRTracker, _ []byte, events emitEvent, dead emitDead,
) (sdf.ProcessContinuation, error) {
	st := openPullState(rt.GetRestriction().(*aerv1.SourceState).Pull)
	fn.acknowledge(ctx, st.Acks)
	st.Acks = nil
	if fn.Intake.draining() || fn.StopAfter > 0 && st.Pulled >= fn.StopAfter {
		rt.TryClaim(finished{})
		return sdf.StopProcessing(), nil
	}
	if fn.Intake.full() {
		rt.TryClaim(st.claim())
		return sdf.ResumeProcessingIn(20 * time.Millisecond), nil
	}
	started := time.Now()
	msgs, err := fn.pull(ctx)
	if err != nil {
		return sdf.StopProcessing(), err
	}
	before := st.WatermarkMs
	times, bound := make([]int64, len(msgs)), make([]int64, len(msgs))
	for i, m := range msgs {
		times[i] = fn.eventTimeMS(m.Message)
		bound[i] = st.boundMS(m.Message, times[i])
		st.Acks = append(st.Acks, m.AckId)
	}
	full := len(msgs) >= fn.PullMax
	st.advance(bound, full, fn.Skew.Milliseconds(), time.Since(started).Milliseconds())
	if !rt.TryClaim(st.claim()) {
		return sdf.StopProcessing(), nil
	}
	for i, m := range msgs {
		from := origin(fn.Subscription, m.Message)
		fn.Intake.decode(ctx, m.Message.Data, from, eventTime(times[i]), before, events, dead)
	}
	fn.pulled.Inc(ctx, int64(len(msgs)))
	if st.WatermarkMs != 0 {
		we.UpdateWatermark(time.UnixMilli(st.WatermarkMs))
	}
	if full {
		return sdf.ResumeProcessingIn(0), nil
	}
	return sdf.ResumeProcessingIn(pause), nil
}

// origin is where a message came from, for the decoder.
func origin(subscription string, m *pubsubpb.PubsubMessage) event.Source {
	from := event.Source{Name: subscription, Offset: m.MessageId}
	if m.PublishTime != nil {
		from.PublishedAt = m.PublishTime.AsTime()
	}
	return from
}

// pull waits for messages until there are some, the timeout passes or the run is told to drain.
func (fn *pubsubFn) pull(ctx context.Context) ([]*pubsubpb.ReceivedMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, fn.PullTimeout)
	defer cancel()
	defer context.AfterFunc(fn.Intake.process.Draining(), cancel)()
	req := &pubsubpb.PullRequest{Subscription: fn.Subscription, MaxMessages: int32(fn.PullMax)}
	resp, err := fn.client.Pull(ctx, req)
	switch {
	case ctx.Err() != nil && err != nil:
		return nil, nil // waited in vain, or draining
	case err != nil:
		return nil, fmt.Errorf("pulling from %s: %w", fn.Subscription, err)
	}
	return resp.ReceivedMessages, nil
}

// acknowledge drops messages from the subscription. A failure is counted and logged, not returned: the messages are
// then delivered again, which the stages behind bear.
func (fn *pubsubFn) acknowledge(ctx context.Context, ids []string) {
	for len(ids) > 0 {
		n := min(len(ids), ackChunk)
		err := fn.client.Acknowledge(ctx, &pubsubpb.AcknowledgeRequest{Subscription: fn.Subscription, AckIds: ids[:n]})
		if err != nil {
			fn.ackErr.Inc(ctx, int64(n))
			log.Errorf(ctx, "acknowledging %d messages of %s: %v", n, fn.Subscription, err)
		} else {
			fn.acked.Inc(ctx, int64(n))
		}
		ids = ids[n:]
	}
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
