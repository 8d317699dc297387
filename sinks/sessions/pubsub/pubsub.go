// SPDX-License-Identifier: Apache-2.0

// Package pubsub ends sessions by publishing a command on a Pub/Sub topic that the platform subscribes to.
//
// The data is a sessions.Command as JSON. Attributes: type, version and scope for filters; dedup_id, the same for every
// publication of one request (36 characters). Pub/Sub delivers at least once and AER may publish again: the subscriber
// acts once per dedup_id (or key in the data) and remembers it for at least a day. The ordering key is the user's, so
// that a subscription with ordering gets one user's commands in the order in which they were published, in one region.
//
// How many sessions were ended is not known.
package pubsub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/api/option"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/topic"
)

// Attributes of a message.
const (
	AttrType    = "type"
	AttrVersion = "version"
	AttrScope   = "scope"
	AttrDedupID = "dedup_id"
)

// Adapter publishes commands. It is safe for concurrent use.
type Adapter struct{ *topic.Publisher }

// Open opens the adapter of a validated configuration.
func Open(ctx context.Context, c topic.Config, _ sessions.Options) (sessions.Sessions, error) {
	return New(ctx, c)
}

// New returns an adapter. It does not ask whether the topic exists.
func New(ctx context.Context, c topic.Config, opts ...option.ClientOption) (*Adapter, error) {
	p, err := topic.Open(ctx, c, opts...)
	if err != nil {
		return nil, err
	}
	return &Adapter{p}, nil
}

// Revoke implements sessions.Sessions.
func (a *Adapter) Revoke(ctx context.Context, r sessions.Request) (sessions.Result, error) {
	if err := r.ValidateSessions(); err != nil {
		return sessions.Result{}, err
	}
	m, err := message(r)
	if err != nil {
		return sessions.Result{}, err
	}
	if err := a.Send(ctx, m, once); err != nil {
		return sessions.Result{}, fmt.Errorf("publishing a command to end sessions: %w", classify(ctx, err))
	}
	return sessions.Result{CountUnknown: true}, nil
}

func message(r sessions.Request) (*pubsubpb.PubsubMessage, error) {
	c := r.Command()
	data, err := json.Marshal(c)
	if err != nil {
		return nil, retry.Permanent(err)
	}
	return &pubsubpb.PubsubMessage{
		Data: data,
		// Ids are not attributes: those are limited to 1024 bytes, ids are not.
		Attributes: map[string]string{
			AttrType: c.Type, AttrVersion: strconv.Itoa(c.Version), AttrScope: string(c.Scope),
			AttrDedupID: aerv1.NewID("command", c.OrgID, c.UserID, c.Key),
		},
		OrderingKey: aerv1.NewID("user", c.OrgID, c.UserID),
	}, nil
}

// once makes one attempt: how often to try is decided where the ledger is.
var once = gax.WithRetry(func() gax.Retryer { return nil })

// classify: what only a change of the configuration cures is permanent.
func classify(ctx context.Context, err error) error {
	switch status.Code(err) {
	case codes.NotFound, codes.PermissionDenied, codes.Unauthenticated, codes.InvalidArgument, codes.Unimplemented:
		return retry.Permanent(err)
	case codes.Canceled:
		if cerr := ctx.Err(); cerr != nil {
			return errors.Join(cerr, err) // callers look for the context's error
		}
	}
	return err
}
