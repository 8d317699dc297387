// SPDX-License-Identifier: Apache-2.0

package activity_test

import (
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/activity/activitytest"
)

// benchStreams: sparse is a working day in which a person acts every few minutes, so that nearly every slice holds one
// event; dense has several events per user and window.
var benchStreams = map[string]activitytest.Stream{
	"sparse": {Seed: 1, Events: 100_000, Users: 20_000, Span: 15 * time.Minute, Objects: 50_000},
	"dense":  {Seed: 2, Events: 100_000, Users: 500, Span: 5 * time.Minute, Objects: 50_000},
}

// BenchmarkAccumulator adds events whose slices hold nothing else, and events to slices that hold others.
func BenchmarkAccumulator(b *testing.B) {
	for name, window := range map[string]int{"alone": 1, "merge": 64} {
		b.Run(name, func(b *testing.B) {
			events := activitytest.Stream{Seed: 1, Events: 4096, Users: 1, Span: 10 * time.Second, Objects: 40}.Make()
			acc := activity.NewAccumulator(activity.DefaultWindowMS)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if i%window == 0 {
					acc.Reset()
				}
				acc.Add(events[i%len(events)])
			}
		})
	}
}

// BenchmarkBatches gathers a stream into batches of 16 shards and windows of 10 s, and reports what a batch takes.
func BenchmarkBatches(b *testing.B) {
	for name, stream := range benchStreams {
		b.Run(name, func(b *testing.B) {
			events := stream.Make()
			var batches []*aerv1.Batch
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				batches = gather(events)
			}
			b.StopTimer()
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(events)), "ns/event")
			reportSize(b, batches, len(events))
		})
	}
}

type benchKey struct {
	shard int32
	start int64
}

func gather(events []*aerv1.Event) []*aerv1.Batch {
	open := map[benchKey]*activity.Accumulator{}
	for _, ev := range events {
		k := benchKey{activity.Shard(aerv1.OrgID(ev.OrgId), aerv1.UserID(ev.UserId), 16),
			activity.WindowStartMS(ev.Time.AsTime().UnixMilli(), activity.DefaultWindowMS)}
		acc := open[k]
		if acc == nil {
			acc = activity.NewAccumulator(activity.DefaultWindowMS)
			open[k] = acc
		}
		acc.Add(ev)
	}
	out := make([]*aerv1.Batch, 0, len(open))
	for _, acc := range open {
		out = append(out, acc.Batch())
	}
	return out
}

func reportSize(b *testing.B, batches []*aerv1.Batch, events int) {
	z, err := zstd.NewWriter(nil)
	if err != nil {
		b.Fatal(err)
	}
	defer z.Close()
	plain, packed := 0, 0
	for _, batch := range batches {
		raw := bytesOf(b, batch)
		plain += len(raw)
		packed += len(z.EncodeAll(raw, nil))
	}
	b.ReportMetric(float64(plain)/float64(events), "B/event")
	b.ReportMetric(float64(packed)/float64(events), "zstdB/event")
}
