// SPDX-License-Identifier: Apache-2.0

package event

import (
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

const (
	// headRecords are looked at to tell whether a file is in order of time or newest first.
	headRecords = 512
	// newestFirstMax bounds the records of a file that is turned around in memory, at 1 to 2 KB each. What a longer file
	// holds behind them comes as it is, and is late.
	newestFirstMax = 500_000
	// downShare of the steps between different times go back in a file that is newest first: pages overlap, clocks differ.
	downShare = 0.9
)

// source gives events and dead letters one by one; false is the end.
type source interface {
	Next() (*aerv1.Event, *aerv1.DeadLetter, bool)
}

// turned reads a file in order of time even if it was written newest first, as the Slack API answers and saved pages
// stay. Only files are worth looking ahead in: a stream would have to wait for its next events.
type turned struct {
	in    source
	max   int
	begun bool
	ahead []record
}

// record is one of the two.
type record struct {
	ev   *aerv1.Event
	dead *aerv1.DeadLetter
}

// Next implements source.
func (t *turned) Next() (*aerv1.Event, *aerv1.DeadLetter, bool) {
	if !t.begun {
		t.begun = true
		t.read(headRecords)
		if newestFirst(t.ahead) {
			t.read(t.max)
			slices.SortStableFunc(t.ahead, compareRecords)
		}
	}
	if len(t.ahead) > 0 {
		r := t.ahead[0]
		t.ahead[0], t.ahead = record{}, t.ahead[1:]
		return r.ev, r.dead, true
	}
	return t.in.Next()
}

// read reads on until there are so many records.
func (t *turned) read(n int) {
	for len(t.ahead) < n {
		ev, dead, ok := t.in.Next()
		if !ok {
			return
		}
		t.ahead = append(t.ahead, record{ev, dead})
	}
}

// compareRecords orders as events are processed, dead letters first.
func compareRecords(a, b record) int {
	switch {
	case a.ev != nil && b.ev != nil:
		return Compare(a.ev, b.ev)
	case a.ev != nil:
		return 1
	case b.ev != nil:
		return -1
	}
	return 0
}

// newestFirst says whether the events among records go back in time, by more than disorder does.
func newestFirst(records []record) bool {
	var events []*aerv1.Event
	for _, r := range records {
		if r.ev != nil {
			events = append(events, r.ev)
		}
	}
	n := len(events)
	if n < 2 || events[0].Time.AsTime().Sub(events[n-1].Time.AsTime()) <= DefaultReorderDelay {
		return false
	}
	steps, down := 0, 0
	for i := 1; i < n; i++ {
		if c := compareTime(events[i], events[i-1]); c != 0 {
			steps++
			if c < 0 {
				down++
			}
		}
	}
	return float64(down) >= downShare*float64(steps)
}
