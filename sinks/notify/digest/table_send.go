package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

func (t digestTable) Due(ctx context.Context, now time.Time, all bool) (due []Digest, err error) {
	// Looking first spares the engine a synced write when nothing is due.
	some := false
	err = t.kv.view(ctx, func(tr tx) error {
		open, err := openDigests(tr)
		for _, seq := range open {
			d, err := loadDigest(tr, seq)
			if err != nil {
				return err
			}
			some = some || t.free(d, now, all)
		}
		return err
	})
	if err == nil && some {
		err = t.kv.update(ctx, func(tr tx) error {
			due, err = t.claim(tr, stamp(now), all)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("looking for digests to send: %w", err)
	}
	return due, nil
}

// free says that a digest is to be sent and nobody is on it.
func (t digestTable) free(d Digest, now time.Time, all bool) bool {
	claimed := d.State == StateClaimed && d.Epoch == t.epoch && now.Sub(d.ClaimedAt) < t.lease
	return (all || !now.Before(d.Ends)) && !claimed
}

func (t digestTable) claim(tr tx, now time.Time, all bool) (due []Digest, err error) {
	open, err := openDigests(tr)
	if err != nil {
		return nil, err
	}
	for _, seq := range open {
		d, err := loadDigest(tr, seq)
		if err != nil {
			return nil, err
		}
		if !t.free(d, now, all) {
			continue
		}
		if now.Before(d.Ends) {
			d.Ends = now
			if err := endWindow(tr, d, seq); err != nil {
				return nil, err
			}
		}
		d.State, d.ClaimedAt, d.Epoch = StateClaimed, now, t.epoch
		d.Attempts++
		if err := putJSON(tr, seqKey(key(digestRecord), seq), d); err != nil {
			return nil, err
		}
		if d.Held, err = loadHeld(tr, seq); err != nil {
			return nil, err
		}
		due = append(due, d)
	}
	return due, nil
}

// endWindow ends the window of a digest before its time, so that nothing is added to what is being sent.
func endWindow(tr tx, d Digest, seq uint64) error {
	k := key(digestWindow, d.OrgID, d.UserID, d.Channel)
	var w window
	if err := json.Unmarshal(tr.get(bucketDigests, k), &w); err != nil {
		return err
	}
	if w.Digest != seq {
		return nil
	}
	w.Ends = d.Ends
	return putJSON(tr, k, w)
}

func (t digestTable) Settle(ctx context.Context, d Digest, now time.Time, failed string) error {
	return t.change(ctx, d, func(tr tx, seq uint64, stored *Digest) error {
		stored.State, stored.DoneAt, stored.Detail = StateDone, stamp(now), failed
		if failed != "" {
			stored.State = StateFailed
		}
		return tr.put(bucketDigests, seqKey(key(digestOpen), seq), nil)
	})
}

func (t digestTable) Release(ctx context.Context, d Digest, detail string) error {
	return t.change(ctx, d, func(_ tx, _ uint64, stored *Digest) error {
		if stored.State == StateClaimed && stored.Attempts == d.Attempts {
			stored.State, stored.Detail = StatePending, detail
		}
		return nil
	})
}

// change changes an open digest; one that is final stays as it is.
func (t digestTable) change(ctx context.Context, d Digest, set func(tr tx, seq uint64, stored *Digest) error) error {
	err := t.kv.update(ctx, func(tr tx) error {
		open, err := openDigests(tr)
		if err != nil {
			return err
		}
		for _, seq := range open {
			stored, err := loadDigest(tr, seq)
			if err != nil {
				return err
			}
			if stored.ID != d.ID {
				continue
			}
			if err := set(tr, seq, &stored); err != nil {
				return err
			}
			return putJSON(tr, seqKey(key(digestRecord), seq), stored)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("recording how digest %s went: %w", d.ID, err)
	}
	return nil
}

func (t digestTable) List(ctx context.Context, orgID string) (all []Digest, err error) {
	err = t.kv.view(ctx, func(tr tx) error {
		all = nil // a transaction may be tried again
		return tr.each(bucketDigests, key(digestRecord), func(_, v []byte) error {
			var d Digest
			if err := json.Unmarshal(v, &d); err != nil {
				return err
			}
			if orgID == "" || d.OrgID == orgID {
				all = append(all, d)
			}
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("listing digests: %w", err)
	}
	return all, nil
}
