// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	vkit "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

const (
	// callTimeout bounds a call that should be answered at once.
	callTimeout = 20 * time.Second
	// idsMax is how many ids go into one call, far below its limit of 512 KiB.
	idsMax = 1000
	// firstPull is how many messages are asked for at first: each may be a batch of a thousand events.
	firstPull = 20
)

// subscriber is what a process keeps of a subscription between bundles.
type subscriber struct {
	subscription string
	client       *vkit.SubscriptionAdminClient
	leases       *leases
	seen         seen
	// next is how many messages to ask for: as many as make about a bundle's events, going by what came lately.
	next int
}

// subscriberKey is where a process keeps a subscriber.
type subscriberKey struct{ subscription string }

func subscribe(ctx context.Context, c PubSub) (*subscriber, error) {
	// The client outlives the call that sets it up, so it must not hang on that call's context.
	client, err := vkit.NewSubscriptionAdminClient(context.WithoutCancel(ctx), dialOptions(c.Endpoint)...)
	if err != nil {
		return nil, fmt.Errorf("connecting to Pub/Sub for %s: %w", c.Subscription, err)
	}
	s := &subscriber{subscription: c.Subscription, client: client, next: firstPull}
	s.leases = startLeases(s.modify)
	return s, nil
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

// Close implements io.Closer: what is not acknowledged is given back.
func (s *subscriber) Close() error {
	s.leases.close(context.Background())
	return s.client.Close()
}

// pull waits for at most so many messages until there are some, the timeout passes or the run is told to drain; full
// says that it got all that it asked for, so that there may be more. What may pass is logged and brings nothing.
func (s *subscriber) pull(ctx, draining context.Context, most int, timeout time.Duration,
) (msgs []*pubsubpb.ReceivedMessage, full bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	defer context.AfterFunc(draining, cancel)()
	req := &pubsubpb.PullRequest{Subscription: s.subscription, MaxMessages: int32(min(s.next, most))}
	resp, err := s.client.Pull(ctx, req)
	switch {
	case err == nil:
		return resp.ReceivedMessages, len(resp.ReceivedMessages) >= int(req.MaxMessages), nil
	case ctx.Err() != nil:
		return nil, false, nil // waited in vain, or draining
	}
	switch status.Code(err) {
	case codes.Internal, codes.Aborted, codes.ResourceExhausted, codes.Unavailable, codes.DeadlineExceeded, codes.Unknown:
		log.Warnf(ctx, "pulling from %s, to be tried again: %v", s.subscription, err)
		return nil, false, nil
	}
	return nil, false, fmt.Errorf("pulling from %s: %w", s.subscription, err)
}

// adapt learns from a pull of so many messages how many to ask for next, to get about so many events.
func (s *subscriber) adapt(messages, events, most, want int) {
	switch {
	case messages == 0:
	case events > want:
		s.next = max(1, messages*want/events)
	case messages >= s.next:
		s.next = min(most, 2*s.next)
	}
}

// acknowledge drops messages from the subscription and says how many it could not. A failure is logged, not returned:
// the messages are then delivered again, which is borne.
func (s *subscriber) acknowledge(ctx context.Context, ids []string) (failed int) {
	for some := range slices.Chunk(ids, idsMax) {
		call, cancel := context.WithTimeout(ctx, callTimeout)
		err := s.client.Acknowledge(call, &pubsubpb.AcknowledgeRequest{Subscription: s.subscription, AckIds: some})
		cancel()
		if err != nil {
			failed += len(some)
			log.Errorf(ctx, "acknowledging %d messages of %s: %v", len(some), s.subscription, err)
		}
	}
	return failed
}

// modify sets how long from now messages are held; 0 gives them back.
func (s *subscriber) modify(ctx context.Context, ids []string, deadline time.Duration) error {
	var errs []error
	for some := range slices.Chunk(ids, idsMax) {
		call, cancel := context.WithTimeout(ctx, callTimeout)
		errs = append(errs, s.client.ModifyAckDeadline(call, &pubsubpb.ModifyAckDeadlineRequest{
			Subscription: s.subscription, AckIds: some, AckDeadlineSeconds: int32(deadline.Seconds()),
		}))
		cancel()
	}
	return errors.Join(errs...)
}
