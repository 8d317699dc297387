package store

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
)

// NewMemory returns a store that lives as long as the process: the twin for tests and dry runs.
func NewMemory() *Store {
	s, err := newStore(&memoryEngine{data: map[string]string{}}, Options{})
	if err != nil {
		panic(err) // unreachable: a memory engine that was just made accepts writes
	}
	return s
}

// NewFailing returns a store whose every call returns err.
func NewFailing(err error) *Store {
	return &Store{kv: failingEngine{err}, lease: DefaultLease}
}

// Reopen returns a view of a memory store as a new process would open it: the same records, a new epoch.
func (s *Store) Reopen() (*Store, error) {
	return newStore(s.kv, Options{Lease: s.lease})
}

var errClosed = errors.New("store is closed")

// memoryEngine keeps bucket NUL key → value; bucket names hold no NUL.
type memoryEngine struct {
	mu     sync.RWMutex
	data   map[string]string
	closed bool
}

func (m *memoryEngine) view(ctx context.Context, f func(tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.closed {
		return errClosed
	}
	return f(memoryTx{base: m.data})
}

func (m *memoryEngine) update(ctx context.Context, f func(tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return errClosed
	}
	t := memoryTx{base: m.data, writes: map[string]string{}}
	if err := f(t); err != nil {
		return err
	}
	maps.Copy(m.data, t.writes)
	return nil
}

func (m *memoryEngine) close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

type memoryTx struct {
	base, writes map[string]string
}

func (t memoryTx) get(bucket string, key []byte) []byte {
	k := bucket + "\x00" + string(key)
	if v, ok := t.writes[k]; ok {
		return []byte(v)
	}
	if v, ok := t.base[k]; ok {
		return []byte(v)
	}
	return nil
}

func (t memoryTx) put(bucket string, key, value []byte) error {
	t.writes[bucket+"\x00"+string(key)] = string(value)
	return nil
}

func (t memoryTx) each(bucket string, prefix []byte, f func(k, v []byte) error) error {
	full := bucket + "\x00" + string(prefix)
	found := map[string]string{}
	for _, from := range []map[string]string{t.base, t.writes} {
		for k, v := range from {
			if strings.HasPrefix(k, full) {
				found[k] = v
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(found)) {
		_, name, _ := bytes.Cut([]byte(k), []byte{0})
		if err := f(name, []byte(found[k])); err != nil {
			return err
		}
	}
	return nil
}

type failingEngine struct{ err error }

func (f failingEngine) view(context.Context, func(tx) error) error   { return f.err }
func (f failingEngine) update(context.Context, func(tx) error) error { return f.err }
func (f failingEngine) close() error                                 { return nil }
