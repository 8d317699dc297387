// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package duckdb

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/warehousetest"
)

func TestReader(t *testing.T) {
	db := openFile(t, filepath.Join(t.TempDir(), "w.duckdb"))
	warehousetest.RunReader(t, db, db, warehouse.Activity, warehouse.Findings, warehouse.Decisions)
}

// Many rows come in the order of their windows, from queries about a part of them each.
func TestReadInOrder(t *testing.T) {
	db := openFile(t, filepath.Join(t.TempDir(), "w.duckdb"))
	rows := synthetic(3000, 9)
	if err := db.Append(t.Context(), warehouse.Activity, rows...); err != nil {
		t.Fatal(err)
	}
	var got []int64
	if err := db.Read(t.Context(), warehouse.Activity, time.Time{}, time.Now(), func(m proto.Message) error {
		got = append(got, m.(*aerv1.Slice).WindowStartMs)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(rows) || !slices.IsSorted(got) {
		t.Errorf("%d rows, want %d in order", len(got), len(rows))
	}
}

// BenchmarkReadActivity reads a month of slices back, of which each has its time by chance.
func BenchmarkReadActivity(b *testing.B) {
	rows := synthetic(200_000, 30)
	db := openFile(b, filepath.Join(b.TempDir(), "w.duckdb"))
	appendAll(b, db, rows, 5000)
	for b.Loop() {
		n := 0
		if err := db.Read(b.Context(), warehouse.Activity, time.Time{}, time.Now(), func(proto.Message) error {
			n++
			return nil
		}); err != nil || n != len(rows) {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(len(rows))*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
