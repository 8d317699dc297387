package transforms

import "sync"

// shardCache keeps decoded shards between bundles, for all DoFn instances of this process. It is only ever a view: an
// entry is taken out while it is used, so that no two bundles change one, and is trusted only if its version equals that
// of the durable head. A moved key, a retried bundle or a restart therefore costs a rebuild, never a wrong answer.
type shardCache[T any] struct {
	mu      sync.Mutex
	entries map[shardID]cached[T]
	// meddle, in tests only, changes the entries before one is taken.
	meddle func(entries map[shardID]cached[T], id shardID)
}

type shardID struct {
	run   string
	shard int32
}

type cached[T any] struct {
	version version
	value   T
}

func newShardCache[T any]() *shardCache[T] {
	return &shardCache[T]{entries: map[shardID]cached[T]{}}
}

// take removes the entry and returns it if it is of version v.
func (c *shardCache[T]) take(id shardID, v version) (value T, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.meddle != nil {
		c.meddle(c.entries, id)
	}
	e, found := c.entries[id]
	delete(c.entries, id)
	if !found || e.version != v {
		return value, false
	}
	return e.value, true
}

func (c *shardCache[T]) put(id shardID, v version, value T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries[id] = cached[T]{v, value}
}

func (c *shardCache[T]) forget(run string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id := range c.entries {
		if id.run == run {
			delete(c.entries, id)
		}
	}
}
