// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/teststream"
	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
)

// streamOf sends events in groups; after each group the watermark goes to the time that after returns.
func streamOf(t *testing.T, s beam.Scope, groups [][]*aerv1.Event, after func(i int) int64) beam.PCollection {
	t.Helper()
	stream := teststream.NewConfig()
	for i, g := range groups {
		for _, ev := range g {
			if err := stream.AddElements(ev.Time.AsTime().UnixMilli(), ev); err != nil {
				t.Fatal(err)
			}
		}
		if ms := after(i); ms != 0 {
			stream.AdvanceWatermark(ms)
		}
	}
	stream.AdvanceWatermarkToInfinity()
	return teststream.Create(s, stream)
}

func countEvents(slices []*aerv1.Slice) (n int) {
	for _, s := range slices {
		n += int(s.Events)
	}
	return n
}

// A slow stateful stage loses nothing: every event is in a slice, and every finding is as if the batches had been
// applied one after the other.
func TestNothingIsLostInASlowStage(t *testing.T) {
	evs := traffic(300)
	want := reference(t, batchesOf(t, evs))
	rng := rand.New(rand.NewPCG(7, 8))
	var groups [][]*aerv1.Event
	for g := range slices.Chunk(evs, 40) {
		g = slices.Clone(g)
		rng.Shuffle(len(g), func(i, j int) { g[i], g[j] = g[j], g[i] })
		groups = append(groups, g)
	}
	run := provide(t, t.Name(), witnesses(2*time.Millisecond))
	got := newSink(run.ID)
	p, s := beam.NewPipelineWithRoot()
	in := streamOf(t, s, groups, func(i int) int64 { return groups[i][0].Time.AsTime().UnixMilli() - 300_000 })
	batches := Slices(s, in, 4, activity.DefaultWindowMS, activity.DefaultLateness)
	into(s, &sliceSinkFn{run.ID}, batches)
	into(s, &anomalySinkFn{run.ID}, Profiles(s, Join(s, batches, run), 4, run))
	if err := ptest.Run(p); err != nil {
		t.Fatal(err)
	}
	if n := countEvents(collected[*aerv1.Slice](got)); n != len(evs) {
		t.Errorf("slices hold %d events, want %d", n, len(evs))
	}
	if found := findings(collected[*aerv1.Anomaly](got)); !slices.Equal(found, want) {
		t.Errorf("%d findings differ from the reference's %d", len(found), len(want))
	}
	if p, err := run.Process(t.Context()); err != nil || p.InFlight.Load() != 0 {
		t.Errorf("batches are still counted as on their way, %v", err)
	}
}

// Events within the allowed lateness arrive as further panes; what is later than that is dropped.
func TestLateEvents(t *testing.T) {
	at := func(id string, d time.Duration) *aerv1.Event {
		return &aerv1.Event{Id: id, OrgId: "O1", UserId: "U1", Action: "user_login", Time: aerv1.Time(testStart.Add(d))}
	}
	groups := [][]*aerv1.Event{
		{at("on-time", time.Second)},
		{at("on-time-2", time.Hour), at("late", 59*time.Minute), at("too-late", 30*time.Minute)},
	}
	run := provide(t, t.Name(), witnesses(0))
	got := newSink(run.ID)
	p, s := beam.NewPipelineWithRoot()
	in := streamOf(t, s, groups, func(i int) int64 { return testStart.Add(time.Hour).UnixMilli() })
	batches := Slices(s, in, 4, activity.DefaultWindowMS, activity.DefaultLateness)
	into(s, &sliceSinkFn{run.ID}, batches)
	into(s, &anomalySinkFn{run.ID}, Profiles(s, Join(s, batches, run), 4, run))
	if err := ptest.Run(p); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, sl := range collected[*aerv1.Slice](got) {
		for _, r := range sl.Refs {
			ids = append(ids, r.Id)
		}
	}
	slices.Sort(ids)
	if want := []string{"late", "on-time", "on-time-2"}; !slices.Equal(ids, want) {
		t.Errorf("slices hold %v, want %v", ids, want)
	}
}

// What the platform did, and records of what was done to users, are counted and in no slice: everything is accounted
// for.
func TestEventsOfNobodyAreCounted(t *testing.T) {
	evs := traffic(60)
	nobodys := 0
	for i, ev := range evs {
		switch i % 5 {
		case 0:
			ev.ActorKind = aerv1.ActorSystem
		case 1:
			ev.ActorKind = aerv1.ActorRecord
		case 2:
			ev.ActorKind = aerv1.ActorAttempt
		}
		if i%5 < 2 {
			nobodys++
		}
	}
	run := provide(t, t.Name(), witnesses(0))
	got := newSink(run.ID)
	p, s := beam.NewPipelineWithRoot()
	in := streamOf(t, s, [][]*aerv1.Event{evs}, func(int) int64 { return 0 })
	into(s, &sliceSinkFn{run.ID}, Slices(s, in, 4, activity.DefaultWindowMS, activity.DefaultLateness))
	counted := runCounted(t, p)["events_not_a_persons"]
	if n := countEvents(collected[*aerv1.Slice](got)); counted != int64(nobodys) || n != len(evs)-nobodys {
		t.Errorf("%d events: %d in slices, %d counted as nobody's, want %d", len(evs), n, counted, nobodys)
	}
}

// However bundles cut a window into parts, the batch is the same; one part alone goes on as it is.
func TestPartsOfAWindowAreMerged(t *testing.T) {
	evs := traffic(1)
	for range 5 {
		evs = append(evs, traffic(1)...)
	}
	want := batchesOf(t, evs)[0]
	for cut := range evs {
		var parts []*aerv1.PackedBatches
		gather := &gatherFn{Shards: 1, WindowMS: activity.DefaultWindowMS}
		gather.Setup()
		emit := func(_ beam.EventTime, _ int32, b *aerv1.PackedBatches) { parts = append(parts, b) }
		for _, part := range [][]*aerv1.Event{evs[:cut], evs[cut:]} {
			gather.StartBundle(emit)
			for _, ev := range part {
				gather.ProcessElement(t.Context(), ev, emit)
			}
			gather.FinishBundle(emit)
		}
		next := func(b **aerv1.PackedBatches) bool {
			if len(parts) == 0 {
				return false
			}
			*b, parts = parts[0], parts[1:]
			return true
		}
		merge := &mergeFn{WindowMS: activity.DefaultWindowMS}
		err := merge.ProcessElement(0, next, func(_ int32, got *aerv1.PackedBatches) {
			if len(got.List) != 1 || !proto.Equal(got.List[0], want) {
				t.Errorf("cut at %d, the parts of the window differ from the whole", cut)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A runner that makes one bundle of a whole file does not make this stage hold all of it.
func TestALongBundleGoesOnInParts(t *testing.T) {
	fn := &gatherFn{Shards: 1, WindowMS: activity.DefaultWindowMS}
	fn.Setup()
	held := 0
	emit := func(_ beam.EventTime, _ int32, p *aerv1.PackedBatches) {
		b, err := Unpack(p.List[0])
		if err != nil {
			t.Error(err)
			return
		}
		held += countEvents(b.Slices)
	}
	fn.StartBundle(emit)
	ev := traffic(1)[0]
	for range gatheredMax + 1 {
		fn.ProcessElement(t.Context(), ev, emit)
	}
	if held != gatheredMax {
		t.Errorf("%d events have gone on before the bundle ended, want %d", held, gatheredMax)
	}
	if fn.FinishBundle(emit); held != gatheredMax+1 {
		t.Errorf("%d events came out, want %d", held, gatheredMax+1)
	}
}
