package transforms

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
)

func init() {
	register.DoFn2x0[Batches, func(beam.EventTime, int32, Batches)](&stampFn{})
	beam.RegisterType(reflect.TypeFor[shardBatches]())
}

type shardBatches struct {
	Shard int32
	Batches
}

// testBatches is n windows of activity of a few users in each of two shards.
func testBatches(t *testing.T, n int) []*aerv1.Event {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	var evs []*aerv1.Event
	start := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for i := range n {
		for j := range 1 + rng.IntN(4) {
			evs = append(evs, &aerv1.Event{
				Id: fmt.Sprintf("e-%d-%d", i, j), OrgId: "O1", UserId: fmt.Sprintf("U%d", rng.IntN(8)), SessionId: "S1", Action: "file_downloaded",
				Time:   aerv1.Time(start.Add(time.Duration(i)*10*time.Second + time.Duration(rng.IntN(9000))*time.Millisecond)),
				Object: &aerv1.Object{Type: "file", Id: fmt.Sprintf("F%d", rng.IntN(1000))},
				Client: &aerv1.Client{Ip: "203.0.113.7", UserAgent: "curl/8.1"},
			})
		}
	}
	return evs
}

func packedOf(t *testing.T, evs []*aerv1.Event) map[int64]Packed {
	t.Helper()
	accs := map[int64]*activity.Accumulator{}
	for _, ev := range evs {
		start := activity.WindowStartMS(ev.Time.AsTime().UnixMilli(), 10_000)
		if accs[start] == nil {
			accs[start] = activity.NewAccumulator(10_000)
		}
		accs[start].Add(ev)
	}
	out := map[int64]Packed{}
	for start, acc := range accs {
		p, err := pack(acc.Batch())
		if err != nil {
			t.Fatal(err)
		}
		out[start] = p
	}
	return out
}

// stampFn gives batches their timestamps.
type stampFn struct{}

func (fn *stampFn) ProcessElement(b Batches, emit func(beam.EventTime, int32, Batches)) {
	first, _ := b.span()
	emit(eventTime(first), 7, b)
}

// runProfiles runs batches through the stage in the given grouping and returns the findings, sorted.
func runProfiles(t *testing.T, runID string, groups [][]Packed) []string {
	t.Helper()
	got := newSink(t)
	p, s := beam.NewPipelineWithRoot()
	var elems []any
	for _, g := range groups {
		elems = append(elems, Batches{g})
	}
	in := beam.ParDo(s, &stampFn{}, beam.Reshuffle(s, beam.Create(s, elems...)))
	collectAnomalies(t, s, Profiles(s, in, Detection{}, runID))
	if err := ptest.Run(p); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, a := range collected[*aerv1.Anomaly](got) {
		out = append(out, fmt.Sprint(a.Id, a.KnownAt, a.Count, a.Late))
	}
	slices.Sort(out)
	return out
}

func TestProfilesOrder(t *testing.T) {
	byStart := packedOf(t, testBatches(t, 300))
	var sorted []Packed
	for _, start := range sortedKeys(byStart) {
		sorted = append(sorted, byStart[start])
	}
	want := runProfiles(t, "o1", [][]Packed{sorted})
	if len(want) < 300 {
		t.Fatalf("%d findings", len(want))
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range 3 {
		rng.Shuffle(len(sorted), reflect.Swapper(sorted))
		var groups [][]Packed
		for rest := sorted; len(rest) > 0; {
			n := min(1+rng.IntN(20), len(rest))
			groups, rest = append(groups, rest[:n]), rest[n:]
		}
		got := runProfiles(t, fmt.Sprint("o2-", i), groups)
		if !slices.Equal(got, want) {
			t.Errorf("shuffled: %d findings, want %d", len(got), len(want))
		}
	}
}
