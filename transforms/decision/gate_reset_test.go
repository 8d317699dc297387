// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// afterReset is a finding some time after the user was reset at midnight for session S1, with the history it meets.
func afterReset(after time.Duration, sessions ...string) Input {
	h := &aerv1.UserHistory{}
	apply(h, anomalyAt(0, aerv1.TypeTor, "S1"))
	a := anomalyAt(after.Minutes(), aerv1.TypeTor, sessions...)
	return Input{Anomaly: a, History: h, Settings: respondAll(2), Now: knownAt(a)}
}

// TestWhatAResetHasDealtWith, to the second and word for word: evidence about as old as the last reset, and sessions
// that it ends, are left alone; what came later and what outlives the grace is not.
func TestWhatAResetHasDealtWith(t *testing.T) {
	const passes, old, ended = aerv1.Decision_OUTCOME_UNSPECIFIED, aerv1.Decision_STALE, aerv1.Decision_ALREADY_ENDED
	byTheClock := func(age time.Duration) Input {
		in := afterReset(time.Hour, "S9")
		in.WallClock = in.Now.Add(age)
		return in
	}
	reported := func(in Input) Input { // an hour after it was recorded
		in.Anomaly.KnownAt = aerv1.Time(in.Now.Add(time.Hour))
		return in
	}
	started := func(in Input, at time.Time) Input {
		in.Anomaly.SessionStartedAt = aerv1.Time(at)
		return in
	}
	nobody := func(in Input) Input {
		in.History = &aerv1.UserHistory{}
		return in
	}
	const second = time.Second
	const inGrace = "Its sessions are among those that the reset at 2026-11-22T00:00:00Z ends, less than 5 min ago."
	const isNew = "It has a session that came after the last reset."
	for name, c := range map[string]struct {
		gate    func(Input) Verdict
		in      Input
		outcome aerv1.Decision_Outcome
		says    string
	}{
		"ten minutes old": {stale, byTheClock(10 * time.Minute), passes,
			"The evidence (2026-11-22T01:00:00Z) is younger than the last reset (2026-11-22T00:00:00Z)."},
		"older than that": {stale, byTheClock(10*time.Minute + second), old,
			"The evidence (2026-11-22T01:00:00Z) is more than 10 min old at 2026-11-22T01:10:01Z: ending sessions now would " +
				"rather hit a fresh login of the person."},
		"nobody was reset": {stale, nobody(afterReset(0, "S1")), passes, "No reset of this user in the last 48 h."},
		"of the same second": {stale, afterReset(0, "S9"), old,
			"The evidence (2026-11-22T00:00:00Z) is not younger than the reset at 2026-11-22T00:00:00Z."},
		"it comes late": {stale, reported(afterReset(-second, "S9")), old,
			"The evidence (2026-11-21T23:59:59Z) is not younger than the reset at 2026-11-22T00:00:00Z."},
		"clocks may disagree": {stale, afterReset(2*time.Minute, "S1"), old, "The evidence (2026-11-22T00:02:00Z) comes " +
			"from before the reset at 2026-11-22T00:00:00Z, allowing 2 min for clocks that disagree."},
		"and whose it is is unknown": {stale, afterReset(2 * time.Minute), old, "The evidence (2026-11-22T00:02:00Z) comes " +
			"from before the reset at 2026-11-22T00:00:00Z, allowing 2 min for clocks that disagree."},
		"but not so much": {stale, afterReset(2*time.Minute+second, "S1"), passes,
			"The evidence (2026-11-22T00:02:01Z) is younger than the last reset (2026-11-22T00:00:00Z)."},
		"nor about a new session": {stale, afterReset(second, "S9"), passes,
			"The evidence (2026-11-22T00:00:01Z) is younger than the last reset (2026-11-22T00:00:00Z)."},

		"nothing was ended": {alreadyEnded, nobody(afterReset(0, "S1")), passes, "No reset of this user in the last 48 h."},
		"within the grace":  {alreadyEnded, afterReset(5*time.Minute, "S1"), ended, inGrace},
		"after it": {alreadyEnded, afterReset(5*time.Minute+second, "S1"), passes,
			"The grace of 5 min after the reset at 2026-11-22T00:00:00Z is over."},
		"no session": {alreadyEnded, afterReset(5 * time.Minute), ended,
			"It names no session, and the reset at 2026-11-22T00:00:00Z is less than 5 min old."},
		"an empty name is none": {alreadyEnded, afterReset(5*time.Minute, ""), ended,
			"It names no session, and the reset at 2026-11-22T00:00:00Z is less than 5 min old."},
		"a new one":                      {alreadyEnded, afterReset(second, "S9"), passes, isNew},
		"a new one beside it":            {alreadyEnded, afterReset(second, "S1", "S9"), passes, isNew},
		"one that is older than we know": {alreadyEnded, started(afterReset(second, "S9"), day), ended, inGrace},
		"one that began right after it":  {alreadyEnded, started(afterReset(second, "S9"), day.Add(second)), passes, isNew},
	} {
		t.Run(name, func(t *testing.T) {
			v := c.gate(c.in)
			if v.Outcome != c.outcome || v.Detail != c.says {
				t.Errorf("%s: %q, want %s: %q", v.Outcome, v.Detail, c.outcome, c.says)
			}
			want := ""
			if r := lastReset(c.in.History); r != nil && v.Outcome != passes && c.in.WallClock.IsZero() {
				want = r.DecisionId
			}
			if v.Previous != want {
				t.Errorf("it refers to %q, want %q", v.Previous, want)
			}
		})
	}
}
