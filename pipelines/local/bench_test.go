// SPDX-License-Identifier: Apache-2.0

package local_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity/activitytest"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/event"
)

// ordinary puts events in order, and has everybody keep to a session and a client, as most people do on a day.
func ordinary(events []*aerv1.Event) []*aerv1.Event {
	r := rand.New(rand.NewPCG(1, 0))
	clients := map[string]*aerv1.Client{}
	for _, ev := range events {
		c := clients[ev.UserId]
		if c == nil {
			c = activitytest.Client(r)
			c.DeviceId = "D-" + ev.UserId
			clients[ev.UserId] = c
		}
		ev.Client, ev.SessionId, ev.Outcome = c, "S-"+ev.UserId, aerv1.OutcomeOK
	}
	return inOrder(events)
}

// BenchmarkLocal replays streams from memory, decoding and all detectors included: sparse, where nearly every event is
// alone in its slice, and dense, where a slice holds several. An operation is a stream.
func BenchmarkLocal(b *testing.B) {
	for name, of := range map[string]activitytest.Stream{
		"sparse": {Seed: 1, Events: 50_000, Users: 5000, Span: 4 * time.Hour, Objects: 50_000},
		"dense":  {Seed: 2, Events: 50_000, Users: 250, Span: 5 * time.Minute, Objects: 50_000},
	} {
		b.Run(name, func(b *testing.B) {
			facts, err := enricher()
			if err != nil {
				b.Fatal(err)
			}
			raw := encoded(b, ordinary(of.Make()))
			cfg := local.Config{Detectors: detector.NewSet(detector.All(), nil), Enrich: facts, Workers: runtime.GOMAXPROCS(0)}
			b.ReportAllocs()
			for b.Loop() {
				in := event.Merge(event.NewLines(bytes.NewReader(raw), "bench.ndjson", event.Options{}))
				sum, err := local.Replay(context.Background(), in, cfg, decision.Config{Mode: aerv1.ModeReplay}, local.Discard{}, nil)
				if err != nil || sum.Events != of.Events {
					b.Fatalf("%d events of %d: %v", sum.Events, of.Events, err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*of.Events), "ns/event")
		})
	}
}
