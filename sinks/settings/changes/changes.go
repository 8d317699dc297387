// SPDX-License-Identifier: Apache-2.0

// Package changes is the feed of what changed in settings and directory, so that followers read only that.
package changes

import (
	"context"
	"errors"
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
)

// ErrGap says that some of the changes asked for are no longer kept.
var ErrGap = errors.New("the feed of changes does not reach back so far")

// ErrNoWatch says that a store cannot call back.
var ErrNoWatch = errors.New("this store cannot watch")

// kept is how many changes the feed keeps: a day of a large deployment, in little space.
const kept = 1 << 12

// Kind is what changed.
type Kind string

// Kinds of changes.
const (
	Settings  Kind = "settings"
	Directory Kind = "directory"
)

// Change says that one organisation's settings or people changed.
type Change struct {
	Seq   uint64      `json:"seq"`
	Kind  Kind        `json:"kind"`
	OrgID aerv1.OrgID `json:"org_id"`
}

// Feed is the changes of a store.
type Feed struct{ db kv.Store }

// New returns the feed of a store.
func New(db kv.Store) Feed { return Feed{db} }

// counter numbers the changes.
const counter = "changes"

// bucket has a Change by slot: the feed is a ring, so that it stays small.
const bucket = "changes"

func slot(seq uint64) []byte { return kv.SeqKey(nil, seq%kept) }

// Note adds a change.
func Note(t kv.Tx, kind Kind, org aerv1.OrgID) error {
	seq, err := kv.NextSeq(t, counter)
	if err != nil {
		return err
	}
	return kv.Save(t, bucket, slot(seq), Change{seq, kind, org})
}

// Last returns the number of the last change, 0 before the first.
func (f Feed) Last(ctx context.Context) (uint64, error) {
	last, err := kv.Read(ctx, f.db,
		func(t kv.Tx) (uint64, error) { return kv.Seq(t.Get(kv.Meta, kv.CounterKey(counter))), nil })
	if err != nil {
		return 0, fmt.Errorf("looking for changes: %w", err)
	}
	return last, nil
}

// Between returns the changes after one number up to another, oldest first, or ErrGap if some are no longer kept: read
// everything then.
func (f Feed) Between(ctx context.Context, after, last uint64) ([]Change, error) {
	if last > after && last-after > kept {
		return nil, ErrGap
	}
	all, err := kv.Read(ctx, f.db, func(t kv.Tx) (all []Change, err error) {
		for seq := after + 1; seq <= last; seq++ {
			one, err := kv.Load[Change](t, bucket, slot(seq))
			if errors.Is(err, kv.ErrNotFound) || err == nil && one.Seq != seq {
				err = ErrGap
			}
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
		return all, nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading changes: %w", err)
	}
	return all, nil
}

// Watch calls f soon after every change until ctx ends, and returns then; it may call it more often. It returns
// ErrNoWatch at once if the store cannot tell: ask for Last from time to time.
func (f Feed) Watch(ctx context.Context, called func()) error {
	w, ok := f.db.(kv.Watcher)
	if !ok {
		return ErrNoWatch
	}
	return w.Watch(ctx, kv.Meta, kv.CounterKey(counter), called)
}
