// SPDX-License-Identifier: Apache-2.0

package local

import (
	"iter"
	"sync"
	"sync/atomic"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// How far ahead records are read: further than the workers need for what they are given at once (chunk), so that
// neither waits for the other, in steps that cost nothing to hand over.
const (
	aheadRecords = 512
	aheadSteps   = 2 * chunk / aheadRecords
)

// record is an event or a dead letter.
type record struct {
	event *aerv1.Event
	dead  *aerv1.DeadLetter
}

// ahead reads what in gives in a goroutine of its own, which has ended when the loop over it ends.
func ahead(in iter.Seq2[*aerv1.Event, *aerv1.DeadLetter]) iter.Seq2[*aerv1.Event, *aerv1.DeadLetter] {
	return func(yield func(*aerv1.Event, *aerv1.DeadLetter) bool) {
		r := reader{full: make(chan []record, aheadSteps), empty: make(chan []record, aheadSteps+2)}
		var wg sync.WaitGroup
		wg.Go(func() { r.read(in) })
		defer wg.Wait()
		defer r.stop()
		for step := range r.full {
			for _, x := range step {
				if !yield(x.event, x.dead) {
					return
				}
			}
			clear(step)
			r.empty <- step[:0]
		}
	}
}

type reader struct {
	full, empty chan []record
	stopped     atomic.Bool
}

func (r *reader) read(in iter.Seq2[*aerv1.Event, *aerv1.DeadLetter]) {
	defer close(r.full)
	step := make([]record, 0, aheadRecords)
	for ev, dead := range in {
		if r.stopped.Load() {
			return
		}
		if step = append(step, record{ev, dead}); len(step) == aheadRecords {
			r.full <- step
			step = r.next()
		}
	}
	r.full <- step
}

// next is an empty step.
func (r *reader) next() []record {
	select {
	case step := <-r.empty:
		return step
	default:
		return make([]record, 0, aheadRecords)
	}
}

// stop has read end at the next record.
func (r *reader) stop() {
	r.stopped.Store(true)
	for range r.full { // it may wait to hand over
	}
}
