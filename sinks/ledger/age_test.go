// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"context"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/sinktest"
)

// TestResponsesExpireAsAWhole: where the store deletes by itself, all steps of a response expire together, counted from
// the last, and none while it is open, also when it is opened again.
func TestResponsesExpireAsAWhole(t *testing.T) {
	s, _ := sinktest.OpenFirestore(t)
	l, now := ledger.New(s), sinktest.T0
	do := func(response aerv1.DecisionID, kind, target string) {
		k := ledger.Key{OrgID: "O1", ResponseID: response, Kind: kind, Target: target}
		begin(t, l, k, now, ledger.StateClaimed)
		_, err := l.Done(context.Background(), k, now, "")
		sinktest.Must(t, err)
	}
	const keep = 30 * 24 * time.Hour
	want := func(when string, response aerv1.DecisionID, steps int, want time.Time) {
		t.Helper()
		now = now.Add(kv.PassEvery)
		_, err := kv.Forget(context.Background(), s, ledger.Aging(), now, keep)
		sinktest.Must(t, err)
		n := 0
		sinktest.Must(t, s.View(context.Background(), func(tx kv.Tx) error {
			n = 0
			return tx.Scan("ledger", kv.Of("O1", string(response)), func(k, _ []byte) error {
				n++
				if at, _ := kv.Expires(tx, "ledger", k); !at.Equal(want) {
					t.Errorf("%s: a step of %s expires at %v, want %v", when, response, at, want)
				}
				return nil
			})
		}))
		if n != steps {
			t.Errorf("%s: %d steps of %s, want %d", when, n, response, steps)
		}
	}
	do("open", ledger.KindOpen, "")
	do("R", ledger.KindOpen, "")
	do("R", "revoke", "U1")
	now = now.Add(time.Hour)
	do("R", ledger.KindClose, "")
	closed := now.Add(keep)
	want("closed", "R", 3, closed)
	want("the next day", "R", 3, closed)
	do("R", ledger.KindRetry, "1")
	want("open again", "R", 4, time.Time{})
	do("R", ledger.KindClose, "1")
	want("closed again", "R", 5, now.Add(keep))
	want("open", "open", 1, time.Time{})
}
