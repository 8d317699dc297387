// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/enrich"
	"github.com/aer-project/aer/transforms/process"
)

func TestMain(m *testing.M) {
	flag.Parse()
	*jobopts.Experiments = "prism_disable_sdf_split"
	ptest.Main(m)
}

func init() {
	beam.RegisterDoFn(&anomalySinkFn{})
	beam.RegisterDoFn(&sliceSinkFn{})
	beam.RegisterDoFn(&decidedSinkFn{})
}

// A sink collects what arrives, in this process: tests on Prism run their DoFns here.
type sink struct {
	mu  sync.Mutex
	got []any
}

var sinks sync.Map // test name -> *sink

func newSink(name string) *sink {
	s := &sink{}
	sinks.Store(name, s)
	return s
}

func collect(name string, v any) {
	s, _ := sinks.Load(name)
	k := s.(*sink)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.got = append(k.got, v)
}

func collected[T any](s *sink) []T {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []T
	for _, v := range s.got {
		if v, ok := v.(T); ok {
			out = append(out, v)
		}
	}
	return out
}

type (
	anomalySinkFn struct{ Name string }
	sliceSinkFn   struct{ Name string }
	decidedSinkFn struct{ Name string }
)

func (fn *anomalySinkFn) ProcessElement(v *aerv1.Anomaly) { collect(fn.Name, v) }
func (fn *decidedSinkFn) ProcessElement(v Decided)        { collect(fn.Name, v) }

func (fn *sliceSinkFn) ProcessElement(_ int32, batches *aerv1.PackedBatches) error {
	for _, p := range batches.List {
		b, err := Unpack(p)
		if err != nil {
			return err
		}
		for _, s := range b.Slices {
			collect(fn.Name, s)
		}
	}
	return nil
}

// into sends a collection to a sink, behind a Reshuffle: see package sinks.
func into(s beam.Scope, fn any, col beam.PCollection) { beam.ParDo0(s, fn, beam.Reshuffle(s, col)) }

// provide makes a worker known to a run for the length of a test.
func provide(t *testing.T, runID string, w *process.Core) process.Run {
	t.Helper()
	if w.Enricher == nil {
		e, err := enrich.New(enrich.DefaultConfig())
		if err != nil {
			t.Fatal(err)
		}
		w.Enricher = e
	}
	t.Cleanup(process.Start(runID, w, nil).End)
	return process.Run{ID: runID, Mode: aerv1.ModeReplay}
}

// witness reports every slice with a fingerprint of the profile that it was judged against: two runs that agree on all
// findings have had the same profiles all along.
type witness struct{ pause time.Duration }

func (witness) Type() string      { return "witness" }
func (witness) Doc() evidence.Doc { return evidence.Doc{} }
func (w witness) Judge(in *evidence.Input) *aerv1.Anomaly {
	time.Sleep(w.pause)
	raw, err := in.Profile.Marshal()
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(raw)
	return &aerv1.Anomaly{
		Id: hex.EncodeToString(sum[:8]), Type: "witness", OrgId: in.Slice.OrgId, UserId: in.Slice.UserId,
		KnownAt: aerv1.TimeMS(in.EndMS()), Count: in.Slice.Events,
	}
}

func witnesses(pause time.Duration) *process.Core {
	return &process.Core{Detectors: detector.NewSet([]detector.Detector{witness{pause}}, nil)}
}

// findings renders anomalies for comparison, sorted.
func findings(as []*aerv1.Anomaly) []string {
	var out []string
	for _, a := range as {
		out = append(out, fmt.Sprintf("%s %s/%s %s n=%d late=%v", a.KnownAt.AsTime().Format(time.RFC3339Nano), a.OrgId,
			a.UserId, a.Id, a.Count, a.Late))
	}
	slices.Sort(out)
	return out
}

// runCounted runs a pipeline and returns its counters by name.
func runCounted(t *testing.T, p *beam.Pipeline) map[string]int64 {
	t.Helper()
	res, err := ptest.RunWithMetrics(p)
	if err != nil {
		t.Fatal(err)
	}
	counters := map[string]int64{}
	for _, c := range res.Metrics().AllMetrics().Counters() {
		counters[c.Name()] += c.Result()
	}
	return counters
}
