// SPDX-License-Identifier: Apache-2.0

package local

import (
	"runtime"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/activity/activitytest"
	"github.com/aer-project/aer/transforms/detector"
)

// TestMemoryFollowsUsersAndNotTime: with the same users, the tenth month needs no more than the second.
func TestMemoryFollowsUsersAndNotTime(t *testing.T) {
	e := NewEngine(Config{Detectors: detector.NewSet(detector.All(), nil), Workers: 2})
	var early uint64
	const months, month = 10, 30 * 24 * time.Hour
	for m := range months {
		start := activitytest.Monday.Add(time.Duration(m) * month)
		for day := range 30 {
			e.Add(activitytest.Stream{
				Seed: uint64(m*30 + day), Events: 200, Users: 50, Objects: 300,
				Start: start.Add(time.Duration(day) * 24 * time.Hour), Span: 24 * time.Hour,
			}.Make())
			for _, s := range e.shards {
				// A window stays open for the lateness and its own length.
				if most := int(activity.DefaultLateness/(10*time.Second)) + 2; len(s.windows.open) > most || len(s.pending) != 0 ||
					len(s.found) != 0 {
					t.Fatalf("%d open windows, at most %d; %d pending, %d found", len(s.windows.open), most, len(s.pending), len(s.found))
				}
			}
			if n := len(e.held); n > 500 {
				t.Fatalf("%d findings held", n)
			}
		}
		if m == 1 {
			early = heap()
		}
	}
	late := heap()
	t.Logf("heap %d KB after two months, %d KB after ten", early>>10, late>>10)
	if late > early+early/2+4<<20 {
		t.Errorf("heap %d KB after two months, %d KB after ten", early>>10, late>>10)
	}
	runtime.KeepAlive(e)
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestUsersWhoStayAwayAreForgotten after half a year, while others go on.
func TestUsersWhoStayAwayAreForgotten(t *testing.T) {
	e := NewEngine(Config{Detectors: detector.NewSet(detector.All(), nil), Shards: 1, Quorum: 1})
	day := func(d int, user string) *aerv1.Event {
		return &aerv1.Event{Id: user, Time: aerv1.Time(activitytest.Monday.AddDate(0, 0, d)), OrgId: "O", UserId: user,
			Action: "user_login"}
	}
	e.Add([]*aerv1.Event{day(0, "gone"), day(0, "here")})
	for d := 1; d < 190; d++ {
		e.Add([]*aerv1.Event{day(d, "here")})
	}
	if n := e.Profiles(); n != 1 {
		t.Errorf("%d profiles, want that of the one who is still here", n)
	}
}
