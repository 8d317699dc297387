// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package duckdb

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/warehousetest"
)

// What was appended comes back whole, in the order of its time and once, and nothing of another time.
func TestRead(t *testing.T) {
	for _, spec := range warehouse.Specs() {
		if spec.Member != "" || spec.Time == "done_at" || spec.Name == warehouse.AuditLog ||
			spec.Name == warehouse.DeadLetters {
			continue // nobody reads them back
		}
		t.Run(string(spec.Name), func(t *testing.T) {
			db := openFile(t, filepath.Join(t.TempDir(), "w.duckdb"))
			var want []proto.Message
			for i := range 3 {
				want = append(want, warehousetest.Row(spec.Name, i))
			}
			for _, rows := range [][]proto.Message{want, want[:1]} { // the first is delivered twice
				if err := db.Append(t.Context(), spec.Name, rows...); err != nil {
					t.Fatal(err)
				}
			}
			got := readAll(t, db, spec.Name, time.Time{}, time.Now().AddDate(10, 0, 0))
			if a, b := sorted(t, want), sorted(t, got); !slices.Equal(a, b) {
				t.Errorf("(-appended +read):\n%s", cmp.Diff(want, got, protocmp.Transform()))
			}
		})
	}
}

func readAll(t *testing.T, db *DB, table warehouse.Table, from, until time.Time) (got []proto.Message) {
	t.Helper()
	if err := db.Read(t.Context(), table, from, until, func(m proto.Message) error {
		got = append(got, m)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestReadSlicesInOrder(t *testing.T) {
	db := openFile(t, filepath.Join(t.TempDir(), "w.duckdb"))
	rows := synthetic(3000, 9)
	full := warehousetest.Slice("O1", "U1", time.UnixMilli(1_527_811_200_000), 7)
	full.ActorKind, full.AppId, full.TorAddresses = aerv1.ActorApp, "A1", []string{"192.0.2.7"}
	full.Pace, full.FacetsDropped = []uint32{0, 3, 0, 4}, 2
	full.Methods[0].CallIds, full.Methods[0].Sketched = []uint64{1, 1<<64 - 1}, true
	full.Downloads.Hashes = []uint64{3, 1 << 63, 1<<64 - 2}
	full.Facets[0].Client.Hosting, full.Facets[0].CookieMaxMs = true, 1_527_811_200_000
	full.Actions = []*aerv1.ActionCount{{Action: "a", Outcome: "denied", Count: 3}}
	rows = append(rows, full)
	for _, part := range [][]proto.Message{rows[2000:], rows[:2100]} {
		if err := db.Append(t.Context(), warehouse.Activity, part...); err != nil {
			t.Fatal(err)
		}
	}
	at := func(m proto.Message) int64 { return m.(*aerv1.Slice).WindowStartMs }
	from, until := time.Date(2018, 6, 3, 9, 0, 0, 0, time.UTC), time.Date(2018, 6, 7, 0, 0, 0, 0, time.UTC)
	for name, span := range map[string][2]time.Time{"all": {{}, time.Now()}, "part": {from, until}} {
		t.Run(name, func(t *testing.T) {
			want := slices.DeleteFunc(slices.Clone(rows), func(m proto.Message) bool {
				return at(m) < span[0].UnixMilli() || at(m) >= span[1].UnixMilli()
			})
			got := readAll(t, db, warehouse.Activity, span[0], span[1])
			if !slices.IsSortedFunc(got, func(a, b proto.Message) int { return int(at(a) - at(b)) }) {
				t.Error("not in order")
			}
			if a, b := sorted(t, want), sorted(t, got); len(a) != len(b) || !slices.Equal(a, b) {
				t.Errorf("%d slices read, want %d, the same", len(b), len(a))
			}
		})
	}
	stop := errors.New("enough")
	if err := db.Read(t.Context(), warehouse.Activity, time.Time{}, time.Now(),
		func(proto.Message) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("error is %v, want what stopped it", err)
	}
}

// sorted are the bytes of messages.
func sorted(t *testing.T, list []proto.Message) (all []string) {
	t.Helper()
	for _, m := range list {
		raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(raw))
	}
	slices.Sort(all)
	return all
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
