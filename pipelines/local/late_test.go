// SPDX-License-Identifier: Apache-2.0

package local_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity/activitytest"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/detector"
)

var monday = activitytest.Monday

// download is one file taken by a user, a while after monday noon.
func download(user, file string, after time.Duration) *aerv1.Event {
	return &aerv1.Event{
		Id: fmt.Sprintf("%s-%s-%d", user, file, after), Time: aerv1.Time(monday.Add(after)), OrgId: "O", UserId: user,
		SessionId: "S-" + user,
		Action:    "file_downloaded", Object: &aerv1.Object{Type: "file", Id: file},
		Client: &aerv1.Client{Ip: "203.0.113.9", UserAgent: "Mozilla/5.0",
			Facts: &aerv1.ClientFacts{Class: "browser", Family: "firefox"}},
	}
}

// past makes a user known for three weeks.
func past(user string) []*aerv1.Event {
	var out []*aerv1.Event
	for d := -21; d < 0; d++ {
		out = append(out, download(user, "known", time.Duration(d)*24*time.Hour))
	}
	return out
}

func engine(cfg local.Config) *local.Engine {
	cfg.Detectors = detector.NewSet(detector.All(), nil)
	return local.NewEngine(cfg)
}

// TestWhatComesAfterTheLatenessCountsAndIsMarked: a theft that arrives an hour late is found, by both lanes, whoever
// else is in the shard. It is marked as late if something later is known of the thief, not of others.
func TestWhatComesAfterTheLatenessCountsAndIsMarked(t *testing.T) {
	for name, c := range map[string]struct {
		shards int
		later  string
		late   bool
	}{"one shard": {1, "thief", true}, "64 shards": {64, "thief", true}, "one shard, others later": {1, "other", false},
		"64 shards, others later": {64, "other", false}} {
		t.Run(name, func(t *testing.T) {
			e := engine(local.Config{Shards: c.shards, Quorum: 1})
			e.Add(append(past("thief"), past("other")...))
			e.Add([]*aerv1.Event{download(c.later, "known", time.Hour)})
			if found := e.Add([]*aerv1.Event{download("other", "known", 2*time.Hour)}); len(found) != 0 {
				t.Fatalf("found %v", found)
			}
			var late []*aerv1.Event
			for i := range 100 {
				late = append(late, download("thief", fmt.Sprint("F", i), time.Duration(i)*2*time.Second))
			}
			late[50].Client.Facts.Tor = true
			found := e.Add(late)
			types := map[string]int{}
			for _, a := range found {
				types[a.Type]++
				if single := a.Window.Start.AsTime().Equal(a.Window.End.AsTime()); a.Late != (c.late && !single) {
					t.Errorf("%s known at %v is marked %v", a.Type, a.KnownAt.AsTime(), a.Late)
				}
			}
			// Tor by the fast lane, and by the slow one that knows the user
			if types["tor"] != 2 || types["excessive_downloads"] == 0 {
				t.Errorf("found %v at once", types)
			}
			if e.Late() != len(late) {
				t.Errorf("%d events counted as late, want %d", e.Late(), len(late))
			}
			if found := e.Close(); len(found) != 0 {
				t.Errorf("%d more at the end: late findings must not wait", len(found))
			}
		})
	}
}

func TestWithinTheLatenessNothingIsLate(t *testing.T) {
	e := engine(local.Config{Lateness: time.Hour, Quorum: 1})
	found := e.Add(append(past("thief"), download("thief", "known", time.Hour)))
	var burst []*aerv1.Event
	for i := range 100 {
		burst = append(burst, download("thief", fmt.Sprint("F", i), time.Duration(i)*2*time.Second))
	}
	found = append(append(found, e.Add(burst)...), e.Close()...)
	if len(found) == 0 {
		t.Fatal("nothing found")
	}
	for _, a := range found {
		if a.Late {
			t.Errorf("%s known at %v is marked late", a.Type, a.KnownAt.AsTime())
		}
	}
}

// TestFindingsLeaveWhenNothingEarlierCanCome: an event exactly as late as allowed may still bring a finding that sorts
// before one at the same time.
func TestFindingsLeaveWhenNothingEarlierCanCome(t *testing.T) {
	visit := func(user string, after time.Duration) *aerv1.Event {
		ev := download(user, "known", after)
		ev.Client.Facts.Tor = true
		return ev
	}
	e := engine(local.Config{Lateness: time.Minute, Quorum: 1})
	found := e.Add([]*aerv1.Event{visit("a", 0), download("b", "known", time.Minute)})
	if len(found) != 0 {
		t.Errorf("%d findings left at the watermark", len(found))
	}
	for _, user := range []string{"c", "d", "e", "f"} {
		found = append(found, e.Add([]*aerv1.Event{visit(user, 0)})...)
	}
	found = append(found, e.Close()...)
	if len(found) != 10 || !slices.IsSortedFunc(found, decision.CompareAnomalies) { // each by both lanes
		t.Errorf("%d findings, in order: %v", len(found), slices.IsSortedFunc(found, decision.CompareAnomalies))
	}
}

func TestSlicesSeesEverySliceOnce(t *testing.T) {
	events := uint32(0)
	e := engine(local.Config{Slices: func(s *aerv1.Slice) { events += s.Events }}) // one worker: no lock needed
	in := activitytest.Stream{Seed: 1, Events: 3000, Users: 20, Span: 3 * time.Hour}.Make()
	for rest := in; len(rest) > 0; rest = rest[min(len(rest), 70):] {
		e.Add(rest[:min(len(rest), 70)])
	}
	e.Close()
	if events != 3000 || e.Profiles() != 20 {
		t.Errorf("slices hold %d of 3000 events, %d profiles of 20", events, e.Profiles())
	}
}
