// SPDX-License-Identifier: Apache-2.0

package sessions

import (
	"time"

	"github.com/aer-project/aer/sinks/kv"
)

// Aging forgets sessions that ended long ago. What is alive belongs to whoever signed in.
func Aging() kv.Aging {
	return kv.AgingOf(bucketSessions, func(s Session) time.Time { return s.EndedAt })
}

// AgingEnds forgets what calls have ended. After that a call with the same key would end sessions again.
func AgingEnds() kv.Aging { return kv.Aging{Bucket: bucketEnds, Visit: visitEnd} }

func visitEnd(t kv.Tx, r kv.Record, now, before time.Time) error {
	e, err := decodeEnded(r.Value)
	switch {
	case err != nil:
		return nil // written by another version: not ours to judge
	case e.At.IsZero():
		e.At = kv.Stamp(now)
		return kv.Save(t, bucketEnds, r.Key, e)
	}
	return kv.ForgetFrom(t, bucketEnds, r.Key, e.At, now, before)
}
