package prism

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"github.com/aer-project/aer/pipelines"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/enrich"
	"github.com/aer-project/aer/transforms/enrich/tor"
	"github.com/aer-project/aer/transforms/event"
	"github.com/aer-project/aer/transforms/process"
)

func TestMain(m *testing.M) {
	flag.Parse()
	beam.Init()
	os.Exit(m.Run())
}

// devset is the folder of labelled data beside the repository; tests that need it are skipped without.
func devset(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	set := filepath.Join(dir, "..", "shared", "data", "devset")
	if _, err := os.Stat(set); err != nil {
		t.Skipf("needs the labelled data at ../shared/data/devset: %v", err)
	}
	return set
}

// newWorker judges with the default detectors and the devset's Tor list.
func newWorker(t testing.TB, torList string) *process.Worker {
	t.Helper()
	cfg := enrich.DefaultConfig()
	if torList != "" {
		cfg.Tor = []tor.Source{{Path: torList}}
	}
	e, err := enrich.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &process.Worker{Enricher: e, Detectors: detector.NewSet(detector.All(), nil)}
}

// runDetect runs the pipeline in replay mode over files and returns what it found.
func runDetect(t testing.TB, w *process.Worker, cfg pipelines.Config) *sinks.Collector {
	t.Helper()
	out := sinks.NewCollector()
	proc := process.Start(cfg.Run.ID, w, &sinks.Output{Warehouse: out})
	defer proc.End()
	p, s := beam.NewPipelineWithRoot()
	pipelines.Detect(s, cfg)
	if _, err := Run(context.Background(), p, Options{Process: proc, JobName: "test"}); err != nil {
		t.Fatal(err)
	}
	return out
}

// events reads all events of files, in order.
func events(t testing.TB, paths ...string) []*aerv1.Event {
	t.Helper()
	files, err := event.OpenFiles(paths, event.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	var out []*aerv1.Event
	for ev := range files.All() {
		if ev != nil {
			out = append(out, ev)
		}
	}
	if err := files.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
