// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"fmt"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// alone is how much an anomaly must have grown since a reset, in limits of its detector, to be a finding by what came
// after the reset alone.
const alone = 1.0

// carriedOver: an alarm whose evidence is an episode that was answered is that episode. What the finding counts over
// its window began before the reset, which dealt with that part whatever detector had found it, and what came after is
// the user's own: their usual client and network. A person who goes on working and does one thing more must not be
// signed out for what was counted before, be it a thief's or their own. It ends when the window has left the reset
// behind, or when the part after the answered episode is a finding alone.
//
// Only volumes and method mixes are counted over a window; the signs of other detectors are about their sessions. A
// stranger's client or network is never excused. A session that should be dead is not while what was answered goes on;
// after a pause it is the owner's, who was never signed out because the platform failed to or because AER only
// observes.
func carriedOver(h *aerv1.UserHistory, a *aerv1.Anomaly, r *aerv1.Reset) bool {
	start := a.GetWindow().GetStart()
	if causesOf(a) != causeVolume || !start.IsValid() || start.AsTime().UnixMilli() >= r.AtMs || !isOwn(a) {
		return false
	}
	return (r.Paused || !outlived(h, a, r)) && magnitude(a) < grownAlone(h, a)
}

// notePause remembers how large the episodes were when, after a reset, nothing more was found about the user for Pause:
// what had gone on until then ended there. Only the first pause counts, or whoever takes little at a time
// would be excused for ever.
func notePause(h *aerv1.UserHistory) {
	r := lastReset(h)
	if r == nil || r.Paused {
		return
	}
	last := r.AtMs
	for _, e := range h.Episodes {
		last = max(last, e.LastMs)
	}
	if h.ClockMs-last < Pause.Milliseconds() {
		return
	}
	r.Paused = true
	for _, e := range h.Episodes {
		e.PeakAtPause = e.Peak
	}
}

// settledBy: the reset dealt with the finding, because its evidence or what it counts comes from before it.
func settledBy(h *aerv1.UserHistory, a *aerv1.Anomaly, r *aerv1.Reset) bool {
	return evidenceTime(a).UnixMilli() <= r.AtMs || carriedOver(h, a, r)
}

// outlived: one of the finding's sessions is older than the reset and the grace of the revocation is over.
func outlived(h *aerv1.UserHistory, a *aerv1.Anomaly, r *aerv1.Reset) bool {
	if evidenceTime(a).UnixMilli() <= r.AtMs+RevocationGrace.Milliseconds() {
		return false
	}
	if a.GetSessionStartedAt().IsValid() && a.SessionStartedAt.AsTime().UnixMilli() <= r.AtMs {
		return true
	}
	for _, id := range sessionsOf(a) {
		if s := findSession(h, id); s != nil && s.FirstMs <= r.AtMs {
			return true
		}
	}
	return false
}

// notePeak remembers how large an episode has become, and how large it was when the user was last reset. What is found
// within SkewGrace of the reset still counts as before it.
func notePeak(h *aerv1.UserHistory, e *aerv1.Episode, a *aerv1.Anomaly) {
	e.Peak = max(e.Peak, magnitude(a))
	if r := lastReset(h); r != nil && evidenceTime(a).UnixMilli() <= r.AtMs+SkewGrace.Milliseconds() {
		e.PeakAtReset = max(e.PeakAtReset, magnitude(a))
	}
}

// grownAlone is the magnitude from which the part after the answered episode is a finding alone. The part before is at
// most what the episode had reached at the reset or, if it went on, at the pause after it; where nothing had been found
// yet, it was below the limit.
func grownAlone(h *aerv1.UserHistory, a *aerv1.Anomaly) float64 {
	before := 1.0
	for _, e := range h.GetEpisodes() {
		if e.Type == keep(a.GetType()) {
			before = max(before, e.PeakAtReset, e.PeakAtPause)
		}
	}
	return before + alone
}

// dealtWith is the gate's sentence about what is carried over.
func dealtWith(h *aerv1.UserHistory, a *aerv1.Anomaly, r *aerv1.Reset) string {
	return fmt.Sprintf("What was counted since %s began before the reset at %s, and what came after is the user's own "+
		"usual client and network: "+
		"it is %.2f of the limit, and from %.2f on what came after would be a finding alone.",
		clock(a.GetWindow().GetStart().AsTime()), clock(time.UnixMilli(r.AtMs)), magnitude(a), grownAlone(h, a))
}
