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
	"github.com/aer-project/aer/transforms/activity/activitytest"
)

// derived is all that was derived, a row a line.
func derived(t testing.TB, db *DB) []string {
	t.Helper()
	return slices.Concat(
		texts(t, db, "SELECT CAST(a AS VARCHAR) FROM activity_hourly AS a ORDER BY org_id, user_id, hour"),
		texts(t, db, "SELECT CAST(a AS VARCHAR) FROM activity_daily AS a ORDER BY org_id, user_id, day"))
}

// TestPartsOfPeopleGiveTheSame as the SQL by itself, whatever their size and number at once, for slices that come
// twice, programs that act for people, and days that are derived later than the days before them.
func TestPartsOfPeopleGiveTheSame(t *testing.T) {
	events := activitytest.Stream{Seed: 7, Events: 2000, Users: 40, Objects: 300, Span: 12 * 24 * time.Hour}.Make()
	var rows []proto.Message
	for i, s := range sliced(events).Slices {
		if i%17 == 0 {
			s.ActorKind, s.AppId = aerv1.ActorApp, "A1"
		}
		if rows = append(rows, s); i%11 == 0 {
			rows = append(rows, s)
		}
	}
	first := activitytest.Monday.Truncate(day)
	end := first.AddDate(0, 0, 15)
	filled := func(name string) *DB {
		db := openFile(t, filepath.Join(t.TempDir(), name))
		fill(t, db, rows...)
		return db
	}
	db := filled("plain")
	plainly(t, db, rendering, first, end)
	want := derived(t, db)
	if len(want) < 500 {
		t.Fatalf("%d rows: the test says little", len(want))
	}
	for _, c := range []struct {
		name            string
		weight, workers int
		days            int // at once
	}{{"one", 1 << 30, 1, 15}, {"many", 800, 3, 15}, {"some days at once", 1000, 2, 5}} {
		db := filled(c.name)
		for range 2 { // what is derived again takes the place of what was there
			for d := first; d.Before(end); d = d.AddDate(0, 0, c.days) {
				if err := db.refreshIn(t.Context(), d, d.AddDate(0, 0, c.days), c.weight, c.workers); err != nil {
					t.Fatal(err)
				}
			}
			if got := derived(t, db); !slices.Equal(got, want) {
				t.Errorf("%s: %d rows, want %d", c.name, len(got), len(want))
			}
		}
	}
}
