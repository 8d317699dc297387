// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// StaleAfter is how long after its end a version is still taken for the current one: the job that writes the next runs
// in the first hours of the day.
const StaleAfter = 6 * time.Hour

const day = 24 * time.Hour

// Valid is the interval of event time that the version was made for; until is zero where it is open.
func (x *Index) Valid() (from, until time.Time) {
	x = x.known()
	return x.from, x.until
}

// StaleBy is how long before t the version ended, or 0 if it has not, or not by more than StaleAfter.
func (x *Index) StaleBy(t time.Time) time.Duration {
	if x == nil || x.until.IsZero() || t.Sub(x.until) <= StaleAfter {
		return 0
	}
	return t.Sub(x.until)
}

// StaleNote says in evidence that what was judged at t was judged by an old version; "" if it was not.
func (x *Index) StaleNote(t time.Time) string {
	age := x.StaleBy(t)
	if age == 0 {
		return ""
	}
	return fmt.Sprintf("judged by the baseline valid until %s, %s old: no newer one was known",
		x.until.UTC().Format(time.DateOnly), days(age))
}

// days writes a duration in whole days, or in hours below two days.
func days(d time.Duration) string {
	if d < 2*day {
		return fmt.Sprintf("%d hours", int(d/time.Hour))
	}
	return fmt.Sprintf("%d days", int(d/day))
}

// Condition is how well the baselines at hand fit the newest events.
type Condition string

// The conditions.
const (
	// Fresh: the version was made for the time of the events.
	Fresh Condition = "fresh"
	// Stale: the version has ended and no newer one is there; it is used nevertheless.
	Stale Condition = "stale"
	// Missing: there is no version, or none begins before the events; detectors go by their priors.
	Missing Condition = "missing"
)

// Change is a condition that has just begun.
type Change struct {
	Condition Condition
	// Time is the event time at which it was noticed.
	Time time.Time
	// Index is the version in use, nil when Missing.
	Index *Index
}

// String says what an operator should know.
func (c Change) String() string {
	at := c.Time.UTC().Format(time.RFC3339)
	_, until := c.Index.Valid()
	switch c.Condition {
	case Stale:
		return fmt.Sprintf(
			"baselines are stale: events of %s are judged by version %s, valid until %s (%s ago); build a newer one",
			at, c.Index.Version(), until.UTC().Format(time.RFC3339), days(c.Time.Sub(until)))
	case Missing:
		return fmt.Sprintf("no baseline covers events of %s: fixed limits and each person's own habits are all there is", at)
	}
	return fmt.Sprintf("baselines are fresh: events of %s are judged by version %s", at, c.Index.Version())
}

// Watched is a source that tells when its condition changes. Only the newest events matter for the condition:
// one that comes late belongs to an older version without anything being wrong. Safe for concurrent use.
type Watched struct {
	source Source
	report func(Change)

	newest atomic.Int64 // Unix nanoseconds

	mu   sync.Mutex
	last Condition
}

// Watch tells report of each change of condition, in order. The first is told unless it is Fresh.
func Watch(source Source, report func(Change)) *Watched {
	w := &Watched{source: source, report: report, last: Fresh}
	w.newest.Store(-1 << 63)
	return w
}

// At is the source's answer.
func (w *Watched) At(t time.Time) *Index {
	x := w.source.At(t)
	if w.isNewest(t) {
		w.note(Change{ConditionOf(x, t), t, x})
	}
	return x
}

// Condition is the one that the newest event was judged under.
func (w *Watched) Condition() Condition {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last
}

// ConditionOf says how well a version fits a time.
func ConditionOf(x *Index, t time.Time) Condition {
	switch {
	case x == nil:
		return Missing
	case x.StaleBy(t) > 0:
		return Stale
	}
	return Fresh
}

// isNewest says whether no later time has been asked for, and notes it.
func (w *Watched) isNewest(t time.Time) bool {
	for {
		newest := w.newest.Load()
		if t.UnixNano() < newest {
			return false
		}
		if t.UnixNano() == newest || w.newest.CompareAndSwap(newest, t.UnixNano()) {
			return true
		}
	}
}

func (w *Watched) note(c Change) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c.Condition == w.last || c.Time.UnixNano() < w.newest.Load() {
		return
	}
	w.last = c.Condition
	w.report(c)
}
