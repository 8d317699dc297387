// SPDX-License-Identifier: Apache-2.0

package digest

import (
	"context"
	"fmt"
	"time"

	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/ledger"
)

// due claims the digests whose window has ended, or all of them, whose windows it then ends. The caller must send each
// and call settle or release. A claim lasts as one of the ledger does.
func (t table) due(ctx context.Context, now time.Time, all bool) (due []Digest, err error) {
	// Looking first spares the store a synced write when nothing is due.
	free, err := kv.Read(ctx, t.db, func(tx kv.Tx) ([]uint64, error) { return t.free(tx, now, all) })
	if err == nil && len(free) > 0 {
		due, err = kv.Write(ctx, t.db, func(tx kv.Tx) ([]Digest, error) { return t.claim(tx, kv.Stamp(now), all) })
	}
	if err != nil {
		return nil, fmt.Errorf("looking for digests to send: %w", err)
	}
	return due, nil
}

// free lists the digests that are to be sent and that nobody is on.
func (t table) free(tx kv.Tx, now time.Time, all bool) (free []uint64, err error) {
	open, err := openDigests(tx)
	if err != nil {
		return nil, err
	}
	for _, seq := range open {
		d, err := loadDigest(tx, seq)
		if err != nil {
			return nil, err
		}
		claimed := d.State == ledger.StateClaimed && ledger.Held(t.db, d.Epoch, d.ClaimedAt, now)
		if (all || !now.Before(d.Ends)) && !claimed {
			free = append(free, seq)
		}
	}
	return free, nil
}

func (t table) claim(tx kv.Tx, now time.Time, all bool) (due []Digest, err error) {
	free, err := t.free(tx, now, all)
	if err != nil {
		return nil, err
	}
	for _, seq := range free {
		d, err := loadDigest(tx, seq)
		if err != nil {
			return nil, err
		}
		if now.Before(d.Ends) {
			d.Ends = now
			if err := endWindow(tx, d, seq); err != nil {
				return nil, err
			}
		}
		d.State, d.ClaimedAt, d.Epoch = ledger.StateClaimed, now, t.db.Epoch()
		d.Attempts++
		if err := saveDigest(tx, seq, d); err != nil {
			return nil, err
		}
		if d.Held, err = loadHeld(tx, seq); err != nil {
			return nil, err
		}
		due = append(due, d)
	}
	return due, nil
}

// endWindow ends the window of a digest before its time, so that nothing is added to what is being sent.
func endWindow(tx kv.Tx, d Digest, seq uint64) error {
	k := kv.Key(digestWindow, string(d.OrgID), string(d.UserID), d.Channel)
	w, err := kv.Load[window](tx, bucket, k)
	if err != nil || w.Digest != seq {
		return err
	}
	w.Ends = d.Ends
	return kv.Save(tx, bucket, k, w)
}

// settle makes a digest final: sent, or failed for good if there is a detail. The first final state stays.
func (t table) settle(ctx context.Context, d Digest, now time.Time, failed string) error {
	return t.change(ctx, d, func(tx kv.Tx, seq uint64, stored *Digest) error {
		stored.State, stored.DoneAt, stored.Detail = ledger.StateDone, kv.Stamp(now), failed
		if failed != "" {
			stored.State = ledger.StateFailed
		}
		return tx.Delete(bucket, openKey(seq))
	})
}

// release gives a claim back, to be tried again.
func (t table) release(ctx context.Context, d Digest, detail string) error {
	return t.change(ctx, d, func(_ kv.Tx, _ uint64, stored *Digest) error {
		if stored.State == ledger.StateClaimed && stored.Attempts == d.Attempts {
			stored.State, stored.Detail = ledger.StatePending, detail
		}
		return nil
	})
}

// change changes an open digest; one that is final stays as it is.
func (t table) change(ctx context.Context, d Digest, set func(tx kv.Tx, seq uint64, stored *Digest) error) error {
	err := t.db.Update(ctx, func(tx kv.Tx) error {
		open, err := openDigests(tx)
		if err != nil {
			return err
		}
		for _, seq := range open {
			stored, err := loadDigest(tx, seq)
			if err != nil {
				return err
			}
			if stored.ID != d.ID {
				continue
			}
			if err := set(tx, seq, &stored); err != nil {
				return err
			}
			return saveDigest(tx, seq, stored)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("recording how digest %s went: %w", d.ID, err)
	}
	return nil
}
