// SPDX-License-Identifier: Apache-2.0

package activity

import (
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Accumulator gathers the slices of a shard in one window or in several.
type Accumulator struct {
	WindowMS int32
	index
	memory memory
	batch  aerv1.Batch // what Unsorted gave
}

// NewAccumulator returns an empty accumulator for windows of windowMS milliseconds.
func NewAccumulator(windowMS int32) *Accumulator { return &Accumulator{WindowMS: windowMS} }

// Add takes one event in. It must count for somebody (aerv1.PrincipalOfEvent): what the platform did, and records of
// what was done to the user, make no slice. Facts about the client must have been derived before (ev.Client.Facts).
func (a *Accumulator) Add(ev *aerv1.Event) {
	var e Entry
	e.Set(ev, UserHash(aerv1.OrgID(ev.OrgId), aerv1.UserID(ev.UserId)), a.WindowMS)
	a.AddEntry(&e)
}

// AddEntry takes in one event by its entry, which was made with windows of the same length.
func (a *Accumulator) AddEntry(e *Entry) {
	h := sliceHash(e.user, e.who, e.startMS)
	if s := a.find(h, e.who, e.startMS); s != nil {
		a.memory.add(s, e)
		return
	}
	c := a.memory.cell()
	c.begin(e, a.WindowMS)
	a.add(h, &c.slice)
}

// addSlice takes one slice in, which must not be used afterwards.
func (a *Accumulator) addSlice(s *aerv1.Slice) {
	who := aerv1.PrincipalOf(s)
	h := sliceHash(UserHash(who.OrgID, who.UserID), who, s.WindowStartMs)
	if have := a.find(h, who, s.WindowStartMs); have != nil {
		Merge(have, s)
		return
	}
	a.add(h, s)
}

// Merge takes all of b in. b is empty afterwards.
func (a *Accumulator) Merge(b *Accumulator) {
	for _, s := range b.slices {
		a.addSlice(s)
	}
	*b = Accumulator{WindowMS: b.WindowMS} // its memory is a's now
}

// Reset empties the accumulator. The memory of what it made is used again: none of its slices, and nothing in them but
// texts, may be used afterwards.
func (a *Accumulator) Reset() {
	a.index.reset()
	a.memory.reset()
}

// Len is the number of slices.
func (a *Accumulator) Len() int { return len(a.slices) }

// Batch is what was gathered, in the order of Compare, so that equal contents have equal bytes.
func (a *Accumulator) Batch() *aerv1.Batch {
	b := &aerv1.Batch{WindowEndMs: a.endMS(), Slices: slices.Clone(a.slices)}
	slices.SortFunc(b.Slices, Compare)
	return b
}

// Unsorted is what was gathered, in an order that suffices for profiles: whatever is recorded in a user's name comes
// before the attempts under it. It may be used until the accumulator changes.
func (a *Accumulator) Unsorted() *aerv1.Batch {
	a.batch.WindowEndMs, a.batch.Slices = a.endMS(), a.batch.Slices[:0]
	for _, attempts := range []bool{false, true} {
		for _, s := range a.slices {
			if (s.ActorKind == aerv1.ActorAttempt) == attempts {
				a.batch.Slices = append(a.batch.Slices, s)
			}
		}
	}
	return &a.batch
}

// endMS is the end of the last window; windows before 1970 end below 0.
func (a *Accumulator) endMS() int64 {
	end := int64(0)
	for i, s := range a.slices {
		if e := s.WindowStartMs + int64(s.WindowMs); i == 0 || e > end {
			end = e
		}
	}
	return end
}

// FromBatch is an accumulator that holds what b holds; b must not be used afterwards.
func FromBatch(b *aerv1.Batch, windowMS int32) *Accumulator {
	a := NewAccumulator(windowMS)
	for _, s := range b.Slices {
		if s.Last != nil { // which Add writes over; of a decoded slice it is one of Refs too
			s.Last = &aerv1.EventRef{Id: s.Last.Id, TimeMs: s.Last.TimeMs}
		}
		a.addSlice(s)
	}
	return a
}
