// SPDX-License-Identifier: Apache-2.0

package latency

import (
	"context"
	"errors"
	"fmt"
	"time"

	vkit "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

const (
	topic         = "projects/bench/topics/events"
	subscription  = "projects/bench/subscriptions/aer"
	timeAttribute = "time"
	// ackDeadlineSeconds is the longest that Pub/Sub allows, so that nothing is delivered twice while a machine is slow.
	ackDeadlineSeconds = 600
)

// bus is an in-process Pub/Sub server, which AER pulls from with the real client.
type bus struct{ server *pstest.Server }

func newBus(ctx context.Context) (b bus, err error) {
	b = bus{pstest.NewServer()}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("starting the bus: %w", err), b.server.Close())
		}
	}()
	opts := []option.ClientOption{
		option.WithEndpoint(b.server.Addr), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())),
	}
	topics, err := vkit.NewTopicAdminClient(ctx, opts...)
	if err != nil {
		return b, err
	}
	defer topics.Close()
	if _, err := topics.CreateTopic(ctx, &pubsubpb.Topic{Name: topic}); err != nil {
		return b, err
	}
	subs, err := vkit.NewSubscriptionAdminClient(ctx, opts...)
	if err != nil {
		return b, err
	}
	defer subs.Close()
	_, err = subs.CreateSubscription(ctx, &pubsubpb.Subscription{Name: subscription, Topic: topic,
		AckDeadlineSeconds: ackDeadlineSeconds})
	return b, err
}

// publish puts a message of events, a JSON array, onto the bus; at is the time of the oldest.
func (b bus) publish(events []byte, at time.Time) {
	b.server.Publish(topic, events, map[string]string{timeAttribute: at.UTC().Format(time.RFC3339Nano)})
}
