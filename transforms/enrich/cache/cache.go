// SPDX-License-Identifier: Apache-2.0

// Package cache remembers the answers of pure functions within a bound of memory.
package cache

import (
	"hash/maphash"
	"sync"
)

// shardCount spreads locks; a power of two well above the number of cores that classify at once.
const shardCount = 32

// Cache holds at most the given number of answers. When half of a shard is new, the half that was not asked for since
// is dropped: two generations approximate least-recently-used without a list. Safe for concurrent use.
// What is forgotten is computed again, so the cache never changes a result.
type Cache[K comparable, V any] struct {
	seed   maphash.Seed
	half   int
	shards [shardCount]shard[K, V]
}

type shard[K comparable, V any] struct {
	mu         sync.RWMutex
	young, old map[K]V
	_          [64]byte // keeps neighbouring locks out of one cache line
}

// New makes a Cache for at most entries answers, rounded up to 64.
func New[K comparable, V any](entries int) *Cache[K, V] {
	return &Cache[K, V]{seed: maphash.MakeSeed(), half: max(1, (entries+2*shardCount-1)/(2*shardCount))}
}

// Get returns the answer remembered for k.
func (c *Cache[K, V]) Get(k K) (V, bool) {
	s := c.shard(k)
	s.mu.RLock()
	v, ok := s.young[k]
	if ok {
		s.mu.RUnlock()
		return v, true
	}
	v, ok = s.old[k]
	s.mu.RUnlock()
	if ok {
		s.put(k, v, c.half)
	}
	return v, ok
}

// Put remembers v for k.
func (c *Cache[K, V]) Put(k K, v V) { c.shard(k).put(k, v, c.half) }

// Len is the number of answers held; what is in both generations counts twice.
func (c *Cache[K, V]) Len() int {
	n := 0
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.RLock()
		n += len(s.young) + len(s.old)
		s.mu.RUnlock()
	}
	return n
}

func (c *Cache[K, V]) shard(k K) *shard[K, V] {
	return &c.shards[maphash.Comparable(c.seed, k)%shardCount]
}

func (s *shard[K, V]) put(k K, v V, half int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.young) >= half {
		if _, ok := s.young[k]; !ok {
			s.young, s.old = nil, s.young
		}
	}
	if s.young == nil {
		s.young = make(map[K]V)
	}
	s.young[k] = v
}
