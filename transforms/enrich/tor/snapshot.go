// SPDX-License-Identifier: Apache-2.0

package tor

import (
	"net/netip"
	"time"
)

// addSnapshot returns the snapshot's intervals joined with those of old, and completes next's times.
func (l *List) addSnapshot(old, next *state, snapshot []Interval) []Interval {
	horizon := func() time.Time { return next.asOf.Add(-l.opts.Retention) }
	if old.set == nil || old.format == FormatTSV {
		// Nothing before the first snapshot can say when its exits appeared; they are taken as listed for one grace
		// before, so that what waited while the process was down is judged too.
		markOpen(snapshot, next.asOf.Add(-l.opts.Grace))
		backdate(snapshot, l.opts.Grace)
		next.coveredFrom = next.asOf.Add(-l.opts.Grace)
		return prune(snapshot, horizon())
	}
	known := old.set.Intervals()
	if next.asOf.Before(old.asOf) {
		// An older snapshot came later: it adds to the past and says nothing about now.
		next.asOf = old.asOf
	} else {
		markOpen(snapshot, next.asOf.Add(-l.opts.Grace))
		bridge(known, snapshot)
	}
	next.coveredFrom = latest(old.coveredFrom, horizon())
	return prune(append(snapshot, known...), horizon())
}

// markOpen marks what was confirmed at or after t. Lists keep relays that left for up to a day.
func markOpen(snapshot []Interval, t time.Time) {
	for i := range snapshot {
		snapshot[i].Open = snapshot[i].Until >= t.Unix()
	}
}

// bridge lasts what was open in known until its next confirmation, however long the list was not renewed in between,
// and leaves the rest to end where it was last seen.
func bridge(known, snapshot []Interval) {
	confirmed := make(map[netip.Addr]int64, len(snapshot))
	for _, iv := range snapshot {
		if iv.Open {
			confirmed[iv.Addr] = max(confirmed[iv.Addr], iv.Until)
		}
	}
	for i := range known {
		if known[i].Open {
			known[i].Until = max(known[i].Until, confirmed[known[i].Addr])
			known[i].Open = false
		}
	}
}

// backdate lets intervals begin earlier.
func backdate(intervals []Interval, by time.Duration) {
	for i := range intervals {
		intervals[i].From = max(0, intervals[i].From-int64(by/time.Second))
	}
}

// prune drops intervals that ended before t.
func prune(intervals []Interval, t time.Time) []Interval {
	kept := intervals[:0]
	for _, iv := range intervals {
		if iv.Until >= t.Unix() {
			kept = append(kept, iv)
		}
	}
	return kept
}

// cut ends intervals at t at the latest.
func cut(intervals []Interval, t time.Time) {
	for i := range intervals {
		intervals[i].Until = min(intervals[i].Until, t.Unix())
		intervals[i].From = min(intervals[i].From, intervals[i].Until)
	}
}
