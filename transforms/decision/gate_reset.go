// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"fmt"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// age says how the sessions behind an anomaly stand to a reset.
type age int

const (
	// unknownAge: the anomaly names no session.
	unknownAge age = iota
	// bornBefore: all of them existed when the reset was decided, so it should have ended them.
	bornBefore
	// bornAfter: at least one of them came after it, as far as is known.
	bornAfter
)

// sessionAge compares the anomaly's sessions with a reset, by when earlier findings named them and by
// session_started_at. A session of which nothing is known counts as new.
func sessionAge(h *aerv1.UserHistory, a *aerv1.Anomaly, r *aerv1.Reset) age {
	sessions := sessionsOf(a)
	if len(sessions) == 0 {
		return unknownAge
	}
	if a.GetSessionStartedAt().IsValid() && a.SessionStartedAt.AsTime().UnixMilli() <= r.AtMs {
		return bornBefore
	}
	for _, id := range sessions {
		if s := findSession(h, id); s == nil || s.FirstMs > r.AtMs {
			return bornAfter
		}
	}
	return bornBefore
}

// lastReset is the user's latest reset, or nil.
func lastReset(h *aerv1.UserHistory) *aerv1.Reset {
	if n := len(h.GetResets()); n > 0 {
		return h.Resets[n-1]
	}
	return nil
}

// resetsIn counts the resets, and the PERSISTING ones among them, within the ResetWindow that ends now. Those that a
// common cause may have stopped count only against findings that it would explain as well: nobody gets away with a
// theft because the owner's new proxy has used the resets up.
func resetsIn(in Input) (all, persisting int) {
	from := in.Now.Add(-ResetWindow).UnixMilli()
	for _, r := range in.History.GetResets() {
		if r.AtMs <= from || r.Excusable && !excusable(in.Anomaly) {
			continue
		}
		all++
		if r.Persisting {
			persisting++
		}
	}
	return all, persisting
}

// outdated says whether the evidence is too old, by the wall clock, for a reset to be of use.
func outdated(in Input) bool {
	return !in.WallClock.IsZero() && in.WallClock.Sub(evidenceTime(in.Anomaly)) > UsefulFor
}

// stale stops evidence that is outdated, evidence from before the user's last reset (with SkewGrace for clocks that
// disagree), and what is carriedOver from there: what it shows has been dealt with.
func stale(in Input) Verdict {
	evidence := evidenceTime(in.Anomaly)
	if outdated(in) {
		return stop(aerv1.Decision_STALE,
			fmt.Sprintf("The evidence (%s) is more than %s old at %s: ending sessions now would rather hit a fresh login of "+
				"the person.",
				clock(evidence), minutes(UsefulFor), clock(in.WallClock)))
	}
	r := lastReset(in.History)
	if r == nil {
		return pass("No reset of this user in the last 48 h.")
	}
	reset := time.UnixMilli(r.AtMs).UTC()
	switch {
	case !evidence.After(reset):
		return Verdict{Outcome: aerv1.Decision_STALE, Previous: r.DecisionId,
			Detail: fmt.Sprintf("The evidence (%s) is not younger than the reset at %s.", clock(evidence), clock(reset))}
	case !evidence.After(reset.Add(SkewGrace)) && sessionAge(in.History, in.Anomaly, r) != bornAfter:
		return Verdict{Outcome: aerv1.Decision_STALE, Previous: r.DecisionId,
			Detail: fmt.Sprintf("The evidence (%s) comes from before the reset at %s, allowing %s for clocks that disagree.",
				clock(evidence), clock(reset), minutes(SkewGrace))}
	case carriedOver(in.History, in.Anomaly, r):
		return Verdict{Outcome: aerv1.Decision_STALE, Previous: r.DecisionId, Detail: dealtWith(in.History, in.Anomaly, r)}
	}
	return pass(fmt.Sprintf("The evidence (%s) is younger than the last reset (%s).", clock(evidence), clock(reset)))
}

// alreadyEnded stops evidence from sessions that the last reset ends, while the revocation is still within its grace.
func alreadyEnded(in Input) Verdict {
	r := lastReset(in.History)
	if r == nil {
		return pass("No reset of this user in the last 48 h.")
	}
	reset := time.UnixMilli(r.AtMs).UTC()
	within := !evidenceTime(in.Anomaly).After(reset.Add(RevocationGrace))
	switch born := sessionAge(in.History, in.Anomaly, r); {
	case born == bornAfter:
		return pass("It has a session that came after the last reset.")
	case !within:
		return pass(fmt.Sprintf("The grace of %s after the reset at %s is over.", minutes(RevocationGrace), clock(reset)))
	case born == unknownAge:
		return Verdict{Outcome: aerv1.Decision_ALREADY_ENDED, Previous: r.DecisionId,
			Detail: fmt.Sprintf("It names no session, and the reset at %s is less than %s old.", clock(reset),
				minutes(RevocationGrace))}
	}
	return Verdict{Outcome: aerv1.Decision_ALREADY_ENDED, Previous: r.DecisionId,
		Detail: fmt.Sprintf("Its sessions are among those that the reset at %s ends, less than %s ago.", clock(reset),
			minutes(RevocationGrace))}
}

// clock writes a time of a trace: RFC 3339 in UTC, to the second.
func clock(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

func minutes(d time.Duration) string { return fmt.Sprintf("%d min", int(d.Minutes())) }
