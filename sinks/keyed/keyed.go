// SPDX-License-Identifier: Apache-2.0

// Package keyed lets one goroutine at a time work on one thing, named by a key, while others work on other things.
package keyed

import (
	"context"
	"sync"
)

// Locks are locks by key. The zero Locks is ready for use; it remembers only what is held or waited for.
type Locks struct {
	mu   sync.Mutex
	held map[string]*lock
}

type lock struct {
	free  chan struct{} // holds one token while nobody has the lock
	users int           // who holds it or waits
}

// Lock waits until nobody else holds the key and returns what lets go of it, or ctx's error.
func (l *Locks) Lock(ctx context.Context, key string) (unlock func(), err error) {
	k := l.use(key)
	select {
	case <-k.free:
		return func() { k.free <- struct{}{}; l.leave(key, k) }, nil
	case <-ctx.Done():
		l.leave(key, k)
		return nil, ctx.Err()
	}
}

func (l *Locks) use(key string) *lock {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == nil {
		l.held = map[string]*lock{}
	}
	k := l.held[key]
	if k == nil {
		k = &lock{free: make(chan struct{}, 1)}
		k.free <- struct{}{}
		l.held[key] = k
	}
	k.users++
	return k
}

func (l *Locks) leave(key string, k *lock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if k.users--; k.users == 0 {
		delete(l.held, key)
	}
}
