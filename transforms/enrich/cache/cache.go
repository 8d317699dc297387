// SPDX-License-Identifier: Apache-2.0

// Package cache remembers the answers of pure functions within a bound of memory.
package cache

import (
	"maps"
	"sync"
	"sync/atomic"
)

// smallest is the least number of answers that a cache is made for: a smaller one would forget all the time.
const smallest = 64

// Cache holds at most the given number of answers. What was known for a while is looked up without a lock, in a map
// that never changes; what is new since is behind one, and is taken over into another such map once it was asked for as
// often as that costs. When half of the answers are new, the half that was not asked for since is dropped: two
// generations approximate least-recently-used without a list. Safe for concurrent use. What is forgotten is computed
// again, so the cache never changes a result.
type Cache[K comparable, V any] struct {
	half  int
	known atomic.Pointer[known[K, V]]

	mu    sync.Mutex // guards what follows and replacing known
	fresh map[K]V
	// asked is how often the lock was taken since known was made.
	asked int
}

// known is what needs no lock; old are the answers that the next generation drops if nobody asks for them.
type known[K comparable, V any] struct{ young, old map[K]V }

// New makes a Cache for at most entries answers, and no fewer than 64.
func New[K comparable, V any](entries int) *Cache[K, V] {
	c := &Cache[K, V]{half: max(entries, smallest) / 2, fresh: map[K]V{}}
	c.known.Store(&known[K, V]{})
	return c
}

// Get returns the answer remembered for k.
func (c *Cache[K, V]) Get(k K) (V, bool) {
	if v, ok := c.known.Load().young[k]; ok {
		return v, true
	}
	return c.getFresh(k)
}

func (c *Cache[K, V]) getFresh(k K) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok := c.fresh[k]
	if !ok {
		now := c.known.Load()
		if v, ok = now.young[k]; !ok { // another may just have taken it over
			v, ok = now.old[k]
		}
	}
	if ok {
		c.put(k, v)
	}
	return v, ok
}

// Put remembers v for k, whose answer is always the same.
func (c *Cache[K, V]) Put(k K, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(k, v)
}

func (c *Cache[K, V]) put(k K, v V) {
	now := c.known.Load()
	c.fresh[k] = v
	c.asked++
	switch young := len(now.young); {
	case young+len(c.fresh) > c.half:
		c.replace(c.fresh, now.young)
	case c.asked > young:
		young := maps.Clone(now.young)
		if young == nil {
			young = map[K]V{}
		}
		maps.Copy(young, c.fresh)
		c.replace(young, now.old)
	}
}

func (c *Cache[K, V]) replace(young, old map[K]V) {
	c.known.Store(&known[K, V]{young, old})
	c.fresh, c.asked = map[K]V{}, 0
}

// Len is the number of answers held; what is in both generations counts twice.
func (c *Cache[K, V]) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.known.Load()
	return len(now.young) + len(now.old) + len(c.fresh)
}
