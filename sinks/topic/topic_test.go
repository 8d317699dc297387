// SPDX-License-Identifier: Apache-2.0

package topic_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/sinks/topic"
)

func TestPublish(t *testing.T) {
	ctx := context.Background()
	bus := sinktest.NewBus(t, "projects/p/topics/t")
	p, err := topic.Open(ctx, topic.Config{Topic: "projects/p/topics/t", Endpoint: bus.Addr})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	long := strings.Repeat("é", 1000)
	if err := p.Publish(ctx, "1", []byte("hello"), map[string]string{"org": "O1", "none": "", "long": long,
		"bad": "\xff"}); err != nil {
		t.Fatal(err)
	}
	m := bus.Messages()[0]
	if string(m.Data) != "hello" || m.Attributes["id"] != "1" || m.Attributes["org"] != "O1" ||
		m.Attributes["long"] != long[:1024] || m.Attributes["bad"] != "?" {
		t.Errorf("message is %q %v", m.Data, m.Attributes)
	}
	if _, ok := m.Attributes["none"]; ok {
		t.Error("an empty attribute was sent")
	}
}

func TestErrors(t *testing.T) {
	ctx := context.Background()
	bus := sinktest.NewBus(t, "projects/p/topics/t")
	p, err := topic.Open(ctx, topic.Config{Topic: "projects/p/topics/missing", Endpoint: bus.Addr})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Publish(ctx, "1", []byte("x"), nil); err == nil || !retry.Recoverable(err) ||
		!strings.Contains(err.Error(), "topics/missing") {
		t.Errorf("a missing topic gives %v, want a recoverable error that names it", err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := p.Publish(gone, "1", []byte("x"), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	for _, bad := range []string{"", "t", "projects//topics/t", "projects/p/subscriptions/s"} {
		if _, err := topic.Open(ctx, topic.Config{Topic: bad}); err == nil ||
			!strings.Contains(err.Error(), "use projects/P/topics/T") {
			t.Errorf("topic %q: %v", bad, err)
		}
	}
}
