// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"
	"flag"
	"sync"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/event"
	"github.com/aer-project/aer/transforms/process"
)

func TestMain(m *testing.M) {
	flag.Parse()
	*jobopts.Experiments = "prism_disable_sdf_split"
	ptest.Main(m)
}

func init() {
	beam.RegisterDoFn(&eventSinkFn{})
	beam.RegisterDoFn(&deadSinkFn{})
	beam.RegisterDoFn(&behindFn{})
}

// start makes the process of a run that lasts as long as the test.
func start(t *testing.T) (process.Run, *process.Process) {
	t.Helper()
	p := process.Start(t.Name(), nil, nil)
	t.Cleanup(p.End)
	return process.Run{ID: t.Name()}, p
}

// A sink collects what arrives, in this process: tests on Prism run their DoFns here.
type sink struct {
	mu   sync.Mutex
	evs  []*aerv1.Event
	dead []*aerv1.DeadLetter
}

var sinks sync.Map // test name -> *sink

// collect sends events and dead letters, if there are any, to a sink, behind a Reshuffle: see package sinks.
func collect(t *testing.T, s beam.Scope, events, dead beam.PCollection) *sink {
	k := &sink{}
	sinks.Store(t.Name(), k)
	beam.ParDo0(s, &eventSinkFn{t.Name()}, beam.Reshuffle(s, events))
	if dead.IsValid() {
		beam.ParDo0(s, &deadSinkFn{t.Name()}, beam.Reshuffle(s, dead))
	}
	return k
}

func (k *sink) events() []*aerv1.Event {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.evs
}

type (
	eventSinkFn struct{ Name string }
	deadSinkFn  struct{ Name string }
)

func (fn *eventSinkFn) ProcessElement(ev *aerv1.Event) {
	into(fn.Name, func(k *sink) { k.evs = append(k.evs, ev) })
}

func (fn *deadSinkFn) ProcessElement(d *aerv1.DeadLetter) {
	into(fn.Name, func(k *sink) { k.dead = append(k.dead, d) })
}

func into(name string, add func(k *sink)) {
	v, _ := sinks.Load(name)
	k := v.(*sink)
	k.mu.Lock()
	defer k.mu.Unlock()
	add(k)
}

// behindFn decodes a message of ten o'clock when the source had come to the time that is the element.
type behindFn struct{ Intake intake }

func (fn *behindFn) Setup(ctx context.Context) error { return fn.Intake.setup(ctx) }

func (fn *behindFn) ProcessElement(ctx context.Context, watermarkMS int64, events emitEvent) {
	fn.Intake.decode(ctx, []byte(good(int(watermarkMS), 0)), event.Source{}, 0, watermarkMS, events, nil)
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

// handOn is a state as the next bundle gets it.
func handOn(t rapid.TB, s *aerv1.SourceState) *aerv1.SourceState {
	t.Helper()
	raw, err := encodeState(s)
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeState(raw)
	if err != nil {
		t.Fatal(err)
	}
	return got
}
