// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/topic"
)

// publishOptions are the flags that publish what was simulated.
type publishOptions struct {
	to, endpoint string
	batch        int
	rate         float64
}

// publishScheme begins the name of a topic on the command line.
const publishScheme = "pubsub://"

func (o *publishOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.to, "to", "", "publish the events to a Pub/Sub `topic` as well: pubsub://PROJECT/TOPIC")
	f.StringVar(&o.endpoint, "endpoint", "",
		"with --to: `host:port` of a server without TLS and credentials, such as an emulator")
	f.IntVar(&o.batch, "batch", topic.EventsMax, "with --to: events a message, compressed by zstd")
	f.Float64Var(&o.rate, "rate", 0, "with --to: events a second; 0 is as fast as they are taken")
}

// topic is what --to names.
func (o *publishOptions) topic() (c topic.Config, err error) {
	project, name, ok := strings.Cut(strings.TrimPrefix(o.to, publishScheme), "/")
	if !ok || !strings.HasPrefix(o.to, publishScheme) || project == "" || name == "" || strings.Contains(name, "/") {
		return c, usagef("--to %s: use %sPROJECT/TOPIC", o.to, publishScheme)
	}
	return topic.Config{Topic: fmt.Sprintf("projects/%s/topics/%s", project, name), Endpoint: o.endpoint}, nil
}

func (o *publishOptions) check() error {
	if o.to == "" {
		return nil
	}
	if _, err := o.topic(); err != nil {
		return err
	}
	if o.batch < 1 || o.batch > topic.EventsMax {
		return usagef("--batch %d: must be 1 to %d", o.batch, topic.EventsMax)
	}
	if o.rate < 0 {
		return usagef("--rate %g: must not be negative", o.rate)
	}
	return nil
}

// publish publishes events in their order, one message after the other, and says how many that were.
func (a *app) publish(ctx context.Context, o publishOptions, events []*aerv1.Event) (err error) {
	if o.to == "" {
		return nil
	}
	c, err := o.topic()
	if err != nil {
		return err
	}
	p, err := topic.Open(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	e, err := topic.NewEvents(p, o.batch)
	if err != nil {
		return err
	}
	bar := a.bytesBar("publishing events")
	defer bar.done()
	began := time.Now()
	for i, ev := range events {
		if err := o.pace(ctx, began, i); err != nil {
			return err
		}
		if err := e.Add(ctx, ev); err != nil {
			return err
		}
		bar.at(int64(i), int64(len(events)))
	}
	if err := e.Flush(ctx); err != nil {
		return err
	}
	a.logf("published %s to %s: %s, %d KB", term.Count(e.Events, "event"), c.Topic, term.Count(e.Messages, "message"),
		e.Bytes>>10)
	return nil
}

// pace waits until the nth event is due.
func (o *publishOptions) pace(ctx context.Context, began time.Time, n int) error {
	if o.rate == 0 {
		return nil
	}
	wait := time.Until(began.Add(time.Duration(float64(n) / o.rate * float64(time.Second))))
	if wait < time.Millisecond { // as good as due
		return nil
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(wait):
		return nil
	}
}
