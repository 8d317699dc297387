// SPDX-License-Identifier: Apache-2.0

package digest

import (
	"bytes"
	"errors"
	"strings"
	"time"

	"github.com/aer-project/aer/sinks/kv"
)

// Aging forgets digests that were sent or failed for good, windows that ended, and which messages were held. A digest
// that is still to be sent is never forgotten.
func Aging() kv.Aging { return kv.Aging{Bucket: bucket, Visit: visit} }

// visits has what is done with the records of each kind.
var visits = map[string]func(t kv.Tx, r kv.Record, now, before time.Time) error{
	digestWindow:  kv.AgingOf(bucket, func(w window) time.Time { return w.Ends }).Visit,
	digestVerdict: visitVerdict,
	digestRecord:  kv.AgingOf(bucket, func(d Digest) time.Time { return d.DoneAt }).Visit,
	digestOpen:    visitOpen,
	digestHeld:    visitHeld,
}

func visit(t kv.Tx, r kv.Record, now, before time.Time) error {
	for kind, f := range visits {
		if bytes.HasPrefix(r.Key, kv.Key(kind)) {
			return f(t, r, now, before)
		}
	}
	return nil
}

// visitVerdict dates a verdict that has no date, as those of earlier versions.
func visitVerdict(t kv.Tx, r kv.Record, now, before time.Time) error {
	verdict, date, _ := strings.Cut(string(r.Value), " ")
	at, err := time.Parse(time.RFC3339, date)
	if err != nil {
		return t.Put(bucket, r.Key, verdictAt(verdict, now))
	}
	return kv.ForgetFrom(t, bucket, r.Key, at, now, before)
}

// visitOpen removes what earlier versions only emptied when a digest was final.
func visitOpen(t kv.Tx, r kv.Record, _, _ time.Time) error {
	if len(r.Value) > 0 {
		return nil
	}
	return t.Delete(bucket, r.Key)
}

// visitHeld forgets a message with its digest.
func visitHeld(t kv.Tx, r kv.Record, _, _ time.Time) error {
	place := r.Key[len(kv.Key(digestHeld)):]
	_, err := loadDigest(t, kv.Seq(place[:8]))
	if !errors.Is(err, kv.ErrNotFound) {
		return nil
	}
	return t.Delete(bucket, r.Key)
}
