// SPDX-License-Identifier: Apache-2.0

package prism

import (
	"bufio"
	"cmp"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/pipelines"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/transforms/activity/activitytest"
	"github.com/aer-project/aer/transforms/event"
	"github.com/aer-project/aer/transforms/process"
	"github.com/aer-project/aer/transforms/source"
)

// TestMemoryFollowsUsersAndNotEvents: with the same users at the same pace, the fifth day of a file needs not much more
// memory than the second, while profiles still grow a little, Prism's own included. What is held besides profiles is
// what waits to be put in order, ten minutes of events, and what is on its way between the stages, of which the source
// is told.
func TestMemoryFollowsUsersAndNotEvents(t *testing.T) {
	const days, perDay, users = 6, 6000, 100
	path := filepath.Join(t.TempDir(), "events.ndjson")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	usual := map[string]*aerv1.Event{} // people keep to one client and session, so that next to nothing is found
	for day := range days {
		evs := activitytest.Stream{Seed: uint64(day), Events: perDay, Users: users, Span: 24 * time.Hour,
			Start: activitytest.Monday.AddDate(0, 0, day)}.Make()
		slices.SortFunc(evs, event.Compare)
		for _, ev := range evs {
			first := cmp.Or(usual[ev.UserId], ev)
			usual[ev.UserId], ev.Client, ev.SessionId = first, first.Client, first.SessionId
			line, err := aerv1.MarshalJSONLine(ev)
			if err != nil {
				t.Fatal(err)
			}
			w.Write(line)
			w.WriteByte('\n')
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	watch := &heapWatch{every: perDay / 6}
	run := process.Run{ID: t.Name(), Mode: aerv1.ModeReplay}
	proc := process.Start(run.ID, newCore(t, ""), &sinks.Output{Warehouse: watch})
	defer proc.End()
	p := pipelines.Detect(pipelines.Config{Run: run, Join: true, Activity: true,
		Source: source.Config{Kind: source.KindFiles, Files: source.Files{Paths: []string{path}, Claim: 1000}}})
	if _, err := Run(t.Context(), p, Options{Process: proc, JobName: "memory"}); err != nil {
		t.Fatal(err)
	}
	n := len(watch.heap) / days
	if n < 3 {
		t.Fatalf("the heap was looked at %d times", len(watch.heap))
	}
	// The least of several looks is what stays: the others see bundles at work.
	early, late := slices.Min(watch.heap[n:2*n]), slices.Min(watch.heap[4*n:5*n])
	t.Logf("heap %d KB on the second day, %d KB on the fifth", early>>10, late>>10)
	if late > early+early/2 { // 18,000 events that stay would be 18 MB
		t.Errorf("heap %d KB on the second day, %d KB on the fifth", early>>10, late>>10)
	}
}

// heapWatch is a warehouse.Writer that looks at the heap each time so many slices have been written.
type heapWatch struct {
	every int

	mu   sync.Mutex
	rows int
	heap []uint64
}

func (h *heapWatch) Append(_ context.Context, table warehouse.Table, rows ...proto.Message) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if table != warehouse.Activity {
		return nil
	}
	if h.rows += len(rows); h.rows >= h.every*(len(h.heap)+1) {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		h.heap = append(h.heap, m.HeapAlloc)
	}
	return nil
}

func (h *heapWatch) Close() error { return nil }
