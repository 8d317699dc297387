// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package duckdb

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/enrich"
	"github.com/aer-project/aer/transforms/event"
)

// shared finds a file beside the repository; the benchmark is skipped where it is absent.
func shared(b *testing.B, name string) string {
	b.Helper()
	dir, err := os.Getwd()
	if err != nil {
		b.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			path := filepath.Join(dir, "..", "shared", name)
			if _, err := os.Stat(path); err != nil {
				b.Skipf("no labelled set beside the repository: %v", err)
			}
			return path
		}
	}
	b.Skip("no go.mod above this directory")
	return ""
}

// devsetSlices gives one slice of ten seconds per user and window of the labelled set.
func devsetSlices(b *testing.B) []proto.Message {
	b.Helper()
	files, err := event.OpenFiles([]string{shared(b, "data/devset/events.ndjson.gz")}, event.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer files.Close()
	e, err := enrich.New(enrich.DefaultConfig())
	if err != nil {
		b.Fatal(err)
	}
	const windowMS = 10_000
	var out []proto.Message
	acc, window := activity.NewAccumulator(windowMS), int64(0)
	flush := func() {
		for _, s := range acc.Batch().Slices {
			out = append(out, s)
		}
		acc = activity.NewAccumulator(windowMS)
	}
	for ev := range files.All() {
		if ev == nil {
			continue // a dead letter
		}
		if w := activity.WindowStartMS(ev.Time.AsTime().UnixMilli(), windowMS); w != window {
			flush()
			window = w
		}
		e.Enrich(ev)
		acc.Add(ev)
	}
	flush()
	return out
}

// BenchmarkDevset builds a version of the baselines for every day of the labelled set (about 2,100).
func BenchmarkDevset(b *testing.B) {
	rows := devsetSlices(b)
	for range b.N {
		b.ReportMetric(float64(len(rows)), "slices")
		db := openFile(b, filepath.Join(b.TempDir(), "w.duckdb"))
		start := time.Now()
		lap := func(what string) {
			b.ReportMetric(time.Since(start).Seconds(), what+"_s")
			start = time.Now()
		}
		appendAll(b, db, rows, 10_000)
		lap("append")
		first, last, _, err := db.ActivitySpan(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		if err := db.RefreshActivity(b.Context(), first, last.Add(time.Second)); err != nil {
			b.Fatal(err)
		}
		lap("refresh")
		versions, orgRows := 0, 0
		err = db.BuildBaselines(b.Context(), Build{From: first, Until: last.Add(time.Second)}, func(v *aerv1.Baseline) error {
			versions++
			orgRows += len(v.Orgs)
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		lap("build")
		b.ReportMetric(float64(versions), "versions")
		b.ReportMetric(float64(orgRows), "org_rows")
	}
}
