// SPDX-License-Identifier: Apache-2.0

// Package bus sets up a Pub/Sub server in this process, the embedded twin of the service, for the demo, measurements
// and tests.
package bus

import (
	"context"
	"fmt"

	vkit "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// MaxAckDeadline is the longest that Pub/Sub allows, in seconds: nothing is delivered twice while a machine is slow.
const MaxAckDeadline = 600

// Subscribe makes a topic with one subscription at the server of the address host:port, by the service's own client;
// names are full, projects/P/topics/T. What is not acknowledged within ackDeadline seconds is delivered again.
func Subscribe(ctx context.Context, addr, topic, subscription string, ackDeadline int32) error {
	if err := subscribe(ctx, addr, topic, subscription, ackDeadline); err != nil {
		return fmt.Errorf("subscribing to %s: %w", topic, err)
	}
	return nil
}

func subscribe(ctx context.Context, addr, topic, subscription string, ackDeadline int32) error {
	opts := []option.ClientOption{
		option.WithEndpoint(addr), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())),
	}
	topics, err := vkit.NewTopicAdminClient(ctx, opts...)
	if err != nil {
		return err
	}
	defer topics.Close()
	if _, err := topics.CreateTopic(ctx, &pubsubpb.Topic{Name: topic}); err != nil {
		return err
	}
	subs, err := vkit.NewSubscriptionAdminClient(ctx, opts...)
	if err != nil {
		return err
	}
	defer subs.Close()
	_, err = subs.CreateSubscription(ctx, &pubsubpb.Subscription{Name: subscription, Topic: topic,
		AckDeadlineSeconds: ackDeadline})
	return err
}
