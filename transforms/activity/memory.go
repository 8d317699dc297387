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

func (m *memory) reset() {
	m.cells.taken, m.facets.taken, m.refs.taken = 0, 0, 0
	m.actions.taken, m.methods.taken, m.objects.taken = 0, 0, 0
}

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

// back takes back what was handed out last.
func (a *arena[T]) back() { a.taken-- }
