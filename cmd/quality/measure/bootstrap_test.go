// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"bufio"
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/aer-project/aer/pipelines/bootstrap"
	"github.com/aer-project/aer/pipelines/local"
	"github.com/aer-project/aer/pipelines/prism"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/duckdb"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/event"
	"github.com/aer-project/aer/transforms/memory"
	"github.com/aer-project/aer/transforms/source"
)

// TestARestartFromTheWarehouse, with another number of shards and on another driver, goes on as a run that was never
// stopped: the same findings, anomalies and decisions, in all fields.
func TestARestartFromTheWarehouse(t *testing.T) {
	s := &labelled(t).set
	want := s.recorded(t, s.options.Events.Paths, local.Config{Shards: 16, Workers: 2})
	for name, after := range map[string]func(*aerv1.Decision) bool{
		"after a reset":        decision.WantsReset,
		"after a common cause": func(d *aerv1.Decision) bool { return d.Outcome == aerv1.Decision_COMMON_CAUSE },
		"in a cooldown":        func(d *aerv1.Decision) bool { return d.Outcome == aerv1.Decision_COOLDOWN },
	} {
		t.Run(name, func(t *testing.T) {
			i := len(want.Decisions)/4 + slices.IndexFunc(want.Decisions[len(want.Decisions)/4:], after)
			cut := want.Decisions[i].GetTime().AsTime().Add(5 * time.Minute).Truncate(10 * time.Second)
			first, second := s.cutAt(t, cut)
			rows := openWarehouse(t)
			before := s.recorded(t, []string{first}, local.Config{Shards: 16, Workers: 2})
			before.write(t, rows)
			then := want.since(cut)
			t.Logf("cut at %v: %d decisions before, %d after", cut, len(before.Decisions), len(then.Decisions))
			if len(then.Decisions) < 5 {
				t.Fatal("hardly any decisions: the test says nothing")
			}
			t.Run("local", func(t *testing.T) {
				got := s.recorded(t, []string{second}, local.Config{Memory: remember(t, rows, 64), Workers: 2})
				if diff := cmp.Diff(then.findings, got.findings, protocmp.Transform()); diff != "" {
					t.Errorf("findings differ (-never stopped +begun anew):\n%s", diff)
				}
				same(t, &then.said, &got.said)
			})
			if name != "in a cooldown" {
				return // the pipeline takes a quarter of a minute, and all three went on as the driver did
			}
			t.Run("prism", func(t *testing.T) {
				known, err := remember(t, rows, 64).Pack()
				if err != nil {
					t.Fatal(err)
				}
				got := &said{}
				in := source.Config{Files: source.Files{Paths: []string{second}}}
				if _, err := prism.ReplayFrom(t.Context(), s.judge.Core(s.source), in, known, got); err != nil {
					t.Fatal(err)
				}
				same(t, &then.said, got)
			})
		})
	}
}

// recording is what a driver hands out, and what it would write into the warehouse.
type recording struct {
	said
	findings []*aerv1.Anomaly
	slices   []proto.Message
}

func (s *set) recorded(t *testing.T, paths []string, cfg local.Config) *recording {
	t.Helper()
	in, err := event.OpenFiles(paths, event.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	r := &recording{}
	var mu sync.Mutex
	cfg.Enrich, cfg.Detectors, cfg.Baseline = s.options.Events.Enrich, s.judge.Detectors, s.source
	cfg.Slices = func(sl *aerv1.Slice) {
		mu.Lock()
		defer mu.Unlock()
		r.slices = append(r.slices, proto.CloneOf(sl))
	}
	cfg.Findings = func(a *aerv1.Anomaly) error {
		r.findings = append(r.findings, a)
		return nil
	}
	if _, err := local.Replay(t.Context(), in, cfg, s.options.Rules.Decide(s.source), r, nil); err != nil {
		t.Fatal(err)
	}
	r.Dead = nil // they follow from the file alone
	return r
}

// since is what was found and decided from a time on.
func (r *recording) since(cut time.Time) *recording {
	out := &recording{}
	for i, d := range r.Decisions {
		if !d.GetTime().AsTime().Before(cut) {
			out.Decisions, out.Anomalies = append(out.Decisions, d), append(out.Anomalies, r.Anomalies[i])
		}
	}
	for _, f := range r.findings {
		if !f.GetKnownAt().AsTime().Before(cut) {
			out.findings = append(out.findings, f)
		}
	}
	return out
}

// write puts into the warehouse what a run would have.
func (r *recording) write(t *testing.T, to warehouse.Writer) {
	t.Helper()
	for table, rows := range map[warehouse.Table][]proto.Message{
		warehouse.Activity: r.slices, warehouse.Findings: messages(r.findings), warehouse.Decisions: messages(r.Decisions),
	} {
		for part := range slices.Chunk(rows, 5000) {
			if err := to.Append(t.Context(), table, part...); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func messages[M proto.Message](list []M) (out []proto.Message) {
	for _, m := range list {
		out = append(out, m)
	}
	return out
}

func openWarehouse(t *testing.T) *duckdb.DB {
	t.Helper()
	db, err := duckdb.Open(context.Background(), filepath.Join(t.TempDir(), "w.duckdb"), duckdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func remember(t *testing.T, rows warehouse.Reader, shards int) *memory.Memory {
	t.Helper()
	m, report, err := bootstrap.Read(t.Context(),
		bootstrap.Config{Rows: rows, History: 90 * 24 * time.Hour, Shards: shards})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", report)
	return m
}

// cutAt parts the events of the set by their time, but for those that come late: they come when they came.
func (s *set) cutAt(t *testing.T, cut time.Time) (first, second string) {
	t.Helper()
	in, err := event.OpenFiles(s.options.Events.Paths, event.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	dir := t.TempDir()
	var files [2]*bufio.Writer
	var paths [2]string
	for i, name := range []string{"first.ndjson", "second.ndjson"} {
		paths[i] = filepath.Join(dir, name)
		f, err := os.Create(paths[i])
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		files[i] = bufio.NewWriter(f)
	}
	var newest time.Time
	for ev := range in.All() {
		if ev == nil {
			continue
		}
		at, part := ev.Time.AsTime(), 0
		if at.After(newest) {
			newest = at
		}
		if !at.Before(cut) || !newest.Before(cut) && newest.Sub(at) > activity.DefaultLateness {
			part = 1
		}
		line, err := aerv1.MarshalJSONLine(ev)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := files[part].Write(append(line, '\n')); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range files {
		if err := f.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	return paths[0], paths[1]
}
