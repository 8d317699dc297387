// SPDX-License-Identifier: Apache-2.0

package prism

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/aer-project/aer/pipelines"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks"
	"github.com/aer-project/aer/transforms/process"
	"github.com/aer-project/aer/transforms/source"
)

// carried counts what it is asked to carry out.
type carried struct{ n atomic.Int64 }

func (c *carried) Respond(context.Context, *aerv1.Anomaly, *aerv1.Decision) error {
	c.n.Add(1)
	return nil
}

func (c *carried) End(context.Context, *aerv1.Anomaly, *aerv1.Decision) error { return nil }

func (c *carried) Advise(context.Context, *aerv1.Anomaly, *aerv1.Decision) error { return nil }

// What started a run is told that all is done when everything is written and carried out, and not before.
func TestOverIsToldAtTheEnd(t *testing.T) {
	dir := t.TempDir()
	path, exits := filepath.Join(dir, "events.ndjson"), filepath.Join(dir, "tor.tsv")
	var lines []byte
	for i := range 20 {
		lines = fmt.Appendf(lines, `{"id":"e%d","time":"2026-03-02T12:%02d:00Z","org_id":"O%d","user_id":"U%d",`+
			`"session_id":"S","action":"login","client":{"ip":"203.0.113.99"}}`+"\n", i, i, i, i)
	}
	for file, content := range map[string][]byte{path: lines, exits: []byte("203.0.113.99\t1772280000\t1772496000\n")} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w, out, acted := newCore(t, exits), sinks.NewCollector(), &carried{}
	run := process.Run{ID: t.Name(), Mode: aerv1.ModeEnforce}
	proc := process.Start(run.ID, w, &sinks.Output{Warehouse: out, Responder: acted})
	defer proc.End()
	var told, written, ended atomic.Int64
	proc.OnOver(func(context.Context) error {
		told.Add(1)
		written.Store(int64(len(out.Decisions())))
		ended.Store(acted.n.Load())
		return nil
	})
	p := pipelines.Detect(pipelines.Config{Run: run, Join: true, Over: true,
		Source: source.Config{Kind: source.KindFiles, Files: source.Files{Paths: []string{path}}}})
	if _, err := Run(t.Context(), p, Options{Process: proc, JobName: "over"}); err != nil {
		t.Fatal(err)
	}
	if told.Load() != 1 || written.Load() != 20 || ended.Load() != 20 {
		t.Errorf("told %d times, when %d decisions were written and %d carried out: want once, 20 and 20", told.Load(),
			written.Load(), ended.Load())
	}
}
