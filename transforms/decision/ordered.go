// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"slices"
	"time"
)

// Ordered puts what a Stream returns into the order of CompareAnomalies: a finding that waited for company leaves the
// stream up to CommonWait after others that are younger. For those who write results, not for those who act.
type Ordered struct{ held []Decided }

// Add takes what a stream returned and returns what nothing earlier can follow any more, now that the stream has come
// to an event time.
func (o *Ordered) Add(pairs []Decided, now time.Time) []Decided {
	for _, p := range pairs {
		at, _ := slices.BinarySearchFunc(o.held, p, CompareDecided)
		o.held = slices.Insert(o.held, at, p)
	}
	settled := now.Add(-CommonWait)
	n := 0
	for n < len(o.held) && !o.held[n].Decision.GetTime().AsTime().After(settled) {
		n++
	}
	return o.take(n)
}

// Flush returns the rest.
func (o *Ordered) Flush() []Decided { return o.take(len(o.held)) }

func (o *Ordered) take(n int) []Decided {
	out := slices.Clone(o.held[:n])
	o.held = slices.Delete(o.held, 0, n)
	return out
}
