// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package duckdb

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse/sqlgen"
)

// definition reads the SQL of a table as it is defined: what is distinct is counted with COUNT(DISTINCT), and what is
// new is looked up in the weeks before.
func definition(table string) (string, error) {
	raw, err := os.ReadFile("testdata/" + table + ".sql")
	return string(raw), err
}

func rendering(table string) (string, error) { return sqlgen.Render(table, sqlgen.DuckDB) }

// plainly derives all days in one piece, from the tables as they are.
func plainly(t testing.TB, db *DB, query func(table string) (string, error), first, end time.Time) {
	t.Helper()
	for _, q := range []struct {
		table, from, until string
		last               time.Time
	}{{"activity_hourly", "start", "until", end}, {"activity_daily", "first_day", "last_day", end.Add(-day)}} {
		text, err := query(q.table)
		if err == nil {
			_, err = db.sql.ExecContext(t.Context(), "INSERT INTO "+q.table+" BY NAME ("+text+")",
				sql.Named(q.from, first), sql.Named(q.until, q.last))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestHoursAndDaysAreAsDefined compares with the definitions in testdata what is rendered, what is derived with it in
// parts of people, and what is derived of one span of days after the other, for slices of every kind.
func TestHoursAndDaysAreAsDefined(t *testing.T) {
	const days = 60
	first := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	end, between := first.AddDate(0, 0, days), first.AddDate(0, 0, 47)
	for seed := range uint64(2) {
		rows := anything(rand.New(rand.NewPCG(seed, 1)), first, days, 1500)
		check := func(derive func(*DB)) []string {
			db := openFile(t, "")
			fill(t, db, rows...)
			derive(db)
			return derived(t, db)
		}
		want := check(func(db *DB) { plainly(t, db, definition, first, end) })
		if len(want) < 1000 {
			t.Fatalf("seed %d: %d rows: the test says little", seed, len(want))
		}
		for what, derive := range map[string]func(*DB){
			"rendered": func(db *DB) { plainly(t, db, rendering, first, end) },
			"in parts": func(db *DB) { refreshed(t, db, first, end, 900, 3) },
			"in spans": func(db *DB) {
				refreshed(t, db, first, between, 1<<30, 1)
				refreshed(t, db, between, end, 1500, 2)
			},
		} {
			if got := check(derive); !slices.Equal(got, want) {
				t.Errorf("seed %d, %s: %s", seed, what, firstDifference(got, want))
			}
		}
	}
}

func refreshed(t testing.TB, db *DB, first, end time.Time, weight, workers int) {
	t.Helper()
	if err := db.refreshIn(t.Context(), first, end, weight, workers); err != nil {
		t.Fatal(err)
	}
}

func firstDifference(got, want []string) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Sprintf("row %d of %d:\n got %s\nwant %s", i, len(want), got[i], want[i])
		}
	}
	return fmt.Sprintf("%d rows, want %d", len(got), len(want))
}

// anything makes n slices of six people: in bursts and far apart, of sets that were cut and whole, of objects that come
// again, of several clients, sessions and methods; some come twice, late in the same window, or from an app.
func anything(rng *rand.Rand, first time.Time, days, n int) []proto.Message {
	pool := make([]uint64, 60)
	for i := range pool {
		pool[i] = rng.Uint64()
	}
	some := func() *aerv1.ObjectSet {
		out := &aerv1.ObjectSet{Sketched: rng.IntN(8) == 0}
		for range rng.IntN(5) {
			out.Hashes = append(out.Hashes, pool[rng.IntN(len(pool))])
		}
		slices.Sort(out.Hashes)
		out.Hashes = slices.Compact(out.Hashes)
		return out
	}
	text := func(list ...string) string { return list[rng.IntN(len(list))] }
	var out []proto.Message
	window := first
	for range n {
		if rng.IntN(3) > 0 { // else in the same window, or of the same minutes
			window = first.Add(time.Duration(rng.IntN(days*24*60*6)) * 10 * time.Second)
		} else if rng.IntN(2) == 0 {
			window = window.Add(10 * time.Second)
		}
		user := rng.IntN(6)
		s := &aerv1.Slice{OrgId: fmt.Sprint("O", user%2), UserId: fmt.Sprint("U", user/2), WindowMs: 10_000,
			WindowStartMs: window.UnixMilli(), Events: 1 + rng.Uint32N(5), Bytes: rng.Uint64N(1000),
			UserType: text(aerv1.UserMember, aerv1.UserGuest, ""), ActorKind: text("", "", "", aerv1.ActorApp)}
		if rng.IntN(3) > 0 {
			s.Downloads, s.DownloadBytes = some(), rng.Uint64N(1<<40)
		}
		if rng.IntN(3) == 0 {
			s.Reads = some()
		}
		for range rng.IntN(3) {
			s.Methods = append(s.Methods, &aerv1.MethodCount{Class: text(aerv1.ClassBrowser, aerv1.ClassLibrary, ""),
				Method: text("files.list", "users.list", ""), Calls: rng.Uint32N(4), Errors: rng.Uint32N(2)})
			s.Facets = append(s.Facets, &aerv1.Facet{SessionId: text("", "S1", "S2"), Events: 1,
				Client: &aerv1.FacetClient{Family: text("chrome", "curl", ""), Ja4: text("t13d", ""),
					Class: text(aerv1.ClassBrowser, ""), Asn: rng.Uint32N(2) * 64500}})
		}
		if out = append(out, s); rng.IntN(20) == 0 {
			out = append(out, s)
		}
	}
	return out
}
