// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/sinktest"
)

// BenchmarkCommitStep does steps of responses in a file: each is claimed and done, which the disk has confirmed twice.
func BenchmarkCommitStep(b *testing.B) {
	const steps = 200
	b.ReportAllocs()
	for b.Loop() {
		db, err := kv.Open(filepath.Join(b.TempDir(), "ledger.db"), kv.Options{})
		if err != nil {
			b.Fatal(err)
		}
		l := ledger.New(db)
		for i := range steps {
			k := ledger.Key{OrgID: "O1", ResponseID: aerv1.DecisionID(fmt.Sprintf("R%d", i)), Kind: "revoke", Target: "U1"}
			if e, err := l.Begin(b.Context(), k, sinktest.T0); err != nil || e.State != ledger.StateClaimed {
				b.Fatal(e, err)
			}
			if _, err := l.Done(b.Context(), k, sinktest.T0.Add(time.Second), "2 ended"); err != nil {
				b.Fatal(err)
			}
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/steps, "ns/step")
}
