// SPDX-License-Identifier: Apache-2.0

package trail

import (
	"bytes"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
)

// Aging forgets entries by their date_create, with their ids. One without a date stays.
func Aging() kv.Aging { return kv.Aging{Bucket: bucket, Visit: visit} }

func visit(t kv.Tx, r kv.Record, now, before time.Time) error {
	e := &aerv1.AuditEntry{}
	if aerv1.UnmarshalJSONLine(r.Value, e) != nil || e.GetDateCreate() == 0 {
		return nil
	}
	from := time.Unix(int64(e.GetDateCreate()), 0)
	if !from.Before(before) && !kv.Expire(t, bucket, r.Key, from.Add(now.Sub(before))) {
		return nil // and its id neither
	}
	if bytes.Equal(t.Get(bucketIDs, idKey(e)), r.Key) {
		if err := kv.ForgetFrom(t, bucketIDs, idKey(e), from, now, before); err != nil {
			return err
		}
	}
	return kv.ForgetFrom(t, bucket, r.Key, from, now, before)
}
