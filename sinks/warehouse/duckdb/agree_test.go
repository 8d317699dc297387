// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package duckdb

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/activity/activitytest"
	"github.com/aer-project/aer/transforms/profile"
)

const (
	fiveMS = int64(5 * 60 * 1000)
	dayMS  = int64(24 * 60 * 60 * 1000)
)

// dayValue names a value of a day: user, day, metric and horizon.
type dayValue struct {
	org, user       string
	day             int64
	metric, horizon string
}

// TestSQLAndProfileMeasureTheSame runs one stream of events through the live profile and through the SQL. The profile
// slides its windows and the SQL goes by the clock, so they are compared where they must agree: at the ends of the
// clock's windows.
func TestSQLAndProfileMeasureTheSame(t *testing.T) {
	for seed := range uint64(2) {
		events := activitytest.Stream{Seed: seed, Events: 2000, Users: 3, Objects: 300, Span: 12 * 24 * time.Hour}.Make()
		if seed == 1 {
			absence(events)
		}
		batch := sliced(events)
		want, active := byProfile(batch)
		got := bySQL(t, batch)
		compared := map[string]int{}
		for k, v := range want {
			if !active[dayValue{org: k.org, user: k.user, day: k.day}] {
				continue // the SQL has rows for days on which somebody was there
			}
			if got[k] != v {
				t.Errorf("seed %d: %+v is %g in SQL, %g in the profile", seed, k, got[k], v)
			}
			compared[k.metric+" "+k.horizon]++
		}
		for m := range profile.MetricCount {
			if name := metricName(m) + " " + m.Horizon(); compared[name] == 0 {
				t.Errorf("seed %d: %s was never compared", seed, name)
			}
		}
	}
}

// absence moves what happened in the last days away by twenty more: objects touched before are still known afterwards.
func absence(events []*aerv1.Event) {
	from := activitytest.Monday.Add(6 * 24 * time.Hour)
	for _, ev := range events {
		if at := ev.Time.AsTime(); at.After(from) {
			ev.Time = aerv1.Time(at.AddDate(0, 0, 20))
		}
	}
}

// sliced gives the slices of events in the order of their windows. All come from one class of client, because the
// profile adds up the classes; and none in the first second of five minutes, which the profile, counting in seconds,
// gives to the window before.
func sliced(events []*aerv1.Event) *aerv1.Batch {
	acc := activity.NewAccumulator(10_000)
	for _, ev := range events {
		ev.Client.Facts = &aerv1.ClientFacts{Class: aerv1.ClassBrowser, Family: "chrome"}
		if ev.Time.AsTime().UnixMilli()%fiveMS >= 1000 {
			acc.Add(ev)
		}
	}
	b := acc.Batch()
	slices.SortStableFunc(b.Slices, func(a, b *aerv1.Slice) int { return int(a.WindowStartMs - b.WindowStartMs) })
	return b
}

// metricName is the metric of the baselines that a metric of the profile is compared with.
func metricName(m profile.Metric) string { return strings.TrimSuffix(m.String(), "_"+m.Horizon()) }

// byProfile applies the slices and reads each metric whenever a window of its horizon ends (weeks end every day): the
// largest of a day. active holds the days on which the user did anything.
func byProfile(b *aerv1.Batch) (values map[dayValue]float64, active map[dayValue]bool) {
	values, active = map[dayValue]float64{}, map[dayValue]bool{}
	users := map[string][]*aerv1.Slice{}
	for _, s := range b.Slices {
		users[s.OrgId+" "+s.UserId] = append(users[s.OrgId+" "+s.UserId], s)
		active[dayValue{org: s.OrgId, user: s.UserId, day: s.WindowStartMs / dayMS}] = true
	}
	for _, list := range users {
		p := profile.New(aerv1.OrgID(list[0].OrgId), aerv1.UserID(list[0].UserId))
		slices.SortFunc(list, func(a, b *aerv1.Slice) int { return int(a.WindowStartMs - b.WindowStartMs) })
		end := list[0].WindowStartMs / dayMS * dayMS
		for len(list) > 0 || end%dayMS != 0 {
			end += fiveMS
			for len(list) > 0 && list[0].WindowStartMs < end {
				profile.Apply(p, list[0])
				list = list[1:]
			}
			for m := range profile.MetricCount {
				if end%min(m.HorizonMS(), dayMS) == 0 {
					k := dayValue{p.OrgID, p.UserID, (end - 1) / dayMS, metricName(m), m.Horizon()}
					values[k] = max(values[k], float64(m.Value(p, end)))
				}
			}
		}
	}
	return values, active
}

func bySQL(t *testing.T, b *aerv1.Batch) map[dayValue]float64 {
	t.Helper()
	db := openFile(t, "")
	var rows []proto.Message
	for _, s := range b.Slices {
		rows = append(rows, s, s) // delivered twice
	}
	if err := db.Append(t.Context(), warehouse.Activity, rows...); err != nil {
		t.Fatal(err)
	}
	first, last, _, err := db.ActivitySpan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := db.RefreshActivity(t.Context(), first, last.Add(1)); err != nil {
		t.Fatal(err)
	}
	got := map[dayValue]float64{}
	for _, line := range texts(t, db, `SELECT concat_ws(' ', org_id, user_id, epoch_ms(day) // 86400000, v.metric, v.horizon, v.value)
		FROM activity_daily_v CROSS JOIN UNNEST("values") AS u(v)`) {
		var k dayValue
		var v float64
		if _, err := fmt.Sscan(line, &k.org, &k.user, &k.day, &k.metric, &k.horizon, &v); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		got[k] = v
	}
	return got
}
