package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Digest is what is held back for one person on one channel, to be sent as one message.
type Digest struct {
	// The same for ever: of the person, the channel and the first notification held.
	ID       string `json:"id"`
	OrgID    string `json:"org_id"`
	UserID   string `json:"user_id"`
	Channel  string `json:"channel"`
	Address  string `json:"address"`
	Language string `json:"language"`
	// Ends is when it is to be sent: nothing is added any more.
	Ends time.Time `json:"ends"`
	// How many notifications it holds, and those, in the order in which they came; filled in by Due.
	Count int                   `json:"count"`
	Held  []*aerv1.Notification `json:"-"`

	State     State     `json:"state"`
	Attempts  int       `json:"attempts"`
	ClaimedAt time.Time `json:"claimed_at,omitzero"`
	Epoch     uint64    `json:"epoch"`
	DoneAt    time.Time `json:"done_at,omitzero"`
	// Why it failed, last time or for good.
	Detail string `json:"detail,omitempty"`
}

// Digests decides which messages go out at once and which are held back, and keeps those until they are sent.
type Digests interface {
	// Admit says whether n is held back. The first max messages to one person and channel within window of the first of them
	// are not; the next message after the window opens a new one. Asked again about a notification, it says the same.
	Admit(ctx context.Context, n *aerv1.Notification, now time.Time, max int, window time.Duration) (held bool, err error)
	// Due claims the digests whose window has ended, or all of them, whose windows it then ends. The caller must send each
	// and call Settle or Release. A claim lasts as one of the Ledger does.
	Due(ctx context.Context, now time.Time, all bool) ([]Digest, error)
	// Settle makes a digest final: sent, or failed for good if there is a detail. The first final state stays.
	Settle(ctx context.Context, d Digest, now time.Time, failed string) error
	// Release gives a claim back, to be tried again.
	Release(ctx context.Context, d Digest, detail string) error
	// List returns the digests of an organisation ("" = of all) in the order in which they began, without what they hold.
	List(ctx context.Context, orgID string) ([]Digest, error)
}

// Digests returns the store's digests.
func (s *Store) Digests() Digests { return digestTable{s.kv, s.epoch, s.lease} }

type digestTable struct {
	kv    engine
	epoch uint64
	lease time.Duration
}

// window is what is known of the messages that one person gets on one channel just now.
type window struct {
	Ends time.Time `json:"ends"`
	// How many were let through, and the place of the digest of the others, 0 while there is none.
	Passed int    `json:"passed"`
	Digest uint64 `json:"digest"`
}

// The kinds of record in the bucket.
const (
	digestWindow  = "window"  // by person and channel
	digestVerdict = "verdict" // by notification: held or passed
	digestRecord  = "digest"  // by sequence number
	digestOpen    = "open"    // by sequence number; empty once the digest is final
	digestHeld    = "held"    // by sequence number of the digest and place
)

const verdictHeld, verdictPassed = "held", "passed"

func (t digestTable) Admit(ctx context.Context, n *aerv1.Notification, now time.Time, max int, length time.Duration) (held bool, err error) {
	if err := errors.Join(checkID("id", n.GetId()), checkID("org_id", n.GetOrgId()), checkID("user_id", n.GetUserId())); err != nil {
		return false, fmt.Errorf("admitting notification: %w", err)
	}
	err = t.kv.update(ctx, func(tr tx) error {
		verdict := key(digestVerdict, n.GetOrgId(), n.GetId())
		if v := tr.get(bucketDigests, verdict); v != nil {
			held = string(v) == verdictHeld
			return nil
		}
		if held, err = admit(tr, n, stamp(now), max, length); err != nil {
			return err
		}
		v := verdictPassed
		if held {
			v = verdictHeld
		}
		return tr.put(bucketDigests, verdict, []byte(v))
	})
	if err != nil {
		return false, fmt.Errorf("admitting notification %q of %q: %w", n.GetId(), n.GetOrgId(), err)
	}
	return held, nil
}

func admit(tr tx, n *aerv1.Notification, now time.Time, max int, length time.Duration) (held bool, err error) {
	k := key(digestWindow, n.GetOrgId(), n.GetUserId(), n.GetChannel())
	var w window
	if v := tr.get(bucketDigests, k); v != nil {
		if err := json.Unmarshal(v, &w); err != nil {
			return false, err
		}
	}
	if !now.Before(w.Ends) {
		w = window{Ends: now.Add(length)}
	}
	if held = w.Passed >= max; held {
		err = hold(tr, &w, n)
	} else {
		w.Passed++
	}
	if err != nil {
		return false, err
	}
	return held, putJSON(tr, k, w)
}

// hold adds a notification to the window's digest, which it begins if there is none.
func hold(tr tx, w *window, n *aerv1.Notification) (err error) {
	var d Digest
	if w.Digest == 0 {
		if w.Digest, err = nextSeq(tr, "digest"); err != nil {
			return err
		}
		d = Digest{ID: aerv1.NewID("digest", n.GetOrgId(), n.GetUserId(), n.GetChannel(), n.GetId()), OrgID: n.GetOrgId(),
			UserID: n.GetUserId(), Channel: n.GetChannel(), Ends: w.Ends, State: StatePending}
		if err := tr.put(bucketDigests, seqKey(key(digestOpen), w.Digest), []byte{1}); err != nil {
			return err
		}
	} else if d, err = loadDigest(tr, w.Digest); err != nil {
		return err
	}
	d.Address, d.Language = n.GetAddress(), n.GetLanguage()
	d.Count++
	line, err := aerv1.MarshalJSONLine(n)
	if err != nil {
		return err
	}
	if err := tr.put(bucketDigests, seqKey(seqKey(key(digestHeld), w.Digest), uint64(d.Count)), line); err != nil {
		return err
	}
	return putJSON(tr, seqKey(key(digestRecord), w.Digest), d)
}

// openDigests lists the digests that are not final, oldest first.
func openDigests(tr tx) (open []uint64, err error) {
	prefix := key(digestOpen)
	err = tr.each(bucketDigests, prefix, func(k, v []byte) error {
		if len(v) > 0 {
			open = append(open, decodeSeq(k[len(prefix):]))
		}
		return nil
	})
	return open, err
}

func loadDigest(tr tx, seq uint64) (d Digest, err error) {
	err = json.Unmarshal(tr.get(bucketDigests, seqKey(key(digestRecord), seq)), &d)
	return d, err
}

func loadHeld(tr tx, seq uint64) (held []*aerv1.Notification, err error) {
	err = tr.each(bucketDigests, seqKey(key(digestHeld), seq), func(_, v []byte) error {
		n := &aerv1.Notification{}
		held = append(held, n)
		return aerv1.UnmarshalJSONLine(v, n)
	})
	return held, err
}

func putJSON(tr tx, k []byte, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return tr.put(bucketDigests, k, raw)
}
