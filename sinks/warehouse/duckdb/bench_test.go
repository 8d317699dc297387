// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package duckdb

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
)

// synthetic gives n slices of as many events by 3,700 people of 29 organisations over the given days: ten events on
// each day on which somebody is there, in two hours of it, which is how sparse the labelled set is too.
func synthetic(n, days int) []proto.Message {
	rng := rand.New(rand.NewPCG(1, 2))
	start := time.Date(2018, 6, 1, 0, 0, 0, 0, time.UTC)
	families := []string{"chrome", "firefox", "slack-desktop", "safari"}
	out := make([]proto.Message, n)
	user, morning := 0, start
	for i := range out {
		if i%10 == 0 {
			user = int(3700 * rng.Float64() * rng.Float64()) // some do much, most do little
			first := (user * 97) % days
			morning = start.Add(time.Duration(first+rng.IntN(days-first))*day + 8*time.Hour)
		}
		at := morning.Add(time.Duration(rng.IntN(7200)) * time.Second)
		s := &aerv1.Slice{OrgId: fmt.Sprint("O", user%29), UserId: fmt.Sprint("U", user), UserType: aerv1.UserMember,
			WindowStartMs: at.UnixMilli(), WindowMs: 10_000, Events: 1}
		s.Refs = []*aerv1.EventRef{{Id: fmt.Sprint("e-", i), TimeMs: at.UnixMilli()}}
		s.Last = s.Refs[0]
		family := families[user%4]
		s.Facets = []*aerv1.Facet{{SessionId: fmt.Sprint("S", user, at.YearDay()), Events: 1,
			Client: &aerv1.FacetClient{Ip: "192.0.2.1", Family: family, Class: aerv1.ClassBrowser, Ja4: family + "-ja4",
				Asn: uint32(user % 50)}}}
		switch i % 3 {
		case 0:
			s.Downloads = &aerv1.ObjectSet{Hashes: []uint64{rng.Uint64()}}
			s.DownloadBytes = rng.Uint64N(1 << 20)
		case 1:
			s.Reads = &aerv1.ObjectSet{Hashes: []uint64{rng.Uint64()}}
		default:
			s.Methods = []*aerv1.MethodCount{{Class: aerv1.ClassBrowser, Method: fmt.Sprint("m", rng.IntN(16)), Calls: 1}}
		}
		out[i] = s
	}
	return out
}

func appendAll(b *testing.B, db *DB, rows []proto.Message, batch int) {
	b.Helper()
	for len(rows) > 0 {
		n := min(batch, len(rows))
		if err := db.Append(b.Context(), warehouse.Activity, rows[:n]...); err != nil {
			b.Fatal(err)
		}
		rows = rows[n:]
	}
}

// BenchmarkAppendActivity shows what a batch size buys: every call is a transaction.
func BenchmarkAppendActivity(b *testing.B) {
	rows := synthetic(20_000, 100)
	for _, batch := range []int{10, 100, 1000, 10_000} {
		b.Run(fmt.Sprint("batch=", batch), func(b *testing.B) {
			for range b.N {
				db := openFile(b, filepath.Join(b.TempDir(), "w.duckdb"))
				take := rows[:min(len(rows), batch*100)]
				b.ResetTimer()
				appendAll(b, db, take, batch)
				b.ReportMetric(float64(len(take))*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			}
		})
	}
}

// BenchmarkBaselines is five and a half years of 400,000 events: derive hours and days, then a version for every day.
func BenchmarkBaselines(b *testing.B) {
	for _, n := range []int{40_000, 400_000} {
		b.Run(fmt.Sprint("events=", n), func(b *testing.B) {
			rows := synthetic(n, 2000)
			for range b.N {
				db := openFile(b, filepath.Join(b.TempDir(), "w.duckdb"))
				start := time.Now()
				lap := func(what string) {
					b.ReportMetric(time.Since(start).Seconds(), what+"_s")
					start = time.Now()
				}
				appendAll(b, db, rows, 10_000)
				lap("append")
				first := time.Date(2018, 6, 1, 0, 0, 0, 0, time.UTC)
				if err := db.RefreshActivity(b.Context(), first, first.AddDate(0, 0, 2000)); err != nil {
					b.Fatal(err)
				}
				lap("refresh")
				versions := 0
				err := db.BuildBaselines(b.Context(), Build{From: first, Until: first.AddDate(0, 0, 2000)},
					func(*aerv1.Baseline) error { versions++; return nil })
				if err != nil {
					b.Fatal(err)
				}
				lap("build")
				b.ReportMetric(float64(versions), "versions")
			}
		})
	}
}
