// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/teststream"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/process"
	"github.com/aer-project/aer/transforms/profile"
)

func init() {
	beam.RegisterDoFn(&stampFn{})
	beam.RegisterDoFn(&keyFn{})
}

var testStart = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// traffic is n windows of ten seconds in which some of a few people download a few files.
func traffic(n int) []*aerv1.Event {
	rng := rand.New(rand.NewPCG(1, 2))
	var evs []*aerv1.Event
	for i := range n {
		for j := range 1 + rng.IntN(4) {
			evs = append(evs, &aerv1.Event{
				Id: fmt.Sprintf("e-%d-%d", i, j), OrgId: "O1", UserId: fmt.Sprintf("U%d", rng.IntN(8)), SessionId: "S1",
				Action: "file_downloaded",
				Time: aerv1.Time(testStart.Add(time.Duration(i)*10*time.Second +
					time.Duration(rng.IntN(10_000))*time.Millisecond)),
				Object: &aerv1.Object{Type: "file", Id: fmt.Sprintf("F%d", rng.IntN(1000))},
				Client: &aerv1.Client{Ip: fmt.Sprintf("203.0.113.%d", rng.IntN(4)), UserAgent: "curl/8.1"},
			})
		}
	}
	return evs
}

// batchesOf are the packed batches of events, in the order of their windows.
func batchesOf(t testing.TB, evs []*aerv1.Event) []*aerv1.PackedBatch {
	t.Helper()
	accs := map[int64]*activity.Accumulator{}
	for _, ev := range evs {
		start := activity.WindowStartMS(ev.Time.AsTime().UnixMilli(), activity.DefaultWindowMS)
		if accs[start] == nil {
			accs[start] = activity.NewAccumulator(activity.DefaultWindowMS)
		}
		accs[start].Add(ev)
	}
	var out []*aerv1.PackedBatch
	for _, start := range slices.Sorted(maps.Keys(accs)) {
		out = append(out, Pack(accs[start].Batch()))
	}
	return out
}

// reference applies batches in order, without a pipeline.
func reference(t testing.TB, batches []*aerv1.PackedBatch) []string {
	t.Helper()
	sh, w := profile.NewShard(), witnesses(0)
	var as []*aerv1.Anomaly
	for _, p := range batches {
		b, err := Unpack(p)
		if err != nil {
			t.Fatal(err)
		}
		as = append(as, detector.Judge{Detectors: w.Detectors}.Batch(sh, b)...)
	}
	return findings(as)
}

// testShards is how many shards a run is told that there are.
const testShards = 16

// stampFn gives batches their timestamps; all are of one shard.
type stampFn struct{}

func (fn *stampFn) ProcessElement(b *aerv1.PackedBatches, emit func(beam.EventTime, int32, *aerv1.PackedBatches)) {
	emit(eventTime(span(b)[0]), 7, b)
}

// span is the timestamps of batches, sorted.
func span(b *aerv1.PackedBatches) []int64 {
	var out []int64
	for _, p := range b.List {
		out = append(out, batchMS(p))
	}
	slices.Sort(out)
	return out
}

// meddlers change, by the id of a run, what is kept of shard 7 before its next bundle.
var meddlers sync.Map

type keyFn struct{ Run process.Run }

func (fn *keyFn) ProcessElement(ctx context.Context, b *aerv1.PackedBatches) (int32, *aerv1.PackedBatches, error) {
	if meddle, ok := meddlers.Load(fn.Run.ID); ok {
		p, err := fn.Run.Process(ctx)
		if err != nil {
			return 0, b, err
		}
		now, _ := p.Take(shardKey(7)).(decodedShard)
		if now = meddle.(func(decodedShard) decodedShard)(now); now.profiles != nil {
			p.Keep(shardKey(7), now)
		}
	}
	return 7, b, nil
}

