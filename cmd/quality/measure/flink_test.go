// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"testing"

	"github.com/aer-project/aer/cmd/flink/cluster"
	"github.com/aer-project/aer/cmd/flink/jars"
	"github.com/aer-project/aer/pipelines/flink"
	"github.com/aer-project/aer/sinks/sinktest/outside"
	"github.com/aer-project/aer/transforms/source"
)

// TestIntegrationFlinkAgrees, in all fields, on the labelled set: Flink and the plain-Go driver.
func TestIntegrationFlinkAgrees(t *testing.T) {
	outside.Program(t, "java", "Flink needs Java 11 or 17")
	lib, err := jars.Fetch(t.Context(), jars.Central, func(int, int) {})
	if err != nil {
		t.Skipf("what Flink is made of is not here: %v", err)
	}
	c, err := cluster.Local(t.Context(), t.TempDir(), lib)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if left := c.Stop(); left > 0 {
			t.Errorf("%d groups of processes had to be killed", left)
		}
	})
	s := labelled(t)
	want, got := s.found, &said{}
	in := source.Config{Files: source.Files{Paths: s.options.Events.Paths}}
	opt := flink.Options{Endpoint: c.JobServer, Master: flink.LocalMaster, JobName: "labelled", Parallelism: 2}
	sum, err := flink.Replay(t.Context(), opt, s.judge.Core(s.source), in, got)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d events, %d findings, %d anomalies", sum.Events, sum.Findings, len(got.Anomalies))
	if len(want.Anomalies) < 5 {
		t.Fatal("hardly any anomalies: the test says nothing")
	}
	same(t, want, got)
}
