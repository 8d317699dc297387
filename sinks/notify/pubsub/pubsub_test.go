// SPDX-License-Identifier: Apache-2.0

package pubsub_test

import (
	"context"
	"io"
	"testing"

	"cloud.google.com/go/pubsub/v2/pstest"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/notify/pubsub"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/sinks/topic"
)

const name = "projects/p/topics/messages"

// TestConformance counts as a receiver does that keeps to the contract: one delivery for each id.
func TestConformance(t *testing.T) {
	sinktest.Notifier(t, []string{notify.ChannelEmail, notify.ChannelDM},
		func(t *testing.T) (sinktest.NotifierUnderTest, func() sinktest.NotifierUnderTest) {
			bus := sinktest.NewBus(t, name)
			reopen := func() sinktest.NotifierUnderTest {
				n, err := pubsub.Open(context.Background(), topic.Config{Topic: name, Endpoint: bus.Addr}, notify.Options{})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = n.(io.Closer).Close() })
				return sinktest.NotifierUnderTest{Notifier: n,
					Delivered: func(channel, address string) int { return delivered(t, bus, channel, address) }}
			}
			return reopen(), reopen
		})
}

func delivered(t *testing.T, bus *pstest.Server, channel, address string) int {
	t.Helper()
	ids := map[string]bool{}
	for _, m := range bus.Messages() {
		n := &aerv1.Notification{}
		if err := aerv1.UnmarshalJSONLine(m.Data, n); err != nil {
			t.Fatal(err)
		}
		if n.GetChannel() == channel && n.GetAddress() == address && m.Attributes["channel"] == channel {
			ids[m.Attributes["id"]] = true
		}
	}
	return len(ids)
}
