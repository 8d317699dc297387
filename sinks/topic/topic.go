// SPDX-License-Identifier: Apache-2.0

// Package topic publishes to a Pub/Sub topic: messages one at a time, acknowledged, and events in compressed batches.
//
// Pub/Sub delivers at least once, and a publication whose answer was lost is repeated: receivers tell a repeated
// message by its attribute "id".
package topic

import (
	"context"
	"fmt"
	"strings"
	"time"

	vkit "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/transforms/strict"
)

// AttributeID is the attribute by which a repeated message is told.
const AttributeID = "id"

// Timeout bounds one publication: below the ten seconds that a response gives one attempt.
const Timeout = 8 * time.Second

// refusedPause is how long to wait after Pub/Sub refused us or did not know the topic (a start value): an operator must
// act.
const refusedPause = time.Minute

// attributeMax is the longest value of an attribute, in bytes (Pub/Sub's limit is 1024).
const attributeMax = 1024

// Config says where to publish.
type Config struct {
	// Full name, projects/P/topics/T.
	Topic string `yaml:"topic"`
	// host:port of a server without TLS and credentials, such as an emulator; empty is the service.
	Endpoint string `yaml:"endpoint"`
}

// Validate checks every key; the error joins all that is wrong, each with its key and what would be right.
func (c Config) Validate() error {
	var k strict.Check
	p := strings.Split(c.Topic, "/")
	k.Want(len(p) == 4 && p[0] == "projects" && p[2] == "topics" && p[1] != "" && p[3] != "", "topic", c.Topic,
		"projects/P/topics/T")
	return k.Err()
}

// client makes a client with the credentials of the environment, or of none for a server of one's own.
func (c Config) client(ctx context.Context, opts ...option.ClientOption) (*vkit.TopicAdminClient, error) {
	if c.Endpoint != "" {
		opts = append(opts, option.WithEndpoint(c.Endpoint), option.WithoutAuthentication(),
			option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	}
	client, err := vkit.NewTopicAdminClient(ctx, opts...)
	if err != nil {
		return nil, fmt.Errorf("opening topic %s: %w", c.Topic, err)
	}
	return client, nil
}

// Publisher publishes to one topic. It is safe for concurrent use.
type Publisher struct {
	topic  string
	client *vkit.TopicAdminClient
}

// Open makes a client with the credentials of the environment. It does not ask whether the topic exists.
func Open(ctx context.Context, c Config, opts ...option.ClientOption) (*Publisher, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("opening topic: %w", err)
	}
	client, err := c.client(ctx, opts...)
	if err != nil {
		return nil, err
	}
	return &Publisher{topic: c.Topic, client: client}, nil
}

// Publish returns when the message is stored. id must be the same at every attempt. Attributes that are empty are left
// out, and long ones are cut.
func (p *Publisher) Publish(ctx context.Context, id string, data []byte, attributes map[string]string) error {
	m := &pubsubpb.PubsubMessage{Data: data, Attributes: map[string]string{AttributeID: id}}
	for k, v := range attributes {
		if v = clip(v); v != "" {
			m.Attributes[k] = v
		}
	}
	err := p.Send(ctx, m)
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("publishing to %s: %w", p.topic, ctx.Err())
	}
	return classify(fmt.Errorf("publishing to %s: %w", p.topic, err))
}

// Send publishes a message as it is, within Timeout. Its error is Pub/Sub's own.
func (p *Publisher) Send(ctx context.Context, m *pubsubpb.PubsubMessage, opts ...gax.CallOption) error {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	_, err := p.client.Publish(ctx, &pubsubpb.PublishRequest{Topic: p.topic, Messages: []*pubsubpb.PubsubMessage{m}},
		opts...)
	return err
}

// classify marks what a retry cannot cure: a message that is not valid. A missing topic or right can be put in order by
// an operator, so that it is worth coming back.
func classify(err error) error {
	switch status.Code(err) {
	case codes.InvalidArgument:
		return retry.Permanent(err)
	case codes.NotFound, codes.PermissionDenied, codes.Unauthenticated, codes.ResourceExhausted:
		return retry.After(err, refusedPause)
	}
	return err
}

func clip(s string) string {
	s = strings.ToValidUTF8(s, "?")
	if len(s) <= attributeMax {
		return s
	}
	return strings.ToValidUTF8(s[:attributeMax], "")
}

// Close lets go of the connection.
func (p *Publisher) Close() error { return p.client.Close() }
