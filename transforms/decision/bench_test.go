// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"fmt"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// BenchmarkDecide decides about a busy day: findings of many people of ten organisations, each in a session of its own.
func BenchmarkDecide(b *testing.B) {
	const findings = 10_000
	kinds := []string{aerv1.TypeTor, aerv1.TypeUnexpectedScraping, aerv1.TypeSessionFingerprint, aerv1.TypeExcessiveDownloads}
	day := make([]*aerv1.Anomaly, findings)
	for i := range day {
		a := anomalyAt(float64(i)*24*60/findings, kinds[i%len(kinds)], fmt.Sprintf("S%d", i))
		a.OrgId, a.UserId = fmt.Sprintf("O%d", i%10), fmt.Sprintf("U%d", i%3700)
		day[i] = a
	}
	b.ReportAllocs()
	for b.Loop() {
		decided := 0
		s := NewStream(Config{})
		for _, a := range day {
			decided += len(s.Add(a))
		}
		if decided += len(s.Flush()); decided == 0 {
			b.Fatal("nothing was decided")
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/findings, "ns/finding")
}
