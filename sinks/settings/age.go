// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
)

// Aging forgets the versions that were replaced long ago. What was in force since stays, however old it is.
func Aging() kv.Aging { return kv.Aging{Bucket: bucketHistory, Visit: visit} }

func visit(t kv.Tx, r kv.Record, now, before time.Time) error {
	org := r.Key[:len(r.Key)-len(kv.SeqKey(nil, 0))]
	next, err := kv.ListProto[aerv1.Settings](t, bucketHistory, kv.Range{Prefix: org, After: r.Key, Limit: 1})
	if err != nil || len(next) == 0 || next[0].GetChangedAt() == nil {
		return nil // current, or nobody can tell
	}
	return kv.ForgetFrom(t, bucketHistory, r.Key, next[0].GetChangedAt().AsTime(), now, before)
}
