// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aer-project/aer/cmd/aer/config"
	"github.com/aer-project/aer/cmd/aer/setup"
	"github.com/aer-project/aer/pipelines"
	"github.com/aer-project/aer/pipelines/job"
	"github.com/aer-project/aer/pipelines/prism"
	"github.com/aer-project/aer/sinks/sinktest/outside"
	"github.com/aer-project/aer/transforms/process"
	"github.com/aer-project/aer/transforms/source"
	"github.com/aer-project/aer/transforms/source/bus"
)

// TestIntegrationPubSubBatches: weeks of simulated traffic, published in compressed batches and taken in by what aer
// run is made of, are decided as they are when they are replayed.
func TestIntegrationPubSubBatches(t *testing.T) {
	addr := outside.PubSub(t)
	if err := bus.Subscribe(t.Context(), addr, loadTopic, loadSub, 60); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	run(t, "simulate", "--out", in("sim"), "--to", "pubsub://aer-test/events", "--endpoint", addr, "-o", "json")
	text := fmt.Sprintf(`source: {kind: pubsub, subscription: %s, endpoint: %q, time_attribute: time}
out: %q
settings: %q
directory: %q
enrich: {tor: [{path: %q}]}
warehouse: {kind: none}
`, loadSub, addr, in("out"), in("sim/settings.yaml"), in("sim/directory.yaml"), in("sim/tor.tsv"))
	if err := os.WriteFile(in("aer.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Read(in("aer.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	const messages, events = 58, 57_311 // of the demo's plot
	counted := takeIn(t, c, messages)
	if counted["ingest/events"] != events || counted["pubsub/acknowledged"] != messages ||
		counted["ingest/"+source.LateCounter] != 0 {
		t.Errorf("counted %v", counted)
	}
	run(t, "replay", "--events", in("sim/events.ndjson.gz"), "--tor", in("sim/tor.tsv"), "--settings",
		in("sim/settings.yaml"), "--directory", in("sim/directory.yaml"), "--baseline", "none", "--out", in("replayed"))
	want := decisions(t, in("replayed"))
	if diff := cmp.Diff(want, decisions(t, in("out"))); diff != "" || len(want) < 100 {
		t.Errorf("%d decisions, by anomaly (-replayed +taken in):\n%s", len(want), diff)
	}
}

// takeIn runs a configuration until so many messages are taken in.
func takeIn(t *testing.T, c config.Config, messages int64) map[string]int64 {
	t.Helper()
	initBeam(quiet)
	parts, err := setup.Build(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer parts.Close()
	proc := process.Start(t.Name(), parts.Core(parts.Baselines), &parts.Output)
	defer proc.End()
	cfg, err := setup.Pipeline(c, t.Name(), c.Source.Kind, true)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Source.PubSub.StopAfter = messages
	res, err := prism.Run(t.Context(), pipelines.Detect(cfg), prism.Options{Process: proc, JobName: "batches"})
	if err != nil {
		t.Fatal(err)
	}
	return job.Counters(res)
}
