// SPDX-License-Identifier: Apache-2.0

package activity

import (
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// cell is the memory of a slice and of all that one event puts into it, in one piece.
type cell struct {
	slice     aerv1.Slice
	facet     facet
	ref, last aerv1.EventRef
	action    aerv1.ActionCount
	method    aerv1.MethodCount
	objects   aerv1.ObjectSet

	// What the lists begin as.
	refs    [1]*aerv1.EventRef
	facets  [1]*aerv1.Facet
	actions [1]*aerv1.ActionCount
	methods [1]*aerv1.MethodCount
	calls   [1]uint64
	hashes  [1]uint64
	pace    [DefaultWindowMS / 1000]uint32
}

func (c *cell) init() {
	s := &c.slice
	s.Refs, s.Facets, s.Actions, s.Methods, s.Pace = c.refs[:0], c.facets[:0], c.actions[:0], c.methods[:0], c.pace[:0]
	c.method.CallIds, c.objects.Hashes = c.calls[:0], c.hashes[:0]
}

// facet is the memory of a facet with its client.
type facet struct {
	of     aerv1.Facet
	client aerv1.FacetClient
}

// forget lets go of all texts and keeps the memory of the lists.
func (c *cell) forget() {
	s := &c.slice
	clear(s.TorAddresses)
	*s = aerv1.Slice{Refs: s.Refs, Facets: s.Facets, Actions: s.Actions, Methods: s.Methods, Pace: s.Pace,
		TorAddresses: s.TorAddresses}
	c.facet, c.ref, c.last, c.action = facet{}, aerv1.EventRef{}, aerv1.EventRef{}, aerv1.ActionCount{}
	c.method = aerv1.MethodCount{CallIds: c.method.CallIds}
}

// memory is what an accumulator makes slices of: a cell for the first event of each, and parts that further events add.
// All of it is used again after reset.
type memory struct {
	cells   arena[cell]
	facets  arena[facet]
	refs    arena[aerv1.EventRef]
	actions arena[aerv1.ActionCount]
	methods arena[aerv1.MethodCount]
	objects arena[aerv1.ObjectSet]
}

// cell gives the memory of a slice. Its lists still hold what they held before.
func (m *memory) cell() *cell {
	c, made := m.cells.take()
	if made {
		c.init()
	}
	return c
}

// reset takes all of it back.
func (m *memory) reset() {
	m.cells.reset((*cell).forget)
	m.facets.reset(func(f *facet) { *f = facet{} })
	m.refs.reset(func(r *aerv1.EventRef) { *r = aerv1.EventRef{} })
	m.actions.reset(func(a *aerv1.ActionCount) { *a = aerv1.ActionCount{} })
	m.methods.reset(func(m *aerv1.MethodCount) { *m = aerv1.MethodCount{CallIds: m.CallIds} })
	m.objects.taken = 0 // they have no texts
}

// keepsTexts is how much of an arena's memory is taken back with the texts in it. A text keeps the piece of the input
// alive that it was read with (4 KB), so memory that may not be used again for long must have none; the first of it is
// used again at once.
const keepsTexts = 16

// arena hands out memory of one kind, used memory first.
type arena[T any] struct {
	all   []*T
	taken int
}

// take gives a T, which holds what it held before; made says that it is new.
func (a *arena[T]) take() (t *T, made bool) {
	if made = a.taken == len(a.all); made {
		a.all = append(a.all, new(T))
	}
	a.taken++
	return a.all[a.taken-1], made
}

func (a *arena[T]) reset(forget func(*T)) {
	for _, t := range a.all[min(keepsTexts, a.taken):a.taken] {
		forget(t)
	}
	a.taken = 0
}

// back takes back what was handed out last.
func (a *arena[T]) back() { a.taken-- }
