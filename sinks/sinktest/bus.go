// SPDX-License-Identifier: Apache-2.0

package sinktest

import (
	"context"
	"testing"

	vkit "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// NewBus starts an in-process Pub/Sub server with the given topics. It stops with the test.
func NewBus(t *testing.T, topics ...string) *pstest.Server {
	t.Helper()
	ctx := context.Background()
	srv := pstest.NewServer()
	t.Cleanup(func() { _ = srv.Close() })
	admin, err := vkit.NewTopicAdminClient(ctx, option.WithEndpoint(srv.Addr), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	Must(t, err)
	defer admin.Close()
	for _, topic := range topics {
		_, err := admin.CreateTopic(ctx, &pubsubpb.Topic{Name: topic})
		Must(t, err)
	}
	return srv
}
