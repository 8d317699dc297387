// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"
	"fmt"
	"reflect"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/typex"
	pipepb "github.com/apache/beam/sdks/v2/go/pkg/beam/model/pipeline_v1"
	"google.golang.org/protobuf/proto"
)

func init() { beam.RegisterDoFn(&dataflowFn{}) }

// pubsubReadURN names Dataflow's own Pub/Sub source, which scales, acknowledges and keeps its watermark by itself.
// Other runners reject it. (Beam's pubsubio package does the same but needs a package of genproto that no longer
// exists.)
const pubsubReadURN = "beam:transform:pubsub_read:v1"

// readDataflow reads a subscription through Dataflow's own source, with attributes, because only that form carries the
// message id.
func readDataflow(s beam.Scope, cfg PubSub, in intake) (events, dead beam.PCollection) {
	payload, err := proto.Marshal(&pipepb.PubSubReadPayload{
		Subscription: cfg.Subscription, TimestampAttribute: cfg.TimeAttribute, IdAttribute: cfg.IDAttribute,
		WithAttributes: true,
	})
	if err != nil {
		panic(fmt.Sprintf("encoding the Pub/Sub source: %v", err)) // strings only: cannot fail
	}
	raw := beam.External(s, pubsubReadURN, payload, nil, []beam.FullType{typex.New(reflect.TypeFor[[]byte]())}, false)
	return beam.ParDo2(s, &dataflowFn{Subscription: cfg.Subscription, Intake: in}, raw[0])
}

// dataflowFn decodes what the source delivers: encoded PubsubMessages.
type dataflowFn struct {
	Subscription string
	Intake       intake
}

// Setup names the counters and finds the process.
func (fn *dataflowFn) Setup(ctx context.Context) error { return fn.Intake.setup(ctx) }

// ProcessElement decodes one message.
func (fn *dataflowFn) ProcessElement(
	ctx context.Context, came beam.EventTime, raw []byte, events emitEvent, dead emitDead,
) error {
	m := &pubsubpb.PubsubMessage{}
	if err := proto.Unmarshal(raw, m); err != nil {
		return fmt.Errorf("reading what the Pub/Sub source delivered for %s: %w", fn.Subscription, err)
	}
	fn.Intake.decode(ctx, m.Data, origin(fn.Subscription, m), came, 0, events, dead)
	return nil
}
