// SPDX-License-Identifier: Apache-2.0

// Package load makes traffic of many people: mostly each does one thing now and then, but some come through Tor and
// some read far too much, which must be found.
package load

import (
	"context"
	"fmt"
	"sync"
	"time"

	vkit "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

const (
	people = 5000
	orgs   = 100
	// Exit is the address of the Tor exit that is listed in Tor.
	Exit = "203.0.113.5"
	// One in so many events comes through Tor, and one in so many is of those who read too much.
	exitEvery, readEvery = 97, 20
	readers              = 10
	// tick is how often messages are published.
	tick = 50 * time.Millisecond
)

// Tor is the list of exits, with that one for ever.
const Tor = Exit + "\t1600000000\t4102444800\n"

// Load is traffic on a topic.
type Load struct {
	Topic, Endpoint string
	Rate            int // events a second
	Lasts           time.Duration

	mu     sync.Mutex
	events []*aerv1.Event
}

// Events are those that were published so far.
func (l *Load) Events() []*aerv1.Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.events
}

// Publish publishes one event a message until the time is over.
func (l *Load) Publish(ctx context.Context) error {
	topics, err := vkit.NewTopicAdminClient(ctx, option.WithEndpoint(l.Endpoint), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	if err != nil {
		return fmt.Errorf("connecting to %s: %w", l.Endpoint, err)
	}
	defer topics.Close()
	began := time.Now()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for n := 0; ; {
		passed := min(time.Since(began), l.Lasts)
		req := &pubsubpb.PublishRequest{Topic: l.Topic}
		for due := int(passed.Seconds() * float64(l.Rate)); n < due && len(req.Messages) < 1000; n++ {
			m, err := l.message(n, began.Add(time.Duration(n)*time.Second/time.Duration(l.Rate)))
			if err != nil {
				return err
			}
			req.Messages = append(req.Messages, m)
		}
		if len(req.Messages) > 0 {
			if _, err := topics.Publish(ctx, req); err != nil {
				return fmt.Errorf("publishing to %s: %w", l.Topic, err)
			}
			continue
		}
		if passed == l.Lasts {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

func (l *Load) message(n int, at time.Time) (*pubsubpb.PubsubMessage, error) {
	ev := Event(n, at.UTC().Truncate(time.Millisecond))
	line, err := aerv1.MarshalJSONLine(ev)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.events = append(l.events, ev)
	l.mu.Unlock()
	return &pubsubpb.PubsubMessage{Data: line,
		Attributes: map[string]string{"id": ev.Id, "time": at.UTC().Format(time.RFC3339Nano)}}, nil
}

// Event is the n-th event.
func Event(n int, at time.Time) *aerv1.Event {
	user, object, ip := n%people, n%300, address(n%people)
	switch {
	case n%readEvery == 0:
		user, object = people+n/readEvery%readers, n
	case n%exitEvery == exitEvery/2:
		ip = Exit
	}
	return event(n, at, user, object, ip)
}

func address(user int) string { return fmt.Sprintf("198.51.100.%d", user%250) }

func event(n int, at time.Time, user, object int, ip string) *aerv1.Event {
	return &aerv1.Event{
		Id: fmt.Sprint("e-", n), Time: aerv1.Time(at), OrgId: fmt.Sprint("O", user%orgs), UserId: fmt.Sprint("U", user),
		SessionId: fmt.Sprint("S", user), Action: "file_viewed",
		Object: &aerv1.Object{Type: "file", Id: fmt.Sprint("F", object)},
		Client: &aerv1.Client{Ip: ip, DeviceId: fmt.Sprint("D", user),
			UserAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0"},
	}
}

// Of a sparse day, people act a few times each, and one in so many events is through Tor: next to nothing is found, as
// nearly always, and nearly every event is alone in its window.
const (
	sparsePeople    = 50_000
	sparseExitEvery = 5000
)

// Sparse are n events of a day, as lines.
func Sparse(n int) ([]byte, error) {
	day := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	between := 24 * time.Hour / time.Duration(n)
	var lines []byte
	for i := range n {
		user := i * 7919 % sparsePeople
		ip := address(user)
		if i%sparseExitEvery == sparseExitEvery/2 {
			ip = Exit
		}
		at := day.Add(between * time.Duration(i)).Truncate(time.Millisecond)
		line, err := aerv1.MarshalJSONLine(event(i, at, user, i%300, ip))
		if err != nil {
			return nil, err
		}
		lines = append(append(lines, line...), '\n')
	}
	return lines, nil
}
