// SPDX-License-Identifier: Apache-2.0

package prism

import (
	"context"
	"flag"
	"os"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"github.com/aer-project/aer/pipelines"
	"github.com/aer-project/aer/sinks"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/enrich"
	"github.com/aer-project/aer/transforms/enrich/tor"
	"github.com/aer-project/aer/transforms/process"
)

func TestMain(m *testing.M) {
	flag.Parse()
	beam.Init()
	os.Exit(m.Run())
}

// newCore judges with the default detectors and the devset's Tor list.
func newCore(t testing.TB, torList string) *process.Core {
	t.Helper()
	cfg := enrich.DefaultConfig()
	if torList != "" {
		cfg.Tor = []tor.Source{{Path: torList}}
	}
	e, err := enrich.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &process.Core{Enricher: e, Detectors: detector.NewSet(detector.All(), nil)}
}

// runDetect runs the pipeline in replay mode over files and returns what it found.
func runDetect(t testing.TB, w *process.Core, cfg pipelines.Config) *sinks.Collector {
	t.Helper()
	out := sinks.NewCollector()
	proc := process.Start(cfg.Run.ID, w, &sinks.Output{Warehouse: out})
	defer proc.End()
	p := pipelines.Detect(cfg)
	if _, err := Run(context.Background(), p, Options{Process: proc, JobName: "test"}); err != nil {
		t.Fatal(err)
	}
	return out
}
