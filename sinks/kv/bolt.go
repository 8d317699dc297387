// SPDX-License-Identifier: Apache-2.0

package kv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// LockTimeout is how long Open waits for another process to let go of the file: long enough for one that is just
// ending.
const LockTimeout = 2 * time.Second

// ErrLocked says that another program keeps the file of a store open.
var ErrLocked = errors.New("is locked")

// Options of Open and OpenShared. The zero value is right for the pipeline.
type Options struct {
	// ReadOnly opens an existing file for looking only.
	ReadOnly bool
	// LockTimeout replaces the constant of that name if positive.
	LockTimeout time.Duration
}

func (o Options) lockTimeout() time.Duration {
	if o.LockTimeout > 0 {
		return o.LockTimeout
	}
	return LockTimeout
}

// Open opens or creates the store in the bbolt file at path, readable by its owner only.
func Open(path string, o Options) (Store, error) {
	if !o.ReadOnly {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, fmt.Errorf("creating the folder of the store: %w", err)
		}
	} else if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("opening store for reading: %w", err)
	}
	db, err := openBolt(path, bolt.Options{Timeout: o.lockTimeout(), ReadOnly: o.ReadOnly})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("opening store: %s %w: is another aer running on it?", path, ErrLocked)
	}
	if err != nil {
		return nil, fmt.Errorf("opening store %s: %w", path, err)
	}
	b := newBoltStore(db)
	if o.ReadOnly {
		return b, nil
	}
	b.epoch, err = Write(context.Background(), b, func(t Tx) (uint64, error) { return NextSeq(t, "epoch") })
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening store %s: %w", path, err), db.Close())
	}
	return b, nil
}

// openBolt opens a file. Of one that was cut short bbolt reads pages that are not there: it panics, or faults.
func openBolt(path string, o bolt.Options) (db *bolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the file is damaged (%v); put a copy in its place", r)
		}
	}()
	if db, err = bolt.Open(path, 0o600, &o); err != nil {
		return nil, err
	}
	err = db.View(func(t *bolt.Tx) error {
		if info, err := os.Stat(path); err != nil || info.Size() < t.Size() {
			return errors.Join(err, fmt.Errorf("the file is cut short: it had %d bytes; put a copy in its place", t.Size()))
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// batchDelay is how long an update waits for others while one is being written: about as long as that takes.
const batchDelay = time.Millisecond

type boltStore struct {
	db      *bolt.DB
	epoch   uint64
	writers *atomic.Int32 // updates that are going on
}

func newBoltStore(db *bolt.DB) boltStore {
	db.MaxBatchDelay = batchDelay
	return boltStore{db: db, writers: &atomic.Int32{}}
}

func (b boltStore) View(ctx context.Context, f func(Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return b.db.View(func(t *bolt.Tx) error { return f(boltTx{t}) })
}

// Update commits by itself what comes alone. What comes while others are being written is committed together with what
// else does, since a commit waits for the disk twice, however much is in it.
func (b boltStore) Update(ctx context.Context, f func(Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer b.writers.Add(-1)
	update := b.db.Update
	if b.writers.Add(1) > 1 {
		update = b.db.Batch
	}
	return update(func(t *bolt.Tx) error { return f(boltTx{t}) })
}

func (b boltStore) Epoch() uint64 { return b.epoch }

func (b boltStore) Close() error { return b.db.Close() }

type boltTx struct{ tx *bolt.Tx }

func (t boltTx) Get(bucket string, key []byte) []byte {
	b := t.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	return b.Get(key)
}

func (t boltTx) Put(bucket string, key, value []byte) error {
	b, err := t.tx.CreateBucketIfNotExists([]byte(bucket))
	if err != nil {
		return fmt.Errorf("creating bucket %s: %w", bucket, err)
	}
	if value == nil {
		value = []byte{} // which bbolt would not tell from an absent one until the transaction ends
	}
	return b.Put(key, value)
}

func (t boltTx) Delete(bucket string, key []byte) error {
	b := t.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	return b.Delete(key)
}

func (t boltTx) Scan(bucket string, r Range, f func(k, v []byte) error) error {
	b := t.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	c := b.Cursor()
	k, v := c.Seek(r.start())
	for n := 0; k != nil && bytes.HasPrefix(k, r.Prefix) && (r.Limit == 0 || n < r.Limit); k, v = c.Next() {
		if err := f(k, v); err != nil {
			return err
		}
		n++
	}
	return nil
}

// start is the first key that may be in the range.
func (r Range) start() []byte {
	if r.After == nil || bytes.Compare(r.After, r.Prefix) < 0 {
		return r.Prefix
	}
	return append(bytes.Clone(r.After), 0) // the very next key
}
