package measure

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	base "github.com/aer-project/aer/pipelines/baseline"
	"github.com/aer-project/aer/pipelines/local"
	"github.com/aer-project/aer/pipelines/prism"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/event"
	"github.com/aer-project/aer/transforms/source"
)

// said is what a driver hands out.
type said struct {
	Anomalies []*aerv1.Anomaly
	Decisions []*aerv1.Decision
	Dead      []*aerv1.DeadLetter
}

func (s *said) Anomaly(a *aerv1.Anomaly) error {
	s.Anomalies = append(s.Anomalies, a)
	return nil
}

func (s *said) Decision(d *aerv1.Decision) error {
	s.Decisions = append(s.Decisions, d)
	return nil
}

func (s *said) DeadLetter(d *aerv1.DeadLetter) error {
	s.Dead = append(s.Dead, d)
	return nil
}

// same compares in all fields.
func same(t *testing.T, want, got *said) {
	t.Helper()
	if diff := cmp.Diff(want.Anomalies, got.Anomalies, protocmp.Transform()); diff != "" {
		t.Errorf("anomalies differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.Decisions, got.Decisions, protocmp.Transform()); diff != "" {
		t.Errorf("decisions differ (-want +got):\n%s", diff)
	}
}

// learned are the baselines of the replay of the set.
func (s *set) learned(t *testing.T) baseline.Source {
	t.Helper()
	versions, err := base.ReadFile(filepath.Join(s.dir, baselines))
	if err != nil {
		t.Fatal(err)
	}
	return baseline.NewVersions(versions)
}

// replayed is what the plain-Go driver says of the file of events.
func (s *set) replayed(t *testing.T, cfg local.Config, source baseline.Source) *said {
	t.Helper()
	in, err := event.OpenFiles(s.options.Events.Paths, event.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	cfg.Enrich, cfg.Detectors, cfg.Baseline = s.options.Events.Enrich, s.judge.Detectors, source
	out := &said{}
	if _, err := local.Replay(t.Context(), in, cfg, s.options.Judge.Decide(source), out, nil); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestTheDriversAgree about the set, in all fields: the plain-Go driver, however it spreads its work, and the pipeline.
func TestTheDriversAgree(t *testing.T) {
	s := labelled(t)
	learned := s.learned(t)
	want := s.replayed(t, local.Config{Workers: 1, Shards: 1}, learned)
	if len(want.Anomalies) < 100 || len(want.Dead) == 0 {
		t.Fatalf("%d anomalies, %d dead letters: the test says nothing", len(want.Anomalies), len(want.Dead))
	}
	t.Run("8 workers, 64 shards", func(t *testing.T) {
		same(t, want, s.replayed(t, local.Config{Workers: 8, Shards: 64}, learned))
	})
	t.Run("pipeline", func(t *testing.T) {
		out := &said{}
		w := s.judge.Worker(learned)
		_, err := prism.Replay(context.Background(), w, source.Config{Files: source.Files{Paths: s.options.Events.Paths}}, out)
		if err != nil {
			t.Fatal(err)
		}
		same(t, want, out)
		byID := func(d *aerv1.DeadLetter) string { return d.GetId() }
		if diff := cmp.Diff(ids(want.Dead, byID), ids(out.Dead, byID)); diff != "" {
			t.Errorf("dead letters differ (-local +pipeline):\n%s", diff)
		}
	})
}

func ids[M any](list []M, of func(M) string) (all []string) {
	for _, m := range list {
		all = append(all, of(m))
	}
	slices.Sort(all)
	return all
}

// inTime are the events of the set that are not late, in the order in which they came.
func (s *set) inTime(t *testing.T) (all []*aerv1.Event) {
	t.Helper()
	in, err := event.OpenFiles(s.options.Events.Paths, event.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var newest time.Time
	for ev := range in.All() {
		if ev == nil || newest.Sub(ev.Time.AsTime()) > local.DefaultLateness {
			continue
		}
		newest = later(newest, ev.Time.AsTime())
		all = append(all, ev)
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// order is a way in which the same events arrive.
type order struct {
	name            string
	workers, shards int
	// by is how much later than they happened events may come, most how many are taken in at once.
	by   time.Duration
	most int
}

// TestTheOrderOfArrivalDoesNotMatter, nor in what portions events are taken in, as long as none is late.
func TestTheOrderOfArrivalDoesNotMatter(t *testing.T) {
	s := labelled(t)
	source, events := s.learned(t), s.inTime(t)
	slices.SortStableFunc(events, func(a, b *aerv1.Event) int { return a.Time.AsTime().Compare(b.Time.AsTime()) })
	want := s.run(order{"in order", 1, 1, 0, 8192}, events, source)
	if slices.ContainsFunc(want.Anomalies, func(a *aerv1.Anomaly) bool { return a.Late }) {
		t.Error("something in order is marked late")
	}
	for _, typ := range aerv1.AnomalyTypes {
		if !slices.ContainsFunc(want.Anomalies, func(a *aerv1.Anomaly) bool { return a.Type == typ }) {
			t.Errorf("no %s in the set: the test says nothing about it", typ)
		}
	}
	for _, o := range []order{
		{"64 shards, in portions", 2, 64, 0, 900},
		{"out of order within the lateness", 2, 16, local.DefaultLateness, 4096},
		{"a little out of order, tiny portions", 1, 3, 2 * time.Second, 40},
	} {
		t.Run(o.name, func(t *testing.T) { same(t, want, s.run(o, events, source)) })
	}
}

// run judges events that come in another order.
func (s *set) run(o order, events []*aerv1.Event, source baseline.Source) *said {
	r := rand.New(rand.NewPCG(uint64(o.most), 0))
	arrival := map[*aerv1.Event]time.Time{}
	for _, ev := range events {
		arrival[ev] = ev.Time.AsTime().Add(time.Duration(r.Int64N(int64(o.by + 1))))
	}
	rest := slices.SortedStableFunc(slices.Values(events), func(a, b *aerv1.Event) int { return arrival[a].Compare(arrival[b]) })
	e := local.NewEngine(local.Config{
		Workers: o.workers, Shards: o.shards, Enrich: s.options.Events.Enrich, Detectors: s.judge.Detectors, Baseline: source,
	})
	d, out := decision.NewStream(s.options.Judge.Decide(source)), &said{}
	var ordered decision.Ordered
	keep := func(decided []decision.Decided) {
		for _, p := range decided {
			out.Anomalies, out.Decisions = append(out.Anomalies, p.Anomaly), append(out.Decisions, p.Decision)
		}
	}
	take := func(found []*aerv1.Anomaly) {
		for _, f := range found {
			keep(ordered.Add(d.Add(f), f.GetKnownAt().AsTime()))
		}
	}
	for len(rest) > 0 {
		n := min(1+r.IntN(o.most), len(rest))
		take(e.Add(rest[:n]))
		rest = rest[n:]
	}
	take(e.Close())
	keep(append(ordered.Add(d.Flush(), time.UnixMilli(0)), ordered.Flush()...))
	return out
}
