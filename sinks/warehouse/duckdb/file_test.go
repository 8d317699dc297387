// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package duckdb

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/warehousetest"
)

func TestViewsRemoveDuplicates(t *testing.T) {
	db := openFile(t, "")
	for _, s := range warehouse.Specs() {
		one, two := warehousetest.Row(s.Name, 1), warehousetest.Row(s.Name, 2)
		for range 2 {
			if err := db.Append(t.Context(), s.Name, one, two); err != nil {
				t.Fatal(err)
			}
		}
		equal(t, s.View(), texts(t, db, "SELECT CAST(COUNT(*) AS VARCHAR) FROM "+s.View()), "2")
		equal(t, string(s.Name), texts(t, db, "SELECT CAST(COUNT(*) AS VARCHAR) FROM "+string(s.Name)), "4")
	}
}

// TestViewsKeepTheLatest: a response is written again when more of its steps are done.
func TestViewsKeepTheLatest(t *testing.T) {
	db := openFile(t, "")
	pending := &aerv1.Response{Id: "r", Steps: []*aerv1.Step{{State: "pending"}}}
	failed := &aerv1.Response{Id: "r", Steps: []*aerv1.Step{{State: "failed"}}, DoneAt: aerv1.TimeMS(1000)}
	done := &aerv1.Response{Id: "r", Steps: []*aerv1.Step{{State: "done"}}, DoneAt: aerv1.TimeMS(2000)}
	if err := db.Append(t.Context(), warehouse.Responses, pending, done, failed); err != nil {
		t.Fatal(err)
	}
	equal(t, "state", texts(t, db, "SELECT steps[1].state FROM responses_v"), "done")
}

func TestOlderFileGetsNewColumns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.duckdb")
	old := openFile(t, path)
	exec(t, old, "DROP VIEW decisions_v", "ALTER TABLE decisions DROP COLUMN recommendation",
		"INSERT INTO decisions (id) VALUES ('old')")
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	db := openFile(t, path)
	if err := db.Append(t.Context(), warehouse.Decisions,
		&aerv1.Decision{Id: "new", Recommendation: "reset the password"}); err != nil {
		t.Fatal(err)
	}
	equal(t, "rows", texts(t, db, "SELECT id || ' ' || COALESCE(recommendation, 'NULL') FROM decisions_v ORDER BY id"),
		"new reset the password", "old NULL")
}

func TestChangedColumnIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.duckdb")
	old := openFile(t, path)
	exec(t, old, "DROP VIEW decisions_v", "ALTER TABLE decisions ALTER COLUMN escalate TYPE VARCHAR")
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), path, Options{})
	if err == nil ||
		!strings.Contains(err.Error(),
			"column decisions.escalate of the file is VARCHAR, this version writes BOOLEAN: move the file away") {
		t.Errorf("opening a file with a changed column: %v", err)
	}
}

func TestNoDatabaseFile(t *testing.T) {
	if _, err := Open(t.Context(), filepath.Join(t.TempDir(), "no", "such", "dir", "w.duckdb"), Options{}); err == nil ||
		!strings.Contains(err.Error(), "opening warehouse") {
		t.Errorf("opening in a directory that is not there: %v", err)
	}
}

func exec(t *testing.T, db *DB, statements ...string) {
	t.Helper()
	for _, q := range statements {
		if _, err := db.SQL().ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
}

// TestHourlyCountsWhatGoCounts compares the SQL with a few lines of Go on random slices of two hundred people,
// delivered in random order and some of them twice.
func TestHourlyCountsWhatGoCounts(t *testing.T) {
	type key struct {
		user string
		hour int64
	}
	db, rng := openFile(t, ""), rand.New(rand.NewPCG(7, 7))
	start := at(t, "2024-03-05T00:00:00")
	objects, calls := map[key]map[uint64]bool{}, map[key]uint64{}
	var rows []proto.Message
	for i := range 3000 {
		minute, n := rng.Int64N(180), rng.Uint32N(6)
		k := key{fmt.Sprint("U", rng.IntN(200)), minute / 60}
		s := &aerv1.Slice{OrgId: "O1", UserId: k.user, WindowStartMs: start.UnixMilli() + minute*60_000, Events: 1,
			Downloads: &aerv1.ObjectSet{},
			Methods:   []*aerv1.MethodCount{{Class: "browser", Method: "m", Calls: n}},
			Refs:      []*aerv1.EventRef{{Id: fmt.Sprint("e-", i)}}}
		if objects[k] == nil {
			objects[k] = map[uint64]bool{}
		}
		for range rng.IntN(4) {
			h := rng.Uint64N(10)
			s.Downloads.Hashes, objects[k][h] = append(s.Downloads.Hashes, h), true
		}
		calls[k] += uint64(n)
		for range 1 + rng.IntN(2) {
			rows = append(rows, s)
		}
	}
	rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	fill(t, db, rows...)
	refresh(t, db, "2024-03-05T00:00:00", "2024-03-06T00:00:00")
	got := texts(t, db,
		`SELECT concat_ws(' ', user_id, date_part('hour', hour), downloads, calls[1].calls) FROM activity_hourly_v ORDER BY 1`)
	var want []string
	for k, set := range objects {
		want = append(want, fmt.Sprint(k.user, " ", k.hour, " ", len(set), " ", calls[k]))
	}
	slices.Sort(want)
	slices.Sort(got)
	equal(t, "hours", got, want...)
}
