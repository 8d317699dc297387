// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/aer-project/aer/cmd/aer/config"
	"github.com/aer-project/aer/cmd/aer/setup"
	"github.com/aer-project/aer/cmd/aer/simulate/perturb"
	"github.com/aer-project/aer/pipelines/local"
	"github.com/aer-project/aer/pipelines/prism"
	"github.com/aer-project/aer/pipelines/replay"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/enrich/tor"
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
	byID := func(a, b *aerv1.DeadLetter) int { return strings.Compare(a.GetId(), b.GetId()) }
	slices.SortFunc(want.Dead, byID)
	slices.SortFunc(got.Dead, byID)
	if diff := cmp.Diff(want.Dead, got.Dead, protocmp.Transform()); diff != "" {
		t.Errorf("dead letters differ (-want +got):\n%s", diff)
	}
}

// onEach judges the labelled set, and an excerpt of the real timelines beside the repository where they are.
func onEach(t *testing.T, do func(*testing.T, *set)) {
	t.Run("labelled", func(t *testing.T) { do(t, &labelled(t).set) })
	t.Run("devset", func(t *testing.T) { do(t, devset(t)) })
}

// devset is a hundred days from the middle of the real timelines on.
func devset(t *testing.T) *set {
	t.Helper()
	from := "../../../../shared/data/devset"
	if _, err := os.Stat(from); err != nil {
		t.Skipf("needs the real timelines at ../shared/data/devset: %v", err)
	}
	in, err := event.OpenFiles([]string{filepath.Join(from, "events.ndjson.gz")}, event.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	begin := time.Date(2021, 4, 16, 0, 0, 0, 0, time.UTC)
	s := &set{dir: t.TempDir(), source: baseline.None{}}
	var b bytes.Buffer
	for ev := range in.All() {
		if at := ev.GetTime().AsTime(); at.Before(begin) || at.After(begin.AddDate(0, 0, 100)) {
			continue
		}
		line, err := aerv1.MarshalJSONLine(ev)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
	}
	path := filepath.Join(s.dir, "events.ndjson")
	if err := errors.Join(in.Err(), os.WriteFile(path, b.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	c := config.Replay()
	c.Enrich.Tor = []tor.Source{{Path: filepath.Join(from, "tor_exits.tsv.gz")}}
	if s.judge, err = setup.Build(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	s.options = replay.Options{Events: s.judge.History([]string{path}, event.Options{}), Rules: s.judge.Replayed()}
	return s
}

// replayed is what the plain-Go driver says of the file of events.
func (s *set) replayed(t testing.TB, cfg local.Config) *said {
	t.Helper()
	in, err := event.OpenFiles(s.options.Events.Paths, event.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	cfg.Enrich, cfg.Detectors, cfg.Baseline = s.options.Events.Enrich, s.judge.Detectors, s.source
	out := &said{}
	if _, err := local.Replay(t.Context(), in, cfg, s.options.Rules.Decide(s.source), out, nil); err != nil {
		t.Fatal(err)
	}
	return out
}

// piped is what the pipeline says of the file of events.
func (s *set) piped(t testing.TB) *said {
	t.Helper()
	out, w := &said{}, s.judge.Core(s.source)
	in := source.Config{Files: source.Files{Paths: s.options.Events.Paths}}
	if _, err := prism.Replay(t.Context(), w, in, out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestTheDriversAgree, in all fields: the plain-Go driver and the pipeline.
func TestTheDriversAgree(t *testing.T) {
	onEach(t, func(t *testing.T, s *set) {
		want := s.found
		if want == nil {
			want = s.replayed(t, local.Config{Workers: 1, Shards: 1})
		}
		t.Logf("%d anomalies", len(want.Anomalies))
		if len(want.Anomalies) < 5 {
			t.Fatal("hardly any anomalies: the test says nothing")
		}
		same(t, want, s.piped(t))
	})
}

// BenchmarkDrivers judges the labelled set, which is sparse: most windows of ten seconds hold one event of one user.
func BenchmarkDrivers(b *testing.B) {
	s := labelled(b)
	for name, do := range map[string]func(){
		"local":    func() { s.replayed(b, local.Config{Workers: 2}) },
		"pipeline": func() { s.piped(b) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				do()
			}
			b.ReportMetric(float64(s.result.Events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
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
		if ev == nil || newest.Sub(ev.Time.AsTime()) > perturb.MaxDisorder {
			continue
		}
		if at := ev.Time.AsTime(); at.After(newest) {
			newest = at
		}
		all = append(all, ev)
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// order is a way in which the same events arrive.
type order struct {
	name            string
	workers, shards int
	// by is how much later than they happened events may come, most how many are taken in at once.
	by   time.Duration
	most int
}

// TestTheOrderOfArrivalDoesNotMatter, nor in what portions events are taken in, nor over how many shards and workers
// they are spread, as long as none is late.
func TestTheOrderOfArrivalDoesNotMatter(t *testing.T) {
	onEach(t, func(t *testing.T, s *set) {
		events := s.inTime(t)
		slices.SortStableFunc(events, func(a, b *aerv1.Event) int { return a.Time.AsTime().Compare(b.Time.AsTime()) })
		want := s.run(order{"in order", 1, 1, 0, 8192}, events)
		if slices.ContainsFunc(want.Anomalies, func(a *aerv1.Anomaly) bool { return a.Late }) {
			t.Error("something in order is marked late")
		}
		for _, o := range []order{
			{"out of order within the lateness, 64 shards, in portions", 8, 64, perturb.MaxDisorder, 900},
			{"a little out of order, tiny portions", 1, 3, 2 * time.Second, 40},
		} {
			t.Run(o.name, func(t *testing.T) { same(t, want, s.run(o, events)) })
		}
	})
}

// run judges events that come in another order.
func (s *set) run(o order, events []*aerv1.Event) *said {
	r := rand.New(rand.NewPCG(uint64(o.most), 0))
	arrival := map[*aerv1.Event]time.Time{}
	for _, ev := range events {
		arrival[ev] = ev.Time.AsTime().Add(time.Duration(r.Int64N(int64(o.by + 1))))
	}
	rest := slices.SortedStableFunc(slices.Values(events),
		func(a, b *aerv1.Event) int { return arrival[a].Compare(arrival[b]) })
	e := local.NewEngine(local.Config{
		Workers: o.workers, Shards: o.shards, Enrich: s.options.Events.Enrich, Detectors: s.judge.Detectors,
		Baseline: s.source,
	})
	d, out := decision.NewStream(s.options.Rules.Decide(s.source)), &said{}
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
