// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// rollingOf gives the versions of the days of events, with or without the newest day kept back.
func rollingOf(t testing.TB, in Events, back bool) (versions []*aerv1.Baseline, warehouse bool) {
	t.Helper()
	h, err := Record(context.Background(), in, Learn{}, back)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	out, err := h.Rolling(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return out.Versions, h.db != nil
}

// named gives the events of life facts, so that fingerprints are learnt as well.
func named(ev *aerv1.Event) {
	ev.Client.Ja4 = "t13d1717h2_a_" + ev.UserId
	ev.Client.Facts = &aerv1.ClientFacts{Family: "firefox", Class: aerv1.ClassBrowser}
}

// TestTheNewestDayTeachesNobody: keeping it back changes no version, whatever days there are, also where somebody's
// events come late or their clock is years ahead.
func TestTheNewestDayTeachesNobody(t *testing.T) {
	dir := t.TempDir()
	budget := 4 // each check opens databases
	rapid.Check(t, func(rt *rapid.T) {
		days := rapid.SampledFrom([]int{1, 2, 3, 9, 24}).Draw(rt, "days")
		events := rapid.IntRange(1, 3).Draw(rt, "events a day")
		late := rapid.IntRange(0, days-1).Draw(rt, "day of which a part comes last")
		ahead := rapid.Bool().Draw(rt, "clock ahead")
		if budget--; budget < 0 {
			return
		}
		var lines, last []string
		for d := range days {
			for n := range events {
				lines = append(lines, line("ada", d, n), line("bela", d, n))
				if d == late {
					last = append(last, line("cleo", d, n))
				}
			}
		}
		if ahead {
			lines = append(lines, line("dora", 400, 0))
		}
		in := files(t, dir, slices.Concat(lines, last))
		in.Enrich = named
		want, _ := rollingOf(t, in, false)
		got, _ := rollingOf(t, in, true)
		if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
			rt.Fatal(diff)
		}
		if days > 2 && len(want) == 0 {
			rt.Fatal("nothing is learnt: the test says little")
		}
	})
}

// TestAStreamOfOneDayNeedsNoWarehouse: no version stands on it.
func TestAStreamOfOneDayNeedsNoWarehouse(t *testing.T) {
	var lines []string
	for n := range 50 {
		lines = append(lines, line("ada", 0, n))
	}
	if versions, warehouse := rollingOf(t, files(t, t.TempDir(), lines), true); len(versions) > 0 || warehouse {
		t.Errorf("%d versions, a warehouse: %v", len(versions), warehouse)
	}
}

// BenchmarkRolling is what replays of a stream learn first, of 20,000 events of 500 people: all on one day, on which
// nothing is learnt, or over five weeks.
func BenchmarkRolling(b *testing.B) {
	for _, days := range []int{1, 35} {
		b.Run(fmt.Sprint("days=", days), func(b *testing.B) {
			const events = 20_000
			lines := make([]string, 0, events)
			for i := range events {
				d := i * days / events
				lines = append(lines, strings.Replace(line(fmt.Sprint("u", i%500), d, i/500%80), `"org_id":"O"`,
					fmt.Sprintf(`"org_id":"O%d"`, i%500%10), 1))
			}
			in := files(b, b.TempDir(), lines)
			in.Enrich = named
			b.ReportAllocs()
			start := time.Now()
			for b.Loop() {
				if versions, _ := rollingOf(b, in, true); days > 1 && len(versions) == 0 {
					b.Fatal("nothing learnt")
				}
			}
			b.ReportMetric(float64(b.N)*events/time.Since(start).Seconds(), "events/s")
		})
	}
}
