// SPDX-License-Identifier: Apache-2.0

package activity

import (
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Accumulator gathers the slices of a shard in one window.
type Accumulator struct {
	WindowMS int32
	slices   map[userWindow]*aerv1.Slice
}

// userWindow is what makes two slices one.
type userWindow struct {
	who     aerv1.Principal
	startMS int64
}

// NewAccumulator returns an empty accumulator for windows of windowMS milliseconds.
func NewAccumulator(windowMS int32) *Accumulator {
	return &Accumulator{WindowMS: windowMS, slices: map[userWindow]*aerv1.Slice{}}
}

// Add takes one event in. It must count for somebody (aerv1.PrincipalOfEvent): what the platform did, and records of
// what was done to the user, make no slice.
func (a *Accumulator) Add(ev *aerv1.Event) { a.addSlice(Summarise(ev, a.WindowMS)) }

// addSlice takes one slice in, which must not be used afterwards.
func (a *Accumulator) addSlice(s *aerv1.Slice) {
	key := userWindow{aerv1.PrincipalOf(s), s.WindowStartMs}
	if have, ok := a.slices[key]; ok {
		Merge(have, s)
		return
	}
	a.slices[key] = s
}

// Merge takes all of b in, which must not be used afterwards.
func (a *Accumulator) Merge(b *Accumulator) {
	for _, s := range b.slices {
		a.addSlice(s)
	}
}

// Len is the number of slices.
func (a *Accumulator) Len() int { return len(a.slices) }

// Batch is what was gathered, in the order of Compare, so that equal contents have equal bytes.
func (a *Accumulator) Batch() *aerv1.Batch {
	b := &aerv1.Batch{Slices: make([]*aerv1.Slice, 0, len(a.slices))}
	for _, s := range a.slices {
		end := s.WindowStartMs + int64(s.WindowMs)
		if len(b.Slices) == 0 || end > b.WindowEndMs { // not max with 0: windows before 1970 end below it
			b.WindowEndMs = end
		}
		b.Slices = append(b.Slices, s)
	}
	slices.SortFunc(b.Slices, Compare)
	return b
}

// FromBatch is an accumulator that holds what b holds; b must not be used afterwards.
func FromBatch(b *aerv1.Batch, windowMS int32) *Accumulator {
	a := NewAccumulator(windowMS)
	for _, s := range b.Slices {
		a.addSlice(s)
	}
	return a
}
