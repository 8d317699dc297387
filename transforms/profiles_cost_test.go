// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"slices"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/teststream"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/activity/activitytest"
	"github.com/aer-project/aer/transforms/profile"
)

// A batch is written about twice, to the buffer and to the log, and half again for snapshots: one by one as they come
// live, and when all wait for one watermark, as in a backlog, where what waits must not be written again and again.
func TestWhatABatchCostsInWrites(t *testing.T) {
	batches := batchesOf(t, activitytest.Stream{Seed: 1, Events: 6000, Users: 100, Span: 20 * time.Minute}.Make())
	for name, groups := range map[string][][]*aerv1.PackedBatch{
		"live": singles(batches), "ten at a time": slices.Collect(slices.Chunk(batches, 10)),
	} {
		t.Run(name, func(t *testing.T) {
			_, n := runStream(t, provide(t, t.Name(), witnesses(0)), groups)
			wantAmplification(t, n)
		})
	}
	t.Run("a backlog", func(t *testing.T) {
		run := provide(t, t.Name(), witnesses(0))
		got := newSink(run.ID)
		stream := teststream.NewConfig()
		for _, p := range batches {
			if err := stream.AddElements(batchMS(p), packed(p)); err != nil {
				t.Fatal(err)
			}
		}
		stream.AdvanceWatermarkToInfinity()
		p, s := beam.NewPipelineWithRoot()
		in := beam.ParDo(s, &keyFn{run}, teststream.Create(s, stream))
		into(s, &anomalySinkFn{run.ID}, Profiles(s, in, testShards, run))
		wantAmplification(t, runCounted(t, p))
		if found := findings(collected[*aerv1.Anomaly](got)); !slices.Equal(found, reference(t, batches)) {
			t.Errorf("the %d findings of a backlog are others than those of the batches one by one", len(found))
		}
	})
}

func wantAmplification(t *testing.T, n map[string]int64) {
	t.Helper()
	const most = 3
	got := float64(n["state_bytes_written"]) / float64(n["batch_bytes"])
	t.Logf("%.2f bytes are written for each byte of a batch, with %d snapshots", got, n["logs_compacted"])
	if got > most || n["batches_applied"] == 0 {
		t.Errorf("counters are %v: %.2f bytes are written for each byte of a batch, want at most %d", n, got, most)
	}
}

// Users are in other shards once their number changes, so that the state of before would be somebody else's.
func TestStateOfAnotherNumberOfShardsIsRefused(t *testing.T) {
	for _, c := range []struct {
		written int32
		err     string
	}{
		{0, ""}, {16, ""},
		{64, "its state was written for 64 shards and this run has 16, in which users are in others: go back to " +
			"slices.shards: 64, or drain it and start a new job with empty state and --bootstrap 30d, which reads what people " +
			"did from the warehouse"},
	} {
		err := checkShards(&aerv1.ShardHead{Shards: c.written}, 16)
		if (err == nil) != (c.err == "") || err != nil && err.Error() != c.err {
			t.Errorf("written for %d shards: error is %v, want %q", c.written, err, c.err)
		}
	}
}

// No cell is much larger than cellBytes, whatever is held, unless a single batch is.
func TestCellsStayBounded(t *testing.T) {
	var things []*aerv1.PackedBatch
	for i := range 100 {
		things = append(things, &aerv1.PackedBatch{EndMs: int64(i), Data: make([]byte, 10_000)})
	}
	things = append(things, &aerv1.PackedBatch{EndMs: 100, Data: make([]byte, 2*cellBytes)})
	var back []*aerv1.PackedBatch
	for _, part := range inCells(things, (*aerv1.PackedBatch).SizeVT) {
		if size := packed(part...).SizeVT(); size > cellBytes+1000 && len(part) > 1 {
			t.Errorf("a cell of %d batches has %d bytes", len(part), size)
		}
		back = append(back, part...)
	}
	if !slices.Equal(back, things) {
		t.Error("cutting loses batches or their order")
	}
}

// BenchmarkRebuild makes a shard of 10,000 profiles from its snapshot.
func BenchmarkRebuild(b *testing.B) {
	const users = 10_000
	acc := activity.NewAccumulator(activity.DefaultWindowMS)
	sh := profile.NewShard()
	for _, ev := range (activitytest.Stream{Seed: 1, Events: 10 * users, Users: users, Span: 1e9}).Make() {
		acc.Add(ev)
	}
	sh.Apply(acc.Batch(), nil)
	var raw [][]byte
	head := &aerv1.ShardHead{Version: aerv1.ShardVersion}
	err := snapshot(sh, func(e *aerv1.ShardEntry) error {
		e.Version, e.Seq = aerv1.ShardVersion, head.Entries
		entry, err := e.MarshalVT()
		head.Entries, head.SnapshotBytes = head.Entries+1, head.SnapshotBytes+int64(len(entry))
		raw = append(raw, entry)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := replayLog(raw, head); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(head.SnapshotBytes)/users, "B/profile")
}
