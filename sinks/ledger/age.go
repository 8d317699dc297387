// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"encoding/json"
	"time"

	"github.com/aer-project/aer/sinks/kv"
)

// stepsAtOnce bounds what is written of one response in one transaction.
const stepsAtOnce = 300

// Aging forgets responses as a whole, when their last step is old. One that is open is never forgotten; the index of
// those is mended on the way, where a program from before it wrote a step.
func Aging() kv.Aging { return kv.Aging{Bucket: bucket, Visit: visit} }

func visit(t kv.Tx, r kv.Record, now, before time.Time) error {
	var e Entry
	if json.Unmarshal(r.Value, &e) != nil {
		return nil // written by another version: not ours to judge
	}
	ref := e.Key.ref()
	if e.Key.Kind == KindOpen {
		if err := index(t, ref); err != nil {
			return err
		}
	}
	if !e.last().Before(before) {
		return expire(t, e, r.Key, now.Sub(before))
	}
	if t.Get(bucketOpen, ref.key()) != nil || t.Get(bucket, r.Key) == nil {
		return nil
	}
	steps, err := list(t, ref)
	if err != nil {
		return nil // as above
	}
	for _, s := range steps {
		if !s.last().Before(before) {
			return nil
		}
	}
	return forget(t, ref, steps)
}

// expire lets an engine that deletes by itself forget a response as a whole: all its steps so long after the last of
// them, and none while it is open. It looks once for each response, and at steps of which nothing was said yet.
func expire(t kv.Tx, e Entry, key []byte, keep time.Duration) error {
	at, ok := kv.Expires(t, bucket, key)
	if !ok || !at.IsZero() && e.Key.Kind != KindOpen {
		return nil
	}
	steps, err := list(t, e.Key.ref())
	if err != nil {
		return nil // of another version, as above
	}
	at = time.Time{}
	if t.Get(bucketOpen, e.Key.ref().key()) == nil {
		for _, s := range steps {
			if until := s.last().Add(keep); until.After(at) {
				at = until
			}
		}
	}
	for _, s := range steps[:min(len(steps), stepsAtOnce)] {
		kv.Expire(t, bucket, s.Key.encode(), at)
	}
	return nil
}

// last is when something last happened to a step.
func (e Entry) last() time.Time {
	if e.DoneAt.After(e.ClaimedAt) {
		return e.DoneAt
	}
	return e.ClaimedAt
}

// forget deletes steps. If they are too many for one transaction the first goes now, without which the others mean
// nothing, and the others with the next passes.
func forget(t kv.Tx, ref Ref, steps []Entry) error {
	if err := t.Delete(bucket, ref.step(KindOpen, "").encode()); err != nil {
		return err
	}
	for _, s := range steps[:min(len(steps), stepsAtOnce)] {
		if err := t.Delete(bucket, s.Key.encode()); err != nil {
			return err
		}
	}
	return nil
}
