package local_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aer-project/aer/pipelines/local"
	"github.com/aer-project/aer/transforms/activity"
)

// variant is a way to run the same events.
type variant struct {
	name            string
	workers, shards int
	shuffle         time.Duration
	split           func() int
}

// variants differ in everything that must not matter.
func variants() []variant {
	return []variant{
		{"8 workers, 16 shards", 8, 16, 0, pieces(8192)},
		{"64 shards, split at random", 2, 64, 0, randomPieces(1, 900)},
		{"out of order within the lateness", 2, 16, activity.DefaultLateness, pieces(4096)},
		{"all of it", 8, 64, activity.DefaultLateness, randomPieces(2, 700)},
		{"a little out of order, tiny pieces", 1, 3, 2 * time.Second, randomPieces(3, 40)},
	}
}

func TestSimulationDependsOnNothingButTheEvents(t *testing.T) {
	sameHoweverRun(t, simulation(t), []string{"tor", "session_fingerprint", "unexpected_user_agent", "unexpected_scraping", "excessive_downloads", "unexpected_api_call_volume"})
}

func TestLabelledSetDependsOnNothingButTheEvents(t *testing.T) {
	if testing.Short() {
		t.Skip("judges two weeks of the labelled set several times")
	}
	sameHoweverRun(t, excerpt(t), nil)
}

func sameHoweverRun(t *testing.T, s stream, types []string) {
	t.Helper()
	anomalies, decisions := s.run(t, local.Config{Shards: 1, Workers: 1}, pieces(8192))
	t.Logf("%d events, %d anomalies", len(s.events), strings.Count(anomalies, "\n"))
	if strings.Count(anomalies, "\n") < 5 {
		t.Error("hardly any anomalies: the test says nothing")
	}
	for _, typ := range types {
		if !strings.Contains(anomalies, `"type":"`+typ+`"`) {
			t.Errorf("no %s in the stream: the test says nothing about it", typ)
		}
	}
	if strings.Contains(anomalies, `"late":true`) {
		t.Error("something in order is marked late")
	}
	for i, v := range variants() {
		t.Run(v.name, func(t *testing.T) {
			in := s
			if v.shuffle > 0 {
				in = s.shuffled(uint64(i), v.shuffle)
			}
			a, d := in.run(t, local.Config{Workers: v.workers, Shards: v.shards}, v.split)
			if a != anomalies {
				t.Errorf("other anomalies: %s", firstDifference(anomalies, a))
			}
			if d != decisions {
				t.Errorf("other decisions: %s", firstDifference(decisions, d))
			}
		})
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d of %d and %d\nwant %s\ngot  %s", i+1, len(w)-1, len(g)-1, w[i], g[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g)-1, len(w)-1)
}

func BenchmarkEngine(b *testing.B) {
	for _, c := range []struct {
		name string
		of   func(testing.TB) stream
	}{{"simulation", simulation}, {"labelled", excerpt}} {
		b.Run(c.name, func(b *testing.B) {
			s := c.of(b)
			b.ReportAllocs()
			for b.Loop() {
				s.run(b, local.Config{Workers: 2}, pieces(8192))
			}
			b.ReportMetric(float64(b.N*len(s.events))/b.Elapsed().Seconds(), "events/s")
		})
	}
}
