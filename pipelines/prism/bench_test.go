// SPDX-License-Identifier: Apache-2.0

package prism

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/aer-project/aer/pipelines"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity/activitytest"
	"github.com/aer-project/aer/transforms/event"
	"github.com/aer-project/aer/transforms/process"
	"github.com/aer-project/aer/transforms/source"
)

// BenchmarkDetect runs the pipeline on Prism over a day that is sparse: most windows of ten seconds hold one event of
// one user.
func BenchmarkDetect(b *testing.B) {
	evs := activitytest.Stream{Seed: 1, Events: 50_000, Users: 2000, Span: 24 * time.Hour, Actors: true}.Make()
	slices.SortFunc(evs, event.Compare)
	usual := map[string]*aerv1.Event{}
	for _, ev := range evs { // people who keep to one client and session, so that next to nothing is found
		if first := usual[ev.UserId]; first != nil {
			ev.Client, ev.SessionId = first.Client, first.SessionId
		} else {
			usual[ev.UserId] = ev
		}
	}
	var lines []byte
	for _, ev := range evs {
		line, err := aerv1.MarshalJSONLine(ev)
		if err != nil {
			b.Fatal(err)
		}
		lines = append(append(lines, line...), '\n')
	}
	path := filepath.Join(b.TempDir(), "events.ndjson")
	if err := os.WriteFile(path, lines, 0o600); err != nil {
		b.Fatal(err)
	}
	core := newCore(b, "")
	for i := 0; b.Loop(); i++ {
		runDetect(b, core, pipelines.Config{
			Run:    process.Run{ID: fmt.Sprint(b.Name(), i), Mode: aerv1.ModeReplay},
			Source: source.Config{Kind: source.KindFiles, Files: source.Files{Paths: []string{path}}},
			Join:   true, Activity: true,
		})
	}
	b.ReportMetric(float64(len(evs))*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
