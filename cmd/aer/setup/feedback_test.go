// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package setup

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/aer-project/aer/cmd/aer/config"
	"github.com/aer-project/aer/pipelines/baseline"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/duckdb"
	"github.com/aer-project/aer/sinks/warehouse/feedback"
)

var (
	day = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	tor = &aerv1.Anomaly{Id: "a1", Type: aerv1.TypeTor, OrgId: "O1", UserId: "ada", Severity: "high",
		Time: aerv1.Time(day.Add(33 * time.Hour)), KnownAt: aerv1.Time(day.Add(33 * time.Hour))}
	later = day.AddDate(0, 0, 20) // the days are in the history: it ends a week before
)

// opened is a run that observes on dir.
func opened(t *testing.T, dir string) *Parts {
	t.Helper()
	c := config.Default()
	c.Out = dir
	o, err := Build(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func closed(t *testing.T, o *Parts) {
	t.Helper()
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
}

// days writes two days of ada: 3 downloads, and 90 on the day of the anomaly.
func days(t *testing.T, o *Parts) {
	t.Helper()
	for i, n := range []int{3, 90} {
		h := day.AddDate(0, 0, i).Add(9 * time.Hour)
		s := &aerv1.Slice{OrgId: "O1", UserId: "ada", UserType: aerv1.UserMember, WindowStartMs: h.UnixMilli(),
			WindowMs: 10_000, Events: uint32(n), Downloads: &aerv1.ObjectSet{}}
		for k := range n {
			s.Downloads.Hashes = append(s.Downloads.Hashes, uint64(k+1))
		}
		if err := o.Output.Warehouse.Append(t.Context(), warehouse.Activity, s); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.Output.Warehouse.Append(t.Context(), warehouse.Anomalies, tor); err != nil {
		t.Fatal(err)
	}
}

func say(t *testing.T, dir, verdict string, n int) {
	t.Helper()
	f, err := feedback.New(tor, verdict, "kim", "asked her", later.Add(time.Duration(n)*time.Minute))
	if err == nil {
		err = feedback.Append(dir, f)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// mostDownloads is the largest day of ada that a baseline built from the warehouse has learnt.
func mostDownloads(t *testing.T, dir string) (most float64) {
	t.Helper()
	out, err := baseline.FromWarehouse(t.Context(), filepath.Join(dir, DuckDBFile),
		baseline.Learn{AsOf: later, People: true})
	if err != nil || len(out.Versions) != 1 {
		t.Fatalf("%d versions, %v", len(out.Versions), err)
	}
	for _, u := range out.Versions[0].Users {
		if u.GetUserId() == "ada" && u.GetHorizon() == "24h" {
			most = max(most, u.GetMax())
		}
	}
	return most
}

func TestAConfirmedAttackIsNotLearnt(t *testing.T) {
	dir := t.TempDir()
	o := opened(t, dir)
	days(t, o)
	closed(t, o)
	for i, c := range []struct {
		verdict string
		running bool // while a run has the warehouse; else it is found beside the file
		want    float64
	}{{"", false, 90}, {aerv1.VerdictTruePositive, true, 3}, {aerv1.VerdictFalsePositive, false, 90},
		{aerv1.VerdictTruePositive, false, 3}} {
		if c.running {
			o = opened(t, dir)
		}
		if c.verdict != "" {
			say(t, dir, c.verdict, i)
		}
		if c.running {
			closed(t, o)
		}
		if got := mostDownloads(t, dir); got != c.want {
			t.Errorf("after %q: the largest day that was learnt is %g, want %g", c.verdict, got, c.want)
		}
	}
}

// Runs and builds one after the other bring each row once, and the file stays what people wrote.
func TestFeedbackIsBroughtOnce(t *testing.T) {
	dir := t.TempDir()
	o := opened(t, dir)
	say(t, dir, aerv1.VerdictTruePositive, 0)
	closed(t, o)
	closed(t, opened(t, dir))
	db, err := duckdb.Open(t.Context(), filepath.Join(dir, DuckDBFile), duckdb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.SQL().QueryRowContext(t.Context(), "SELECT COUNT(*) FROM feedback").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
	if all, err := feedback.Read(dir); err != nil || len(all) != 1 {
		t.Errorf("%d in the file, %v", len(all), err)
	}
}
