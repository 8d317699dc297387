// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/duckdb"
	"github.com/aer-project/aer/sinks/warehouse/warehousetest"
	"github.com/aer-project/aer/transforms/memory"
)

var start = time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

func opened(t *testing.T) *duckdb.DB {
	t.Helper()
	db, err := duckdb.Open(context.Background(), "", duckdb.Options{})
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

func put(t *testing.T, db *duckdb.DB, table warehouse.Table, rows ...proto.Message) {
	t.Helper()
	if err := db.Append(t.Context(), table, rows...); err != nil {
		t.Fatal(err)
	}
}

// Profiles are those of the slices of the days that are read, each once and in order, whatever the order of the rows.
func TestProfilesAreThoseOfTheSlices(t *testing.T) {
	db, want := opened(t), memory.New(3)
	var rows []proto.Message
	for i := range 200 {
		s := warehousetest.Slice(fmt.Sprint("O", i%2), fmt.Sprint("U", i%7), start.Add(time.Duration(i)*time.Hour), 3)
		s.Downloads.Hashes = []uint64{uint64(i)}
		rows = append(rows, s)
		if i >= 199-5*24 {
			want.Record(s)
		}
	}
	newest := start.Add(199 * time.Hour)
	slices.Reverse(rows)
	put(t, db, warehouse.Activity, rows...)
	put(t, db, warehouse.Activity, rows[:50]...)
	got, report, err := Read(t.Context(), Config{Rows: db, History: 5 * day, Shards: 3})
	if err != nil {
		t.Fatal(err)
	}
	want5 := Report{Slices: 121, Profiles: 14, From: newest.Add(-5 * day), Newest: newest}
	if diff := cmp.Diff(want5, report); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(packed(t, want), packed(t, got)); diff != "" {
		t.Error("the profiles are not those of the slices")
	}
}

func packed(t *testing.T, m *memory.Memory) [][][]byte {
	t.Helper()
	p, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return p.Shards
}

// Findings are in the order in which decisions are taken, with what was decided about those that were told.
func TestFindingsWithWhatWasDecided(t *testing.T) {
	db := opened(t)
	put(t, db, warehouse.Activity, warehousetest.Slice("O1", "U1", start.Add(3*time.Hour), 1))
	var found []*aerv1.Anomaly
	for i := range 4 {
		a := warehousetest.Full(warehouse.Findings, start.Add(time.Duration(i)*time.Hour), i).(*aerv1.Anomaly)
		found = append(found, a)
	}
	d := warehousetest.Full(warehouse.Decisions, start.Add(2*time.Hour), 1).(*aerv1.Decision)
	d.AnomalyId = found[2].Id
	put(t, db, warehouse.Findings, found[3], found[1], found[0], found[2])
	put(t, db, warehouse.Decisions, d)
	m, report, err := Read(t.Context(), Config{Rows: db, History: 2 * time.Hour, Shards: 1})
	if err != nil || report.Findings != 3 || report.Decisions != 1 {
		t.Fatalf("%+v, %v: want three findings and a decision", report, err)
	}
	for i, want := range found[1:] {
		var before *aerv1.Decision
		if i == 1 {
			before = d
		}
		if diff := cmp.Diff(want, m.Findings[i].Anomaly, protocmp.Transform()); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(before, m.Findings[i].Before, protocmp.Transform()); diff != "" {
			t.Error(diff)
		}
	}
}

func TestNothingToRead(t *testing.T) {
	db := opened(t)
	if _, _, err := Read(t.Context(), Config{Rows: db, History: day, Shards: 1}); !errors.Is(err, ErrNothing) {
		t.Errorf("error is %v, want %v", err, ErrNothing)
	}
	put(t, db, warehouse.Activity, warehousetest.Slice("O1", "U1", start, 1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Read(ctx, Config{Rows: db, History: day, Shards: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want that it was cancelled", err)
	}
}
