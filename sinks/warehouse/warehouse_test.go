// SPDX-License-Identifier: Apache-2.0

package warehouse_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/warehousetest"
)

// ids reads back whatever a row calls its id, or any text where it has none.
func ids(t *testing.T, dir string) func(*testing.T, warehouse.Table) []string {
	t.Helper()
	return func(t *testing.T, table warehouse.Table) []string {
		t.Helper()
		var out []string
		err := warehouse.ReadNDJSON(dir, table, func(m proto.Message, err error) error {
			if err != nil {
				return err
			}
			id := ""
			if m, ok := m.(interface{ GetId() string }); ok {
				id = m.GetId()
			}
			out = append(out, id)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

func TestNDJSON(t *testing.T) {
	warehousetest.Run(t, func(t *testing.T) warehousetest.Harness {
		dir := t.TempDir()
		return warehousetest.Harness{Open: func(t *testing.T) warehouse.Writer { return openNDJSON(t, dir) },
			IDs: ids(t, dir)}
	})
}

func TestTee(t *testing.T) {
	warehousetest.Run(t, func(t *testing.T) warehousetest.Harness {
		a, b := t.TempDir(), t.TempDir()
		return warehousetest.Harness{
			Open: func(t *testing.T) warehouse.Writer { return warehouse.Tee{openNDJSON(t, a), openNDJSON(t, b)} },
			IDs: func(t *testing.T, table warehouse.Table) []string {
				first, second := ids(t, a)(t, table), ids(t, b)(t, table)
				slices.Sort(first)
				slices.Sort(second)
				if !slices.Equal(first, second) {
					t.Errorf("the copies differ: %q and %q", first, second)
				}
				return first
			},
		}
	})
}

func openNDJSON(t *testing.T, dir string) *warehouse.NDJSON {
	t.Helper()
	w, err := warehouse.OpenNDJSON(dir)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestTeeWritesToTheOthersWhenOneFails(t *testing.T) {
	dir, broken := t.TempDir(), errors.New("disk full")
	w := warehouse.Tee{warehouse.Failing{Err: broken}, openNDJSON(t, dir)}
	if err := w.Append(t.Context(), warehouse.Anomalies,
		warehousetest.Row(warehouse.Anomalies, 1)); !errors.Is(err, broken) {
		t.Errorf("append: %v, want %v", err, broken)
	}
	if err := w.Close(); !errors.Is(err, broken) {
		t.Errorf("close: %v, want %v", err, broken)
	}
	if got := ids(t, dir)(t, warehouse.Anomalies); len(got) != 1 {
		t.Errorf("the healthy writer got %d rows, want 1", len(got))
	}
}

func TestNDJSONCompletesATornLine(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "anomalies.ndjson")
	if err := os.WriteFile(path, []byte(`{"id":"whole"}`+"\n"+`{"id":"to`), 0o644); err != nil {
		t.Fatal(err)
	}
	w := openNDJSON(t, dir)
	if err := w.Append(t.Context(), warehouse.Anomalies, &aerv1.Anomaly{Id: "next"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var got []string
	err := warehouse.ReadNDJSON(dir, warehouse.Anomalies, func(m proto.Message, err error) error {
		if err != nil {
			if !strings.Contains(err.Error(), "anomalies.ndjson:2:") {
				t.Errorf("error does not name file and line: %v", err)
			}
			return nil
		}
		got = append(got, m.(*aerv1.Anomaly).Id)
		return nil
	})
	if err != nil || !slices.Equal(got, []string{"whole", "next"}) {
		t.Errorf("read %q, %v; want the rows before and after the torn one", got, err)
	}
}

func TestRowFollowsColumns(t *testing.T) {
	for _, s := range warehouse.Specs() {
		cols, err := s.Columns()
		if err != nil {
			t.Fatal(err)
		}
		row, err := s.Row(warehousetest.Row(s.Name, 1))
		if err != nil {
			t.Fatal(err)
		}
		if len(row) != len(cols) {
			t.Errorf("%s: %d values for %d columns", s.Name, len(row), len(cols))
		}
		names := map[string]bool{}
		for _, c := range cols {
			if names[c.Name] {
				t.Errorf("%s has two columns %q", s.Name, c.Name)
			}
			names[c.Name] = true
		}
		for _, name := range slices.Concat([]string{s.Time}, s.Cluster, s.Key) {
			if !names[name] {
				t.Errorf("%s is laid out by %q, which is no column", s.Name, name)
			}
		}
	}
}

func TestRowValues(t *testing.T) {
	spec, err := warehouse.SpecOf(warehouse.Activity)
	if err != nil {
		t.Fatal(err)
	}
	s := &aerv1.Slice{OrgId: "O\xff", Downloads: &aerv1.ObjectSet{Hashes: []uint64{1, 1<<64 - 1}}}
	cols, _ := spec.Columns()
	row, err := spec.Row(s)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]any{}
	for i, c := range cols {
		got[c.Name] = row[i]
	}
	if got["org_id"] != "O\uFFFD" {
		t.Errorf("org_id %q: text that is not UTF-8 must be mended", got["org_id"])
	}
	if got["reads"] != nil {
		t.Errorf("reads %v, want NULL for an absent message", got["reads"])
	}
	hashes := got["downloads"].(map[string]any)["hashes"].([]any)
	if hashes[0] != int64(1) || hashes[1] != int64(-1) {
		t.Errorf("hashes %v, want [1 -1]: two's complement", hashes)
	}
}

func TestSliceIDTellsLatePanesFromRepeats(t *testing.T) {
	spec, _ := warehouse.SpecOf(warehouse.Activity)
	id := func(s *aerv1.Slice) any {
		row, err := spec.Row(s)
		if err != nil {
			t.Fatal(err)
		}
		return row[0]
	}
	at := aerv1.TimeMS(1_795_341_600_000).AsTime()
	one := warehousetest.Slice("O1", "U1", at, 2)
	late := warehousetest.Slice("O1", "U1", at, 2)
	late.Refs[0].Id = "e-late"
	if id(one) != id(proto.Clone(one).(*aerv1.Slice)) {
		t.Error("the same slice has two ids")
	}
	if id(one) == id(late) {
		t.Error("a late pane has the id of the pane before")
	}
}

// FuzzReadNDJSON: whatever stands in the file, each line is a row or an error that is handed over, and nothing panics.
func FuzzReadNDJSON(f *testing.F) {
	for _, seed := range []string{"", "\n", `{"id":"a"}`, `{"id":1}`, `{"id":"a"} trailing`, "{\"id\":\"a\"}\n\x00\n[]",
		`{"unknown":{"deep":[1]}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "anomalies.ndjson"), raw, 0o644); err != nil {
			t.Fatal(err)
		}
		lines := 0
		err := warehouse.ReadNDJSON(dir, warehouse.Anomalies, func(m proto.Message, err error) error {
			if (m == nil) == (err == nil) {
				t.Errorf("row %v with error %v", m, err)
			}
			lines++
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Count(string(raw), "\n")
		if len(raw) > 0 && raw[len(raw)-1] != '\n' {
			want++
		}
		if lines != want {
			t.Errorf("%d lines handed over, want %d", lines, want)
		}
	})
}
