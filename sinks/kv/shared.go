// SPDX-License-Identifier: Apache-2.0

package kv

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// OpenShared gives the store in a bbolt file to several processes at once: a pipeline that follows settings, and the
// command line that changes them. The file is opened for each operation only, by one writer or several readers, and
// whoever comes meanwhile waits, at most Options.LockTimeout. That costs a few synced writes a second at most, which
// settings never need. A file that does not exist yet reads as empty.
func OpenShared(path string, o Options) (Store, error) {
	s := sharedStore{path: path, o: o}
	if o.ReadOnly {
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("opening store for reading: %w", err)
		}
	}
	// A look now finds what is no store before anything depends on it.
	if err := s.View(context.Background(), func(Tx) error { return nil }); err != nil {
		return nil, err
	}
	return s, nil
}

type sharedStore struct {
	path string
	o    Options
}

func (e sharedStore) View(ctx context.Context, f func(Tx) error) error {
	info, err := os.Stat(e.path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 { // just being made by another
		if err := ctx.Err(); err != nil {
			return err
		}
		return f(noRecords{})
	}
	return e.with(ctx, true, func(b boltStore) error { return b.View(ctx, f) })
}

func (e sharedStore) Update(ctx context.Context, f func(Tx) error) error {
	if e.o.ReadOnly {
		return fmt.Errorf("writing to store %s: it was opened for reading", e.path)
	}
	if err := os.MkdirAll(filepath.Dir(e.path), 0o700); err != nil {
		return fmt.Errorf("creating the folder of the store: %w", err)
	}
	return e.with(ctx, false, func(b boltStore) error { return b.Update(ctx, f) })
}

func (e sharedStore) with(ctx context.Context, readOnly bool, f func(boltStore) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	wait := e.o.lockTimeout()
	if end, ok := ctx.Deadline(); ok {
		wait = max(min(wait, time.Until(end)), time.Millisecond) // 0 would mean for ever
	}
	db, err := openBolt(e.path, bolt.Options{Timeout: wait, ReadOnly: readOnly})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return fmt.Errorf("opening store: %s %w, for %v by now: does another program keep it open?", e.path, ErrLocked, wait)
	}
	if err != nil {
		return fmt.Errorf("opening store %s: %w", e.path, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }() // also when f panics
	return f(newBoltStore(db))
}

// noRecords is a look at a store that is not there yet.
type noRecords struct{}

func (noRecords) Get(string, []byte) []byte { return nil }

func (noRecords) Put(string, []byte, []byte) error { return bolterrors.ErrTxNotWritable }

func (noRecords) Delete(string, []byte) error { return bolterrors.ErrTxNotWritable }

func (noRecords) Scan(string, Range, func(k, v []byte) error) error { return nil }

func (e sharedStore) Epoch() uint64 { return 0 }

func (e sharedStore) Close() error { return nil }
