package slack

import (
	"encoding/json"
	"time"

	"github.com/aer-project/aer/sinks/kv"
)

// Aging forgets what was done under a key. After that a request with the same key would act again.
func Aging() kv.Aging { return kv.Aging{Bucket: bucket, Visit: visit} }

func visit(t kv.Tx, r kv.Record, _, before time.Time) error {
	var m mark
	if json.Unmarshal(r.Value, &m) != nil || m.At.IsZero() || !m.At.Before(before) {
		return nil
	}
	return t.Delete(bucket, r.Key)
}
