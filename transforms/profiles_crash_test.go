// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"bytes"
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/state"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/timers"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// flaky is an engine that runs profilesFn for shard 7 and forgets what a runner may forget: bundles fail and come
// again, cut in other places and with what has come meanwhile, bags have no order, and what is kept in memory is lost,
// or is that of a bundle that failed, or of a worker that had the shard before.
type flaky struct {
	state.Provider // what is not used
	t              *testing.T
	rng            *rand.Rand
	fn             *profilesFn

	now, committed cells
	elsewhere      decodedShard // kept by another worker
	found          []*aerv1.Anomaly
	// How often a shard was lost from memory with batches that waited, and how often such a log was compacted.
	lostWaiting, compactedWaiting int
}

type cells struct {
	bags   map[string][][]byte
	head   []byte
	timers map[string]int64 // by tag, when they fire
}

func (c cells) clone() cells {
	bags := map[string][][]byte{}
	for key, list := range c.bags {
		bags[key] = slices.Clone(list)
	}
	return cells{bags, c.head, maps.Clone(c.timers)}
}

func (f *flaky) ReadBagState(key string) (list []any, _ []state.Transaction, _ error) {
	for _, i := range f.rng.Perm(len(f.now.bags[key])) {
		list = append(list, bytes.Clone(f.now.bags[key][i]))
	}
	return list, nil, nil
}

func (f *flaky) WriteBagState(t state.Transaction) error {
	f.now.bags[t.Key] = append(f.now.bags[t.Key], t.Val.([]byte))
	return nil
}

func (f *flaky) ClearBagState(t state.Transaction) error {
	delete(f.now.bags, t.Key)
	return nil
}

func (f *flaky) ReadValueState(string) (any, []state.Transaction, error) {
	if f.now.head == nil {
		return nil, nil, nil
	}
	return f.now.head, nil, nil
}

func (f *flaky) WriteValueState(t state.Transaction) error {
	f.now.head = t.Val.([]byte)
	return nil
}

func (f *flaky) Set(t timers.TimerMap) { f.now.timers[t.Tag] = t.FireTimestamp.Milliseconds() }

// bundle commits what do does, or fails and says so.
func (f *flaky) bundle(do func(emit func(beam.EventTime, *aerv1.Anomaly)) error) bool {
	f.loseMemory()
	var found []*aerv1.Anomaly
	f.now = f.committed.clone()
	if err := do(func(_ beam.EventTime, a *aerv1.Anomaly) { found = append(found, a) }); err != nil {
		f.t.Fatal(err)
	}
	if f.rng.IntN(3) == 0 {
		return false
	}
	f.committed, f.found = f.now, append(f.found, found...)
	return true
}

func (f *flaky) loseMemory() {
	kept, _ := f.fn.process.Take(shardKey(7)).(decodedShard)
	switch f.rng.IntN(5) {
	case 0:
		if len(kept.waiting) > 0 {
			f.lostWaiting++
		}
		kept = decodedShard{}
	case 1, 2:
		kept, f.elsewhere = f.elsewhere, kept
	}
	f.fn.process.Keep(shardKey(7), kept)
}

func (f *flaky) arrive(group []*aerv1.PackedBatch) {
	for !f.bundle(func(emit func(beam.EventTime, *aerv1.Anomaly)) error {
		return f.fn.ProcessElement(f.t.Context(), f, f, 7, packed(group...), emit)
	}) {
	}
}

// pass fires the timers that the watermark has passed, one to three a bundle, until a bundle fails.
func (f *flaky) pass(watermark int64) {
	for committed := true; committed; {
		var due []string
		for tag, ms := range f.committed.timers {
			if ms <= watermark {
				due = append(due, tag)
			}
		}
		if len(due) == 0 {
			return
		}
		slices.SortFunc(due, func(a, b string) int {
			return cmp.Or(cmp.Compare(f.committed.timers[a], f.committed.timers[b]), strings.Compare(a, b))
		})
		due = due[:min(len(due), 1+f.rng.IntN(3))]
		committed = f.bundle(func(emit func(beam.EventTime, *aerv1.Anomaly)) error { return f.fire(due, emit) })
	}
}

func (f *flaky) fire(tags []string, emit func(beam.EventTime, *aerv1.Anomaly)) error {
	for _, tag := range tags {
		delete(f.now.timers, tag)
		before := len(f.now.bags["log"])
		if err := f.fn.OnTimer(f.t.Context(), f, f, 7, timers.Context{Tag: tag}, emit); err != nil {
			return err
		}
		if kept, _ := f.fn.process.Take(shardKey(7)).(decodedShard); kept.profiles != nil {
			if len(f.now.bags["log"]) < before && len(kept.waiting) > 0 {
				f.compactedWaiting++
			}
			f.fn.process.Keep(shardKey(7), kept)
		}
	}
	return nil
}

// Whatever a runner forgets or does again, each batch is applied once and in its order, also where it waited in the log
// meanwhile.
func TestProfilesOnAFlakyRunner(t *testing.T) {
	batches := batchesOf(t, traffic(400))
	want := reference(t, batches)
	lost, compacted := 0, 0
	for seed := range uint64(12) {
		run := provide(t, t.Name(), witnesses(0))
		f := &flaky{t: t, rng: rand.New(rand.NewPCG(seed, 1)), fn: newProfilesFn(testShards, run),
			committed: cells{bags: map[string][][]byte{}, timers: map[string]int64{}}}
		if err := f.fn.Setup(t.Context()); err != nil {
			t.Fatal(err)
		}
		const ahead = 60 // batches of the next windows from which one comes
		for waiting := slices.Clone(batches); len(waiting) > 0; {
			var group []*aerv1.PackedBatch
			for range min(1+f.rng.IntN(4), len(waiting)) {
				i := f.rng.IntN(min(ahead, len(waiting)))
				group, waiting = append(group, waiting[i]), slices.Delete(waiting, i, i+1)
			}
			f.arrive(group)
			if len(waiting) > 0 {
				f.pass(batchMS(waiting[0]) - 1)
			}
		}
		for len(f.committed.timers) > 0 {
			f.pass(1 << 60)
		}
		if got := findings(f.found); !slices.Equal(got, want) {
			t.Errorf("seed %d: %d findings differ from the reference's %d", seed, len(got), len(want))
		}
		lost, compacted = lost+f.lostWaiting, compacted+f.compactedWaiting
	}
	if lost == 0 || compacted == 0 {
		t.Errorf("shards with batches that waited were lost %d times and compacted %d times: want both", lost, compacted)
	}
}
