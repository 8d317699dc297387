// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"slices"
	"sort"
	"sync"
	"sync/atomic"
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
// come roughly in order.
type Versions struct {
	list []*aerv1.Baseline // sorted by valid_from

	// latest is recent[0], for those who come without the lock: nearly all.
	latest atomic.Pointer[entry]
	mu     sync.Mutex
	recent [2]*entry // the latest used first
}

// entry is an index and the times that it is for: until is zero for the last.
type entry struct {
	from, until time.Time
	index       *Index
}

func (e *entry) holds(t time.Time) bool {
	return e != nil && !t.Before(e.from) && (e.until.IsZero() || t.Before(e.until))
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
	if e := v.latest.Load(); e.holds(t) {
		return e.index
	}
	if len(v.list) == 0 || t.Before(v.list[0].ValidFrom.AsTime()) {
		return nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.recent[1].holds(t) {
		v.recent[0], v.recent[1] = v.recent[1], v.recent[0]
	} else if !v.recent[0].holds(t) {
		v.recent[0], v.recent[1] = v.entry(t), v.recent[0]
	}
	v.latest.Store(v.recent[0])
	return v.recent[0].index
}

// entry makes the index for t, which is not before the first version.
func (v *Versions) entry(t time.Time) *entry {
	i := sort.Search(len(v.list), func(i int) bool { return v.list[i].ValidFrom.AsTime().After(t) }) - 1
	e := &entry{from: v.list[i].ValidFrom.AsTime(), index: NewIndex(v.list[i])}
	if i+1 < len(v.list) {
		e.until = v.list[i+1].ValidFrom.AsTime()
	}
	return e
}

// Len is the number of versions.
func (v *Versions) Len() int { return len(v.list) }
