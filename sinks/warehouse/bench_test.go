// SPDX-License-Identifier: Apache-2.0

package warehouse_test

import (
	"testing"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
)

// BenchmarkCommitRow writes decisions as lines of a file, a hundred at a time.
func BenchmarkCommitRow(b *testing.B) {
	const rows = 100
	w, err := warehouse.OpenNDJSON(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	batch := make([]proto.Message, rows)
	for i := range batch {
		batch[i] = &aerv1.Decision{
			Id: aerv1.NewID("decision", string(rune(i))), AnomalyId: aerv1.NewID("anomaly", string(rune(i))), OrgId: "O1",
			UserId: "U1", Outcome: aerv1.Decision_LOG_ONLY, Mode: aerv1.ModeReplay, Reason: "The organisation lets detector tor log only.",
			Trace: []*aerv1.GateResult{{Gate: "own_action", Passed: true}, {Gate: "mode", Detail: "log"}},
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Append(b.Context(), warehouse.Decisions, batch...); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
}