// runGroups runs batches through the stage, a group an element, all of them ahead of the watermark.
func runGroups(t *testing.T, run process.Run, groups [][]*aerv1.PackedBatch) []string {
	t.Helper()
	got := newSink(run.ID)
	p, s := beam.NewPipelineWithRoot()
	var elems []any
	for _, g := range groups {
		elems = append(elems, packed(g...))
	}
	in := beam.ParDo(s, &stampFn{}, beam.Reshuffle(s, beam.Create(s, elems...)))
	into(s, &anomalySinkFn{run.ID}, Profiles(s, in, testShards, run))
	if err := ptest.Run(p); err != nil {
		t.Fatal(err)
	}
	return findings(collected[*aerv1.Anomaly](got))
}

// runStream runs batches through the stage one bundle after the other: each group arrives, then the watermark passes
// it.
func runStream(t *testing.T, run process.Run,
	groups [][]*aerv1.PackedBatch) (found []string, counters map[string]int64) {
	t.Helper()
	got := newSink(run.ID)
	p, s := beam.NewPipelineWithRoot()
	stream := teststream.NewConfig()
	for _, g := range groups {
		b := packed(g...)
		times := span(b)
		if err := stream.AddElements(times[0], b); err != nil {
			t.Fatal(err)
		}
		stream.AdvanceWatermark(times[len(times)-1] + 1)
	}
	stream.AdvanceWatermarkToInfinity()
	in := beam.ParDo(s, &keyFn{run}, teststream.Create(s, stream))
	into(s, &anomalySinkFn{run.ID}, Profiles(s, in, testShards, run))
	counters = runCounted(t, p)
	return findings(collected[*aerv1.Anomaly](got)), counters
}

// singles makes each batch a group.
func singles(batches []*aerv1.PackedBatch) [][]*aerv1.PackedBatch {
	var out [][]*aerv1.PackedBatch
	for _, p := range batches {
		out = append(out, []*aerv1.PackedBatch{p})
	}
	return out
}

func TestProfilesDoNotDependOnTheOrderAheadOfTheWatermark(t *testing.T) {
	batches := batchesOf(t, traffic(200))
	want := reference(t, batches)
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range 3 {
		shuffled := slices.Clone(batches)
		rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		var groups [][]*aerv1.PackedBatch
		for len(shuffled) > 0 {
			n := min(1+rng.IntN(20), len(shuffled))
			groups, shuffled = append(groups, shuffled[:n]), shuffled[n:]
		}
		got := runGroups(t, provide(t, fmt.Sprint(t.Name(), i), witnesses(0)), groups)
		if !slices.Equal(got, want) {
			t.Fatalf("round %d: %d findings differ from the reference's %d", i, len(got), len(want))
		}
	}
}

func TestProfilesOfAStream(t *testing.T) {
	batches := batchesOf(t, traffic(60))
	got, n := runStream(t, provide(t, t.Name(), witnesses(0)), singles(batches))
	if want := reference(t, batches); !slices.Equal(got, want) {
		t.Fatalf("%d findings differ from the reference's %d", len(got), len(want))
	}
	if n["batches_applied"] != int64(len(batches)) || n["shards_rebuilt"] != 0 {
		t.Errorf("counters are %v: want %d batches applied and no shard rebuilt", n, len(batches))
	}
}

// What comes after the watermark is applied at once and marked, and what was on time stays as it is.
func TestProfilesOfLateBatches(t *testing.T) {
	batches := batchesOf(t, traffic(30))
	order := slices.Concat(batches[:10], batches[11:20], batches[10:11], batches[20:])
	got, n := runStream(t, provide(t, t.Name(), witnesses(0)), singles(order))
	if want := reference(t, order); !slices.Equal(got, want) {
		t.Fatalf("%d findings differ from the reference's %d", len(got), len(want))
	}
	if n["batches_late"] != 1 {
		t.Errorf("%d batches were late: want 1", n["batches_late"])
	}
}
