package transforms

import (
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
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

func init() {
	beam.RegisterDoFn(&pubsubFn{})
	register.Emitter2[beam.EventTime, Message]()
}

const (
	// DefaultPullMax is the most messages of one Pull: the service's own limit.
	DefaultPullMax = 1000
	// DefaultPullTimeout is how long a Pull may wait. Short timeouts lose responses that are on their way, which are
	// then delivered again (500 ms: 201 redeliveries in 50 s; 10 s: none).
	DefaultPullTimeout = 10 * time.Second
	// DefaultSkew is how far, in event time, messages may lag behind the oldest of the recent pulls without being late.
	DefaultSkew = 2 * time.Second

	pullsRemembered = 4    // pulls whose oldest message holds the watermark
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
	// InFlightMax bounds the batches between the joining stage and the profiles, where both run in this process;
	// 0 = no bound.
	InFlightMax int64
	// FutureMax is how far ahead of its publication a message may move the watermark, see event.Options, from which
	// Ingest takes it; 0 = no bound.
	FutureMax time.Duration
}

func readPubSub(s beam.Scope, cfg PubSub, runID string) beam.PCollection {
	return beam.ParDo(s, &pubsubFn{PubSub: cfg, RunID: runID}, beam.Impulse(s))
}

// pubsubFn pulls and acknowledges on resume: the restriction of a bundle names what the bundle before it pulled, and the
// runner schedules it only after that bundle is committed. Nothing is acknowledged that could still be lost, and what a
// crash leaves unacknowledged is delivered again.
type pubsubFn struct {
	PubSub
	RunID string

	client *vkit.SubscriptionAdminClient
	acked  beam.Counter
	pulled beam.Counter
	ackErr beam.Counter
}

// Setup connects to the service.
func (fn *pubsubFn) Setup(ctx context.Context) error {
	if fn.PullMax == 0 {
		fn.PullMax = DefaultPullMax
	}
	if fn.PullTimeout == 0 {
		fn.PullTimeout = DefaultPullTimeout
	}
	if fn.Skew == 0 {
		fn.Skew = DefaultSkew
	}
	fn.acked = beam.NewCounter("pubsub", "acknowledged")
	fn.pulled = beam.NewCounter("pubsub", "pulled")
	fn.ackErr = beam.NewCounter("pubsub", "acknowledge_errors")
	// The client outlives the call that sets it up, so it must not hang on that call's context.
	var err error
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

// CreateInitialRestriction implements the SDF: one restriction for the whole subscription.
func (fn *pubsubFn) CreateInitialRestriction([]byte) cursor { return cursor{} }

// SplitRestriction implements the SDF: never split.
func (fn *pubsubFn) SplitRestriction(_ []byte, c cursor) []cursor { return []cursor{c} }

// RestrictionSize implements the SDF; there is nothing to balance.
func (fn *pubsubFn) RestrictionSize([]byte, cursor) float64 { return 1 }

// CreateTracker implements the SDF.
func (fn *pubsubFn) CreateTracker(c cursor) *sdf.LockRTracker { return newCursorTracker(c) }

// InitialWatermarkEstimatorState implements the SDF: nothing is known before the first message.
func (fn *pubsubFn) InitialWatermarkEstimatorState(et beam.EventTime, _ cursor, _ []byte) int64 {
	return et.Milliseconds()
}

// CreateWatermarkEstimator implements the SDF.
func (fn *pubsubFn) CreateWatermarkEstimator(ms int64) *sdf.ManualWatermarkEstimator {
	return &sdf.ManualWatermarkEstimator{State: time.UnixMilli(ms)}
}

// WatermarkEstimatorState implements the SDF.
func (fn *pubsubFn) WatermarkEstimatorState(we *sdf.ManualWatermarkEstimator) int64 {
	return we.State.UnixMilli()
}

// ProcessElement acknowledges what the last bundle pulled and pulls once.
func (fn *pubsubFn) ProcessElement(ctx context.Context, we *sdf.ManualWatermarkEstimator, rt *sdf.LockRTracker, _ []byte, emit func(beam.EventTime, Message)) (sdf.ProcessContinuation, error) {
	st, err := decodePullState(rt.GetRestriction().(cursor).State)
	if err != nil {
		return sdf.StopProcessing(), fmt.Errorf("reading the position in %s: %w", fn.Subscription, err)
	}
	r := runOf(fn.RunID)
	fn.acknowledge(ctx, st.acks)
	st.acks = nil
	if r.stopped() || fn.StopAfter > 0 && st.pulled >= fn.StopAfter {
		rt.TryClaim(finished{})
		return sdf.StopProcessing(), nil
	}
	if fn.InFlightMax > 0 && r.inflight.Load() > fn.InFlightMax {
		rt.TryClaim(st.encode())
		return sdf.ResumeProcessingIn(20 * time.Millisecond), nil
	}
	started := time.Now()
	msgs, err := fn.pull(ctx, r)
	if err != nil {
		return sdf.StopProcessing(), err
	}
	before := st.watermarkMS
	times, bound := make([]int64, len(msgs)), make([]int64, len(msgs))
	for i, m := range msgs {
		times[i] = fn.eventTimeMS(m.Message)
		bound[i] = st.boundMS(m.Message, times[i])
		st.acks = append(st.acks, m.AckId)
	}
	st.advance(bound, fn.Skew.Milliseconds(), time.Since(started).Milliseconds())
	if !rt.TryClaim(st.encode()) {
		return sdf.StopProcessing(), nil
	}
	for i, m := range msgs {
		msg := message(fn.Subscription, m.Message)
		msg.WatermarkMS = before
		emit(eventTime(times[i]), msg)
	}
	fn.pulled.Inc(ctx, int64(len(msgs)))
	if st.watermarkMS != 0 {
		we.UpdateWatermark(time.UnixMilli(st.watermarkMS))
	}
	return sdf.ResumeProcessingIn(0), nil
}

// message is what the stages behind a subscription see of a message.
func message(subscription string, m *pubsubpb.PubsubMessage) Message {
	out := Message{Data: m.Data, Source: subscription, Offset: m.MessageId}
	if m.PublishTime != nil {
		out.PublishedMS = m.PublishTime.AsTime().UnixMilli()
	}
	return out
}

// pull waits for messages until there are some, the timeout passes or the run is told to drain.
func (fn *pubsubFn) pull(ctx context.Context, r *run) ([]*pubsubpb.ReceivedMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, fn.PullTimeout)
	defer cancel()
	go func() {
		select {
		case <-r.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	resp, err := fn.client.Pull(ctx, &pubsubpb.PullRequest{Subscription: fn.Subscription, MaxMessages: int32(fn.PullMax)})
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
	if !ok || fn.FutureMax > 0 && m.PublishTime != nil && ms-published > fn.FutureMax.Milliseconds() {
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
