package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// LockTimeout is how long Open waits for another process to let go of the file: long enough for one that is just ending.
const LockTimeout = 2 * time.Second

// ErrLocked says that another program keeps the file of a store open.
var ErrLocked = errors.New("is locked")

// Options of Open. The zero value is right for the pipeline.
type Options struct {
	// ReadOnly opens an existing file for looking only.
	ReadOnly bool
	// LockTimeout replaces the constant of that name if positive.
	LockTimeout time.Duration
	// Lease replaces DefaultLease if positive.
	Lease time.Duration
}

// Open opens or creates the store in the bbolt file at path, readable by its owner only.
func Open(path string, o Options) (*Store, error) {
	if o.LockTimeout <= 0 {
		o.LockTimeout = LockTimeout
	}
	if !o.ReadOnly {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, fmt.Errorf("creating the folder of the store: %w", err)
		}
	} else if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("opening store for reading: %w", err)
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: o.LockTimeout, ReadOnly: o.ReadOnly})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("opening store: %s %w: is another aer running on it?", path, ErrLocked)
	}
	if err != nil {
		return nil, fmt.Errorf("opening store %s: %w", path, err)
	}
	s, err := newStore(boltEngine{db}, o)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening store %s: %w", path, err), db.Close())
	}
	return s, nil
}

// newStore counts the opening, so that claims of earlier openings can be told from ours.
func newStore(kv engine, o Options) (*Store, error) {
	s := &Store{kv: kv, lease: o.Lease}
	if s.lease <= 0 {
		s.lease = DefaultLease
	}
	if o.ReadOnly {
		return s, nil
	}
	err := kv.update(context.Background(), func(t tx) (err error) {
		s.epoch, err = nextSeq(t, "epoch")
		return err
	})
	return s, err
}

type boltEngine struct{ db *bolt.DB }

func (b boltEngine) view(ctx context.Context, f func(tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return b.db.View(func(t *bolt.Tx) error { return f(boltTx{t}) })
}

func (b boltEngine) update(ctx context.Context, f func(tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return b.db.Update(func(t *bolt.Tx) error {
		for _, name := range buckets {
			if _, err := t.CreateBucketIfNotExists([]byte(name)); err != nil {
				return fmt.Errorf("creating bucket %s: %w", name, err)
			}
		}
		return f(boltTx{t})
	})
}

func (b boltEngine) close() error { return b.db.Close() }

type boltTx struct{ *bolt.Tx }

func (t boltTx) get(bucket string, key []byte) []byte {
	b := t.Bucket([]byte(bucket))
	if b == nil { // an empty file opened for reading
		return nil
	}
	return b.Get(key)
}

func (t boltTx) put(bucket string, key, value []byte) error {
	return t.Bucket([]byte(bucket)).Put(key, value)
}

func (t boltTx) each(bucket string, prefix []byte, f func(k, v []byte) error) error {
	b := t.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	c := b.Cursor()
	for k, v := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
		if err := f(k, v); err != nil {
			return err
		}
	}
	return nil
}
