// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"slices"
	"sync"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Source finds the version for a time of event time: the latest that begins at or before it, even if it has ended by
// then (Index.StaleBy says so); a nil Index where there is none. Safe for concurrent use.
type Source interface {
	At(t time.Time) *Index
}

// None is the source of those who have no history yet.
type None struct{}

// At is always nil.
func (None) At(time.Time) *Index { return nil }

// Versions is a sequence of versions in memory, of which the one for a time is the latest that begins at or before it:
// one that has ended is better than none, and never one from the future. Only the indexes used last are kept: events
// come roughly in order, and an index is far larger than its rows.
type Versions struct {
	list []*aerv1.Baseline // sorted by valid_from

	mu     sync.Mutex
	recent [2]*entry // the latest used first
}

type entry struct {
	at    int
	index *Index
}

// NewVersions prepares versions for lookup by event time. They must not be changed afterwards.
func NewVersions(list []*aerv1.Baseline) *Versions {
	v := &Versions{list: slices.Clone(list)}
	slices.SortStableFunc(v.list, func(a, b *aerv1.Baseline) int {
		return a.ValidFrom.AsTime().Compare(b.ValidFrom.AsTime())
	})
	return v
}

// At is the version for t, or nil.
func (v *Versions) At(t time.Time) *Index {
	i, found := slices.BinarySearchFunc(v.list, t, func(b *aerv1.Baseline, t time.Time) int {
		return b.ValidFrom.AsTime().Compare(t)
	})
	if !found {
		i--
	}
	if i < 0 {
		return nil
	}
	return v.index(i)
}

func (v *Versions) index(i int) *Index {
	v.mu.Lock()
	defer v.mu.Unlock()
	for n, e := range v.recent {
		if e != nil && e.at == i {
			v.recent[0], v.recent[n] = v.recent[n], v.recent[0]
			return e.index
		}
	}
	v.recent[1] = v.recent[0]
	v.recent[0] = &entry{i, NewIndex(v.list[i])}
	return v.recent[0].index
}

// Len is the number of versions.
func (v *Versions) Len() int { return len(v.list) }
