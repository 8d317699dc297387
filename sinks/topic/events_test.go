// SPDX-License-Identifier: Apache-2.0

package topic_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/sinks/topic"
	"github.com/aer-project/aer/transforms/event"
)

// TestEvents: what is published is what a source reads, in messages of the size asked for.
func TestEvents(t *testing.T) {
	ctx := context.Background()
	bus := sinktest.NewBus(t, "projects/p/topics/t")
	p, err := topic.Open(ctx, topic.Config{Topic: "projects/p/topics/t", Endpoint: bus.Addr})
	sinktest.Must(t, err)
	defer p.Close()
	for _, bad := range []int{0, 1001} {
		if _, err := topic.NewEvents(p, bad); err == nil {
			t.Errorf("%d events a message are taken", bad)
		}
	}
	e, err := topic.NewEvents(p, 400)
	sinktest.Must(t, err)
	var want, got []string
	for i := range 1000 {
		id := fmt.Sprint("e-", i)
		want = append(want, id)
		at := sinktest.T0.Add(time.Duration(i^1) * time.Second) // each second one is before the one before it
		sinktest.Must(t, e.Add(ctx, &aerv1.Event{Id: id, Time: aerv1.Time(at), OrgId: "O", UserId: "U", Action: "post"}))
	}
	sinktest.Must(t, e.Flush(ctx))
	sinktest.Must(t, e.Flush(ctx)) // nothing is left
	if e.Messages != 3 || e.Events != 1000 || e.Bytes == 0 {
		t.Errorf("published %d messages, %d events, %d bytes", e.Messages, e.Events, e.Bytes)
	}
	ids := map[string]bool{}
	for i, m := range bus.Messages() {
		evs, dead := event.Decode(m.Data, event.Source{}, event.Options{})
		for _, ev := range evs {
			got = append(got, ev.Id)
		}
		if want := sinktest.T0.Add(time.Duration(400*i) * time.Second).Format(time.RFC3339Nano); len(dead) != 0 ||
			m.Attributes[topic.AttributeTime] != want {
			t.Errorf("message %d: %d dead letters, attributes %v, want time %s", i, len(dead), m.Attributes, want)
		}
		ids[m.Attributes[topic.AttributeID]] = true
	}
	if diff := cmp.Diff(want, got); diff != "" || len(ids) != 3 {
		t.Errorf("%d ids of messages; events (-want +got):\n%s", len(ids), diff)
	}
}
