// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package duckdb

import (
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/sqlgen"
)

// runScript runs a scheduled script's DuckDB rendering: the statements that BigQuery runs, for a day or time of one's
// own.
func runScript(t *testing.T, db *DB, render func(sqlgen.Schedule) (string, error), day, clock string) {
	t.Helper()
	text, err := render(sqlgen.Schedule{Dialect: sqlgen.DuckDB, RunDate: fmt.Sprintf("DATE '%s'", day),
		RunTime: fmt.Sprintf("TIMESTAMP '%s %s'", day, clock)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.SQL().ExecContext(t.Context(), text); err != nil {
		t.Fatal(err)
	}
}

const versionRows = `SELECT concat_ws(' ', version, valid_from, valid_until, org_id, users, CAST("max" AS BIGINT)) FROM baselines_org
	WHERE metric = 'downloads' AND horizon = '24h' AND org_id = 'O1' ORDER BY valid_from`

// TestDailyScriptWritesOneVersionAndKeepsIt: slices in, a version with its interval out; history that changes
// afterwards changes later versions only.
func TestDailyScriptWritesOneVersionAndKeepsIt(t *testing.T) {
	db := openFile(t, "")
	days(t, db, "O1", "U1", "2024-01-01", 3, 4, 5)
	must(t, db.Append(t.Context(), warehouse.Activity, slice(t, "2024-01-20T23:59:00", downloads(1, 2)),
		slice(t, "2024-01-21T10:00:00", downloads(2, 3))))
	runScript(t, db, sqlgen.Schedule.Daily, "2024-01-22", "00:30:00")
	first := "2024-01-22 2024-01-22 00:00:00 2024-01-23 00:00:00 O1 1 5"
	equal(t, "the version", texts(t, db, versionRows), first)
	equal(t, "complete",
		texts(t, db, "SELECT concat_ws(' ', version, valid_from, habit_days, lag_days, built_at) FROM baselines_version"),
		"2024-01-22 2024-01-22 00:00:00 28 7 2024-01-22 00:30:00")
	equal(t, "activity of the last two days",
		texts(t, db,
			"SELECT concat_ws(' ', CAST(day AS DATE), events) FROM activity_daily WHERE day >= '2024-01-20' ORDER BY day"),
		"2024-01-20 1", "2024-01-21 1")
	equal(t, "new objects",
		texts(t, db, "SELECT concat_ws(' ', CAST(hour AS DATE), new_downloads) FROM activity_hourly ORDER BY hour"),
		"2024-01-20 2", "2024-01-21 1")

	days(t, db, "O1", "U2", "2024-01-01", 90) // found out later
	must(t, db.Append(t.Context(), warehouse.Activity, slice(t, "2024-01-21T11:00:00", downloads(7))))
	runScript(t, db, sqlgen.Schedule.Daily, "2024-01-22", "05:00:00")
	equal(t, "run again", texts(t, db, versionRows), first)
	equal(t, "still once", texts(t, db, "SELECT version FROM baselines_version"), "2024-01-22")
	equal(t, "late slices are counted", texts(t, db, "SELECT concat_ws(' ', CAST(hour AS TIME), downloads) FROM "+
		"activity_hourly WHERE hour >= '2024-01-21' ORDER BY hour"), "10:00:00 2", "11:00:00 1")

	runScript(t, db, sqlgen.Schedule.Daily, "2024-01-23", "00:30:00")
	equal(t, "the next version", texts(t, db, versionRows), first,
		"2024-01-23 2024-01-23 00:00:00 2024-01-24 00:00:00 O1 2 90")
}

// TestDailyScriptGivesTheRowsOfBuildBaselines: one derivation, whoever runs it.
func TestDailyScriptGivesTheRowsOfBuildBaselines(t *testing.T) {
	db := openFile(t, "")
	twoWeeks(t, db, "O1", 1)
	days(t, db, "O1", "U1", "2024-01-01", 3, 4, 5)
	days(t, db, "O2", "U1", "2024-01-01", 30, 40, 50)
	v := build(t, db, "2024-01-22", "2024-01-23", func(b *Build) { b.Users, b.Hours = true, true })[0]
	runScript(t, db, sqlgen.Schedule.Daily, "2024-01-22", "00:30:00")
	for _, c := range []struct {
		table warehouse.Table
		want  int
	}{
		{warehouse.BaselinesOrg, len(v.Orgs)}, {warehouse.BaselinesUser, len(v.Users)},
		{warehouse.BaselinesHour, len(v.Hours)},
	} {
		if c.want == 0 {
			t.Errorf("%s: no rows to compare", c.table)
		}
		equal(t, string(c.table), texts(t, db, fmt.Sprintf("SELECT CAST(COUNT(*) AS VARCHAR) FROM %s", c.table)),
			fmt.Sprint(c.want))
	}
	var hours []string
	for _, h := range v.Hours {
		hours = append(hours, fmt.Sprintf("%s %s %03d %d %.6f", h.OrgId, h.Metric, h.HourOfWeek, h.Weeks, h.Factor))
	}
	equal(t, "hours", texts(t, db, "SELECT format('{} {} {:03d} {} {:.6f}', org_id, metric, hour_of_week, weeks, "+
		"factor) FROM baselines_hour ORDER BY org_id, metric, hour_of_week"), hours...)
}

// TestHourlyScript: a slice of the hour that is over becomes its row, and the live rows are those of the hour that
// begins.
func TestHourlyScript(t *testing.T) {
	db := openFile(t, "")
	twoWeeks(t, db, "O1", 1)
	crowd(t, db, "O1", "2024-01-22T09", 40)
	var rows []proto.Message
	for i := range 20 {
		s := slice(t, "2024-01-22T10:30:00", calls("browser", "m", 2, 0)).(*aerv1.Slice)
		s.UserId = fmt.Sprint("U", i)
		rows = append(rows, s)
	}
	must(t, db.Append(t.Context(), warehouse.Activity, rows...))
	query := `SELECT format('{} {} {} {:.4f} {:.4f}', CAST(valid_from AS TIME), metric, observed, expected, factor) FROM baselines_live ORDER BY valid_from, metric`
	want := []string{"11:15:00 calls 120.0 60.0000 2.0000", "11:15:00 users 60.0 30.0000 2.0000"}
	runScript(t, db, sqlgen.Schedule.Hourly, "2024-01-22", "11:15:00")
	equal(t, "live rows", texts(t, db, query), want...)
	crowd(t, db, "O1", "2024-01-22T08", 9) // comes to light later
	runScript(t, db, sqlgen.Schedule.Hourly, "2024-01-22", "11:16:00")
	equal(t, "run again", texts(t, db, query), want...)
}
