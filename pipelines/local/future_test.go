// SPDX-License-Identifier: Apache-2.0

package local_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// stranger does something far in the future, without being conspicuous.
func stranger(user string, n int) *aerv1.Event {
	return &aerv1.Event{
		Id: fmt.Sprint(user, n), Time: aerv1.Time(monday.AddDate(30, 0, n)), OrgId: "elsewhere", UserId: user,
		SessionId: "S-" + user, Action: "message_posted",
	}
}

// TestTheFutureOfAFewChangesNothingForOthers: wherever in the stream some events of one or two users lie years ahead,
// what is found about all others stays the same, and nothing of theirs is late.
func TestTheFutureOfAFewChangesNothingForOthers(t *testing.T) {
	s := simulation(t)
	want, _ := s.run(t, local.Config{Workers: 2}, pieces(900))
	if strings.Count(want, "\n") < 5 {
		t.Fatal("hardly any anomalies: the test says nothing")
	}
	for name, c := range map[string]struct {
		future []*aerv1.Event
		places []int // in per cent of the stream
	}{
		"one, first":         {[]*aerv1.Event{stranger("x", 0)}, []int{0}},
		"one, in the middle": {[]*aerv1.Event{stranger("x", 0)}, []int{50}},
		"two of one user":    {[]*aerv1.Event{stranger("x", 0), stranger("x", 1)}, []int{10, 20}},
		"many of two users": {[]*aerv1.Event{stranger("x", 0), stranger("y", 1), stranger("x", 2), stranger("y", 3),
			stranger("x", 4)},
			[]int{0, 0, 30, 30, 60}},
	} {
		t.Run(name, func(t *testing.T) {
			in := stream{enrich: s.enrich, events: slices.Clone(s.events)}
			for i, ev := range c.future {
				in.events = slices.Insert(in.events, c.places[i]*len(s.events)/100, ev)
			}
			got, _ := in.run(t, local.Config{Workers: 2}, pieces(900))
			if got != want {
				t.Errorf("other anomalies: %s", firstDifference(want, got))
			}
			e := local.NewEngine(local.Config{})
			for rest := in.events; len(rest) > 0; rest = rest[min(len(rest), 900):] {
				e.Add(rest[:min(len(rest), 900)])
			}
			if e.Late() != 0 {
				t.Errorf("%d events are late", e.Late())
			}
		})
	}
}

// TestSeveralUsersMoveTime: after a gap of weeks the third user who comes back closes what was before, and what comes
// then from before is late and counted.
func TestSeveralUsersMoveTime(t *testing.T) {
	slices := 0
	e := local.NewEngine(local.Config{Shards: 1, Slices: func(*aerv1.Slice) { slices++ }})
	e.Add([]*aerv1.Event{download("a", "F", 0), download("b", "F", 0), download("c", "F", 0)})
	const weeks = 3 * 7 * 24 * time.Hour
	for i, want := range []int{0, 0, 3} {
		e.Add([]*aerv1.Event{download([]string{"a", "b", "c"}[i], "F", weeks)})
		if slices != want {
			t.Errorf("%d slices are closed after %d users came back, want %d", slices, i+1, want)
		}
	}
	if e.Add([]*aerv1.Event{download("d", "F", 0)}); e.Late() != 1 {
		t.Errorf("%d events are late, want 1", e.Late())
	}
	e.Close()
	if slices != 7 {
		t.Errorf("%d slices in the end, want 7: nothing is lost", slices)
	}
}

// TestAFileOfOneUser is judged as a whole, and is not held in memory as a whole.
func TestAFileOfOneUser(t *testing.T) {
	closed, held := 0, 0
	e := local.NewEngine(local.Config{Shards: 1, Slices: func(*aerv1.Slice) { closed++ }})
	for i := range 5000 {
		e.Add([]*aerv1.Event{download("a", "F", time.Duration(i)*time.Minute)})
		held = max(held, i+1-closed)
	}
	e.Close()
	if closed != 5000 || held > 1100 || e.Late() != 0 {
		t.Errorf("%d slices, at most %d open, %d late", closed, held, e.Late())
	}
}
