package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// ErrGap says that some of the changes asked for are no longer kept.
var ErrGap = errors.New("the feed of changes does not reach back so far")

// ErrNoWatch says that a store cannot call back.
var ErrNoWatch = errors.New("this store cannot watch")

// keptChanges is how many changes the feed keeps: a day of a large deployment, in little space.
const keptChanges = 1 << 12

// ChangeKind is what changed.
type ChangeKind string

// Kinds of changes.
const (
	ChangedSettings  ChangeKind = "settings"
	ChangedDirectory ChangeKind = "directory"
)

// Change says that one organisation's settings or people changed.
type Change struct {
	Seq   uint64     `json:"seq"`
	Kind  ChangeKind `json:"kind"`
	OrgID string     `json:"org_id"`
}

type changeFeed struct{ kv engine }

// changeSlot is where a change is kept: the feed is a ring, so that it stays small.
func changeSlot(seq uint64) []byte { return seqKey(nil, seq%keptChanges) }

func noteChange(tr tx, kind ChangeKind, orgID string) error {
	seq, err := nextSeq(tr, "changes")
	if err != nil {
		return err
	}
	v, err := json.Marshal(Change{seq, kind, orgID})
	if err != nil {
		return err
	}
	return tr.put(bucketChanges, changeSlot(seq), v)
}

func (c changeFeed) Last(ctx context.Context) (last uint64, err error) {
	err = c.kv.view(ctx, func(tr tx) error {
		last = decodeSeq(tr.get(bucketMeta, key("seq", "changes")))
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("looking for changes: %w", err)
	}
	return last, nil
}

func (c changeFeed) Between(ctx context.Context, after, last uint64) ([]Change, error) {
	if last > after && last-after > keptChanges {
		return nil, ErrGap
	}
	var all []Change
	err := c.kv.view(ctx, func(tr tx) error {
		all = nil // a transaction may be tried again
		for seq := after + 1; seq <= last; seq++ {
			var one Change
			if v := tr.get(bucketChanges, changeSlot(seq)); v == nil {
				return ErrGap
			} else if err := json.Unmarshal(v, &one); err != nil {
				return err
			}
			if one.Seq != seq {
				return ErrGap
			}
			all = append(all, one)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading changes: %w", err)
	}
	return all, nil
}

// watcher is an engine that can call back.
type watcher interface {
	// watch calls f after the value at key may have changed, until ctx ends.
	watch(ctx context.Context, bucket string, key []byte, f func()) error
}

func (c changeFeed) Watch(ctx context.Context, f func()) error {
	w, ok := c.kv.(watcher)
	if !ok {
		return ErrNoWatch
	}
	return w.watch(ctx, bucketMeta, key("seq", "changes"), f)
}
