// SPDX-License-Identifier: Apache-2.0

// Package watermark says how far event time has come, as several independent users show it.
//
// The newest event alone must not say it. One clock that is hours fast would close the windows of everybody, and what
// all others do would be late: dropped by an engine, judged without its neighbours by another. So time advances to T
// when events of Quorum different users lie at T or later. An honest gap, a weekend or a month, is bridged by the third
// user who comes back; until then nothing is lost, windows only stay open longer, and at the end of the input all of
// them close.
//
// Whatever the order of events, the answer is never above the newest of them: what holds within the lateness of the
// newest event holds here.
package watermark

import (
	"cmp"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// Quorum is how many different users have to show a time before it is believed: more than one broken device, or one
// person with two, and few enough that the nights of a small organisation do not stand still. A start value.
const Quorum = 3

// User names a user of an organisation, so that two users are independent witnesses.
func User(orgID, userID string) uint64 {
	return xxhash.Sum64String(orgID)*0x9e3779b97f4a7c15 ^ xxhash.Sum64String(userID)
}

// Witnesses remember the users with the latest events. The zero value is ready to use, with a quorum of Quorum.
type Witnesses struct {
	// Quorum replaces the constant if it is positive: 1 believes every event.
	Quorum int
	// latest users first, at most a quorum of them.
	latest []witness
}

// witness is a user who did something at a time, Unix milliseconds.
type witness struct {
	user uint64
	ms   int64
}

// Observe takes in that a user did something at ms (Unix milliseconds).
func (w *Witnesses) Observe(user uint64, ms int64) {
	n := w.quorum()
	if len(w.latest) == n && ms <= w.latest[n-1].ms {
		return
	}
	i := slices.IndexFunc(w.latest, func(x witness) bool { return x.user == user })
	switch {
	case i >= 0:
		ms = max(w.latest[i].ms, ms)
	case len(w.latest) == n:
		i = n - 1
	default:
		i = len(w.latest)
		w.latest = append(w.latest, witness{})
	}
	for ; i > 0 && w.latest[i-1].ms < ms; i-- { // in order but for this one
		w.latest[i] = w.latest[i-1]
	}
	w.latest[i] = witness{user, ms}
}

// NowMS is the latest time that a quorum has reached, Unix milliseconds; ok is false if there is none yet.
func (w *Witnesses) NowMS() (ms int64, ok bool) {
	n := w.quorum()
	if len(w.latest) < n {
		return 0, false
	}
	return w.latest[n-1].ms, true
}

// Bound is an event's time as far as it is to be believed, where publishedMS, the time at which the bus took it, is
// known: up to its publication an event needs no witness, and ahead of it no more is believed than a quorum shows.
func (w *Witnesses) Bound(ms, publishedMS int64) int64 {
	if shown, ok := w.NowMS(); ok {
		publishedMS = max(publishedMS, shown)
	}
	return min(ms, publishedMS)
}

// State is what is remembered, for keeping; Restore takes it back.
func (w *Witnesses) State() []int64 {
	out := make([]int64, 0, 2*len(w.latest))
	for _, x := range w.latest {
		out = append(out, int64(x.user), x.ms)
	}
	return out
}

// Restore takes back what State gave.
func (w *Witnesses) Restore(state []int64) {
	w.latest = w.latest[:0]
	for i := 0; i+1 < len(state); i += 2 {
		w.latest = append(w.latest, witness{uint64(state[i]), state[i+1]})
	}
}

func (w *Witnesses) quorum() int {
	return cmp.Or(max(w.Quorum, 0), Quorum)
}
