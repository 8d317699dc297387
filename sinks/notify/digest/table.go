// SPDX-License-Identifier: Apache-2.0

package digest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/ledger"
)

// Digest is what is held back for one person on one channel, to be sent as one message.
type Digest struct {
	// The same for ever: of the person, the channel and the first notification held.
	ID       string       `json:"id"`
	OrgID    aerv1.OrgID  `json:"org_id"`
	UserID   aerv1.UserID `json:"user_id"`
	Channel  string       `json:"channel"`
	Address  string       `json:"address"`
	Language string       `json:"language"`
	// Ends is when it is to be sent: nothing is added any more.
	Ends time.Time `json:"ends"`
	// How many notifications it holds, and those, in the order in which they came; filled in by due.
	Count int                   `json:"count"`
	Held  []*aerv1.Notification `json:"-"`

	State     ledger.State `json:"state"`
	Attempts  int          `json:"attempts"`
	ClaimedAt time.Time    `json:"claimed_at,omitzero"`
	Epoch     uint64       `json:"epoch"`
	DoneAt    time.Time    `json:"done_at,omitzero"`
	// Why it failed, last time or for good.
	Detail string `json:"detail,omitempty"`
}

// table keeps what is held back until it is sent, on any store of package kv.
type table struct{ db kv.Store }

// window is what is known of the messages that one person gets on one channel just now.
type window struct {
	Ends time.Time `json:"ends"`
	// How many were let through, and the place of the digest of the others, 0 while there is none.
	Passed int    `json:"passed"`
	Digest uint64 `json:"digest"`
}

// bucket has records of several kinds.
const bucket = "digests"

// The kinds of record.
const (
	digestWindow  = "window"  // by person and channel
	digestVerdict = "verdict" // by notification: held or passed, and when
	digestRecord  = "digest"  // by sequence number
	digestOpen    = "open"    // by sequence number, until the digest is final
	digestHeld    = "held"    // by sequence number of the digest and place
)

const verdictHeld, verdictPassed = "held", "passed"

// admit says whether n is held back. The first max messages to one person and channel within length of the first of
// them are not; the next message after that opens a new window. Asked again about a notification, it says the same.
func (t table) admit(ctx context.Context, n *aerv1.Notification, now time.Time, max int,
	length time.Duration) (held bool, err error) {
	err = errors.Join(kv.CheckID("id", n.GetId()), kv.CheckID("org_id", n.GetOrgId()),
		kv.CheckID("user_id", n.GetUserId()))
	if err == nil {
		held, err = kv.Write(ctx, t.db, func(tx kv.Tx) (bool, error) { return admitOnce(tx, n, kv.Stamp(now), max, length) })
	}
	if err != nil {
		return false, fmt.Errorf("admitting notification %q of %q: %w", n.GetId(), n.GetOrgId(), err)
	}
	return held, nil
}

func admitOnce(tx kv.Tx, n *aerv1.Notification, now time.Time, max int, length time.Duration) (held bool, err error) {
	k := kv.Key(digestVerdict, n.GetOrgId(), n.GetId())
	if v := tx.Get(bucket, k); v != nil {
		return strings.HasPrefix(string(v), verdictHeld), nil
	}
	if held, err = admit(tx, n, now, max, length); err != nil {
		return false, err
	}
	v := verdictPassed
	if held {
		v = verdictHeld
	}
	return held, tx.Put(bucket, k, verdictAt(v, now))
}

// verdictAt is a verdict with its date, by which it is forgotten.
func verdictAt(verdict string, at time.Time) []byte {
	return []byte(verdict + " " + at.UTC().Format(time.RFC3339))
}

func admit(tx kv.Tx, n *aerv1.Notification, now time.Time, max int, length time.Duration) (held bool, err error) {
	k := kv.Key(digestWindow, n.GetOrgId(), n.GetUserId(), n.GetChannel())
	w, err := kv.Load[window](tx, bucket, k)
	if err != nil && !errors.Is(err, kv.ErrNotFound) {
		return false, err
	}
	if !now.Before(w.Ends) {
		w = window{Ends: now.Add(length)}
	}
	if held = w.Passed >= max; !held {
		w.Passed++
	} else if err := hold(tx, &w, n); err != nil {
		return false, err
	}
	return held, kv.Save(tx, bucket, k, w)
}

// hold adds a notification to the window's digest, which it begins if there is none.
func hold(tx kv.Tx, w *window, n *aerv1.Notification) (err error) {
	var d Digest
	if w.Digest == 0 {
		if w.Digest, err = kv.NextSeq(tx, "digest"); err != nil {
			return err
		}
		d = Digest{ID: aerv1.NewID("digest", n.GetOrgId(), n.GetUserId(), n.GetChannel(), n.GetId()),
			OrgID:  aerv1.OrgID(n.GetOrgId()),
			UserID: aerv1.UserID(n.GetUserId()), Channel: n.GetChannel(), Ends: w.Ends, State: ledger.StatePending}
		if err := tx.Put(bucket, openKey(w.Digest), []byte{1}); err != nil {
			return err
		}
	} else if d, err = loadDigest(tx, w.Digest); err != nil {
		return err
	}
	d.Address, d.Language = n.GetAddress(), n.GetLanguage()
	d.Count++
	line, err := aerv1.MarshalJSONLine(n)
	if err != nil {
		return err
	}
	if err := tx.Put(bucket, kv.SeqKey(heldKey(w.Digest), uint64(d.Count)), line); err != nil {
		return err
	}
	return saveDigest(tx, w.Digest, d)
}

func openKey(seq uint64) []byte   { return kv.SeqKey(kv.Key(digestOpen), seq) }
func recordKey(seq uint64) []byte { return kv.SeqKey(kv.Key(digestRecord), seq) }
func heldKey(seq uint64) []byte   { return kv.SeqKey(kv.Key(digestHeld), seq) }

// openDigests lists the digests that are not final, oldest first.
func openDigests(tx kv.Tx) (open []uint64, err error) {
	r := kv.Of(digestOpen)
	err = tx.Scan(bucket, r, func(k, v []byte) error {
		if len(v) > 0 { // earlier versions emptied what was final
			open = append(open, kv.Seq(k[len(r.Prefix):]))
		}
		return nil
	})
	return open, err
}

func loadDigest(tx kv.Tx, seq uint64) (Digest, error) {
	return kv.Load[Digest](tx, bucket, recordKey(seq))
}

func saveDigest(tx kv.Tx, seq uint64, d Digest) error { return kv.Save(tx, bucket, recordKey(seq), d) }

func loadHeld(tx kv.Tx, seq uint64) ([]*aerv1.Notification, error) {
	return kv.ListProto[aerv1.Notification](tx, bucket, kv.Range{Prefix: heldKey(seq)})
}
