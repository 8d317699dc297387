// SPDX-License-Identifier: Apache-2.0

package latency

import (
	"context"
	"errors"
	"time"

	"cloud.google.com/go/pubsub/v2/pstest"

	twin "github.com/aer-project/aer/transforms/source/bus"
)

const (
	topic         = "projects/bench/topics/events"
	subscription  = "projects/bench/subscriptions/aer"
	timeAttribute = "time"
)

// bus is an in-process Pub/Sub server, which AER pulls from with the real client.
type bus struct{ server *pstest.Server }

func newBus(ctx context.Context) (bus, error) {
	b := bus{pstest.NewServer()}
	if err := twin.Subscribe(ctx, b.server.Addr, topic, subscription, twin.MaxAckDeadline); err != nil {
		return b, errors.Join(err, b.server.Close())
	}
	return b, nil
}

// publish puts a message of events, a JSON array, onto the bus; at is the time of the oldest.
func (b bus) publish(events []byte, at time.Time) {
	b.server.Publish(topic, events, map[string]string{timeAttribute: at.UTC().Format(time.RFC3339Nano)})
}
