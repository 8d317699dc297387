// SPDX-License-Identifier: Apache-2.0

package sinktest

import (
	"bytes"
	"context"
	"slices"
	"sync"

	"github.com/aer-project/aer/sinks/kv"
)

// Memory is a store that lives as long as the process.
type Memory struct {
	*shelf
	epoch uint64
}

// NewMemory returns an empty one.
func NewMemory() *Memory { return (&Memory{shelf: &shelf{buckets: map[string][]pair{}}}).Reopen() }

// Reopen returns the store as a new process would open it: the same records, a new epoch.
func (m *Memory) Reopen() *Memory {
	epoch, err := kv.Write(context.Background(), m, func(t kv.Tx) (uint64, error) { return kv.NextSeq(t, "epoch") })
	if err != nil {
		panic(err) // unreachable: memory takes every write
	}
	return &Memory{m.shelf, epoch}
}

// Epoch implements Store.
func (m *Memory) Epoch() uint64 { return m.epoch }

// Close implements Store.
func (m *Memory) Close() error { return nil }

// shelf is the records, sorted by key in each bucket.
type shelf struct {
	mu      sync.RWMutex
	buckets map[string][]pair
}

type pair struct{ key, value []byte }

// View implements Store.
func (s *shelf) View(ctx context.Context, f func(kv.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return f(&memoryTx{buckets: s.buckets})
}

// Update implements Store.
func (s *shelf) Update(ctx context.Context, f func(kv.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &memoryTx{buckets: s.buckets}
	done := false
	defer func() {
		if !done { // also when f has panicked
			t.rollBack()
		}
	}()
	err := f(t)
	done = err == nil
	return err
}

// memoryTx writes at once and remembers how to take that back.
type memoryTx struct {
	buckets map[string][]pair
	undo    []func()
}

func (t *memoryTx) rollBack() {
	for _, f := range slices.Backward(t.undo) {
		f()
	}
}

func (t *memoryTx) find(bucket string, key []byte) (i int, found bool) {
	return slices.BinarySearchFunc(t.buckets[bucket], key,
		func(p pair, key []byte) int { return bytes.Compare(p.key, key) })
}

func (t *memoryTx) Get(bucket string, key []byte) []byte {
	if i, found := t.find(bucket, key); found {
		return t.buckets[bucket][i].value
	}
	return nil
}

func (t *memoryTx) Put(bucket string, key, value []byte) error {
	t.set(bucket, bytes.Clone(key), append([]byte{}, value...))
	return nil
}

func (t *memoryTx) Delete(bucket string, key []byte) error {
	t.set(bucket, key, nil)
	return nil
}

// set replaces a value; nil deletes.
func (t *memoryTx) set(bucket string, key, value []byte) {
	before := t.Get(bucket, key)
	t.undo = append(t.undo, func() { t.store(bucket, key, before) })
	t.store(bucket, key, value)
}

func (t *memoryTx) store(bucket string, key, value []byte) {
	b := t.buckets[bucket]
	i, found := t.find(bucket, key)
	switch {
	case value == nil && found:
		b = slices.Delete(b, i, i+1)
	case value == nil:
	case found:
		b[i].value = value
	default:
		b = slices.Insert(b, i, pair{key, value})
	}
	t.buckets[bucket] = b
}

func (t *memoryTx) Scan(bucket string, r kv.Range, f func(k, v []byte) error) error {
	start := r.Prefix
	if bytes.Compare(r.After, start) >= 0 && r.After != nil {
		start = append(bytes.Clone(r.After), 0) // the very next key
	}
	i, _ := t.find(bucket, start)
	for n, p := range t.buckets[bucket][i:] {
		if !bytes.HasPrefix(p.key, r.Prefix) || r.Limit > 0 && n == r.Limit {
			break
		}
		if err := f(p.key, p.value); err != nil {
			return err
		}
	}
	return nil
}
