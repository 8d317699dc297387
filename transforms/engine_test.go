// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/state"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	beam.RegisterDoFn(&sleepyFn{})
	beam.RegisterDoFn(&textSinkFn{})
	register.Emitter1[string]()
	beam.RegisterDoFn(&moduloFn{})
}

// sleepyFn counts per key in a state cell and pauses now and then, as a stage does that waits for another machine.
type sleepyFn struct {
	Total state.Value[int64]

	seen int
}

func (fn *sleepyFn) ProcessElement(sp state.Provider, key string, _ int64, emit func(string)) error {
	if fn.seen++; fn.seen%2000 == 0 {
		time.Sleep(400 * time.Millisecond) // what is tested is the runner's reaction to a slow bundle
	}
	total, _, err := fn.Total.Read(sp)
	if err != nil {
		return err
	}
	emit(fmt.Sprint(key, " ", total+1))
	return fn.Total.Write(sp, total+1)
}

type textSinkFn struct{ Name string }

func (fn *textSinkFn) ProcessElement(v string) { collect(fn.Name, v) }

type moduloFn struct{}

func (fn *moduloFn) ProcessElement(n int64) (string, int64) { return fmt.Sprint("k", n%10), n }

// Prism as we run it keeps the state of slow bundles. Without the experiment that main_test.go sets, it may split them,
// run one key in two bundles at once and lose updates (not every time): then totals appear twice here.
func TestPrismKeepsStateOfSlowBundles(t *testing.T) {
	const n = 10_000
	got := newSink(t.Name())
	p, s := beam.NewPipelineWithRoot()
	var elems []int64
	for i := range int64(n) {
		elems = append(elems, i)
	}
	keyed := beam.ParDo(s, &moduloFn{}, beam.Reshuffle(s, beam.CreateList(s, elems)))
	into(s, &textSinkFn{t.Name()}, beam.ParDo(s, &sleepyFn{Total: state.MakeValueState[int64]("total")}, keyed))
	runCounted(t, p)
	seen := map[string]bool{}
	for _, total := range collected[string](got) {
		seen[total] = true
	}
	if len(seen) != n {
		t.Errorf("%d different totals, want %d: updates were lost", len(seen), n)
	}
}
