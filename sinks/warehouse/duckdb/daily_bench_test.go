// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package duckdb

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// generatedDays are the days of generate: the four weeks of a habit and the week after them.
const generatedDays = 36

// generate fills activity with n slices of one event by 50,000 people of 100 organisations: eleven on each day on which
// somebody is there, within ten hours.
func generate(b *testing.B, db *DB, first time.Time, n int) {
	b.Helper()
	const query = `INSERT INTO activity BY NAME
SELECT md5(CAST(i AS VARCHAR)) AS id, t AS time, 'O' || (u %% 100) AS org_id, 'U' || u AS user_id, 'member' AS user_type,
  epoch_ms(t) AS window_start_ms, 10000 AS window_ms, 1 AS events, [{'id': 'e-' || i, 'time_ms': epoch_ms(t)}] AS refs,
  [{'session_id': 'S' || u || '-' || d, 'client': {'ip': '192.0.2.' || (u %% 250), 'user_agent': '', 'device_id': 'D' || u,
    'ja4': 't13d151' || (u %% 9) || 'h2_8daaf6152771_' || (u %% 5), 'asn': u %% 50, 'country': 'DE', 'class': 'browser',
    'family': ['chrome', 'edge', 'firefox', 'safari'][u %% 4 + 1], 'version': '128', 'os': 'linux', 'hosting': false},
    'first_ms': 0, 'last_ms': 0, 'first_event_id': '', 'last_event_id': '', 'events': 1, 'login': false, 'cookie_min_ms': 0,
    'cookie_max_ms': 0, 'downloads': 0, 'reads': 0, 'calls': 0}] AS facets,
  CASE WHEN i %% 3 = 2 THEN [{'class': 'browser', 'method': 'm' || (h %% 16), 'calls': 1, 'errors': 0, 'rate_limited': 0,
    'call_ids': [i], 'sketched': false}] ELSE [] END AS methods,
  CASE WHEN i %% 3 = 0 THEN {'hashes': [CAST(hash(h %% 5000) >> 1 AS BIGINT)], 'sketched': false} END AS downloads,
  CASE WHEN i %% 3 = 1 THEN {'hashes': [CAST(hash(h %% 5000) >> 1 AS BIGINT)], 'sketched': false} END AS reads,
  CASE WHEN i %% 3 = 0 THEN h %% 1000000 ELSE 0 END AS download_bytes, 100 AS bytes, '' AS actor_kind
FROM (SELECT *, CAST($1 AS TIMESTAMP) + INTERVAL (d) DAY + INTERVAL (28800 + h %% 3600 * 10) SECOND AS t
  FROM (SELECT i, CAST(hash(i // 11) %% 50000 AS BIGINT) AS u, i * %[1]d // %[2]d AS d, CAST(hash(i) >> 1 AS BIGINT) AS h
    FROM range(%[2]d) AS r(i)))`
	if _, err := db.sql.ExecContext(b.Context(), fmt.Sprintf(query, generatedDays, n), first); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkDailyBuild derives all hours and days of a table, and a version without rows of single people: what a build
// on a warehouse costs. The aim is 10 million rows in a minute and 1 GB on two cores:
//
//	go test -run xxx -bench 'DailyBuild/rows=10000000' -benchtime 1x -timeout 1h ./sinks/warehouse/duckdb
func BenchmarkDailyBuild(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000, 10_000_000} {
		b.Run(fmt.Sprint("rows=", n), func(b *testing.B) {
			if testing.Short() && n > 100_000 {
				b.Skip("takes a minute and more")
			}
			first := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
			end := first.AddDate(0, 0, generatedDays)
			db := openFile(b, filepath.Join(b.TempDir(), "w.duckdb"))
			generate(b, db, first, n)
			versions := 0
			before := forgetPeak(b)
			for b.Loop() {
				if err := db.RefreshActivity(b.Context(), first, end); err != nil {
					b.Fatal(err)
				}
				err := db.BuildBaselines(b.Context(), Build{From: end, Until: end.Add(day), Live: true},
					func(*aerv1.Baseline) error { versions++; return nil })
				if err != nil {
					b.Fatal(err)
				}
			}
			if versions != b.N {
				b.Errorf("%d versions of %d builds", versions, b.N)
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric((processorTime(b)-before).Seconds()/float64(b.N), "cpu-s/op")
			if raw, err := os.ReadFile("/proc/self/status"); err == nil {
				var kb float64
				_, after, _ := strings.Cut(string(raw), "VmHWM:")
				if _, err := fmt.Sscan(after, &kb); err == nil {
					b.ReportMetric(kb/1024, "peak_MB")
				}
			}
		})
	}
}

// forgetPeak makes the largest memory of the process so far the present one, where that is possible (Linux): making the
// rows takes memory of its own. It gives the processor time until now.
func forgetPeak(b *testing.B) time.Duration {
	b.Helper()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o600)
	return processorTime(b)
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
