// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"slices"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Expired says whether a history that heard nothing until now (event time) has nothing left to remember. An expired
// history decides exactly like an empty one, so it may be dropped at any moment or not at all.
func Expired(h *aerv1.UserHistory, now time.Time) bool {
	return !now.Before(ExpiresAt(h))
}

// ExpiresAt is the earliest event time at which Expired holds: where an engine sets its timer.
func ExpiresAt(h *aerv1.UserHistory) time.Time {
	at := h.GetClockMs() + Memory.Milliseconds()
	for _, c := range h.GetCooldowns() {
		at = max(at, c.GetUntilMs())
	}
	return time.UnixMilli(at).UTC()
}

// advance moves the history's clock to an anomaly's known_at, forgets what has become too old, and returns the clock.
// The clock never goes back: a late anomaly is judged by what is known when it arrives.
func advance(h *aerv1.UserHistory, known time.Time) time.Time {
	if Expired(h, known) {
		wipe(h)
	}
	h.ClockMs = max(h.ClockMs, known.UnixMilli())
	forget(h)
	return time.UnixMilli(h.ClockMs).UTC()
}

// wipe makes the history that of a user never heard of.
func wipe(h *aerv1.UserHistory) {
	h.ClockMs = 0
	h.Episodes, h.Resets, h.Offenders, h.Sessions, h.Cooldowns, h.Recent, h.Suspicions, h.Said = nil, nil, nil, nil,
		nil, nil, nil, nil
}

func forget(h *aerv1.UserHistory) {
	old := h.ClockMs - Memory.Milliseconds()
	idle := h.ClockMs - EpisodeIdle.Milliseconds()
	h.Episodes = slices.DeleteFunc(h.Episodes, func(e *aerv1.Episode) bool { return e.LastMs < idle })
	h.Resets = slices.DeleteFunc(h.Resets, func(r *aerv1.Reset) bool { return r.AtMs <= old })
	h.Offenders = slices.DeleteFunc(h.Offenders, func(o *aerv1.Offender) bool { return o.LastMs <= old })
	h.Sessions = slices.DeleteFunc(h.Sessions, func(s *aerv1.KnownSession) bool { return s.LastMs <= old })
	visit := h.ClockMs - CorroborationWindow.Milliseconds()
	h.Suspicions = slices.DeleteFunc(h.Suspicions, func(s *aerv1.Suspicion) bool { return s.AtMs < visit })
	h.Cooldowns = slices.DeleteFunc(h.Cooldowns, func(c *aerv1.Cooldown) bool { return c.UntilMs <= h.ClockMs })
}

// remember notes the sessions of a finding and that they existed when its last evidence was recorded.
func remember(h *aerv1.UserHistory, a *aerv1.Anomaly) {
	at := evidenceTime(a).UnixMilli()
	first := at
	if a.GetSessionStartedAt().IsValid() {
		first = min(first, a.SessionStartedAt.AsTime().UnixMilli())
	}
	for _, id := range sessionsOf(a) {
		s := findSession(h, id)
		if s == nil {
			s = &aerv1.KnownSession{Id: id, FirstMs: first, LastMs: at}
			h.Sessions = append(h.Sessions, s)
		}
		s.FirstMs, s.LastMs = min(s.FirstMs, first), max(s.LastMs, at)
	}
	h.Sessions = keepNewest(h.Sessions, maxSessions, func(s *aerv1.KnownSession) (int64, uint64) { return s.LastMs, s.Id })
}

func findSession(h *aerv1.UserHistory, id uint64) *aerv1.KnownSession {
	for _, s := range h.GetSessions() {
		if s.Id == id {
			return s
		}
	}
	return nil
}

// seenBefore says whether the finding, or one of the fast lane that says the same (Repetition), was applied already,
// and remembers it if not. Where the fast lane says too many different things in one minute to remember, none of the
// others counts: whatever engines leave out, the first to be remembered are the same.
func seenBefore(h *aerv1.UserHistory, a *aerv1.Anomaly) bool {
	id := hash(a.GetId())
	if ofOneEvent(a) {
		id = hash("repetition", Repetition(a))
		minute := minuteOf(a)
		if minute > h.SaidMinute {
			h.Said, h.SaidMinute = nil, minute
		}
		if minute == h.SaidMinute {
			if len(h.Said) >= maxSaid || slices.Contains(h.Said, id) {
				return true
			}
			h.Said = append(h.Said, id)
		}
	}
	if slices.Contains(h.Recent, id) {
		return true
	}
	h.Recent = append(h.Recent, id)
	h.Recent = h.Recent[max(0, len(h.Recent)-maxRecent):]
	return false
}

// keepNewest drops the entries with the smallest (time, tie) until at most n are left; the order of the rest is kept.
func keepNewest[T any](list []T, n int, key func(T) (ms int64, tie uint64)) []T {
	for len(list) > n {
		oldest := 0
		for i := range list {
			ms, tie := key(list[i])
			oldMS, oldTie := key(list[oldest])
			if ms < oldMS || ms == oldMS && tie < oldTie {
				oldest = i
			}
		}
		list = slices.Delete(list, oldest, oldest+1)
	}
	return list
}
