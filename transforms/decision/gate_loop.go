// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"fmt"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// What people are told to do next.
const (
	adviceRevocation = "Check the session store: sessions go on that were to be ended. Until they are, the account is " +
		"open to whoever holds them."
	adviceReset = "Treat the account as compromised: reset the password, revoke its tokens and check its second factor."
	adviceCause = "If this is the user's own doing, exclude the user or a group from the detector, or trust the " +
		"network it comes from; else talk to the user."
	adviceCommon = "Check what changed (proxy, VPN, client roll-out, identity provider). If nothing did, treat the " +
		"people named in the decisions as victims of one attacker and end their sessions by hand."
	adviceBudget = "Check whether something changed for many people at once (identity provider, client roll-out, " +
		"network). If the accounts are compromised, end their sessions by hand."
)

// loopProtection looks at the sessions behind the anomaly and at what preceded it. After a reset there are four cases:
//
//   - the sessions should be dead: the revocation did not take effect → PERSISTING;
//   - a new session that resembles the offender of the first anomaly → PERSISTING (the credentials are compromised);
//   - a new session of the user's own usual client and network → a legitimate user in a loop: respond until max_resets,
//     then COOLDOWN, for as long as the same cause goes on and cooldown beyond;
//   - a new session of someone else again → respond until max_resets, then COOLDOWN, and people are told at once.
//
// All resets of a user count towards max_resets, PERSISTING ones too; PERSISTING has a limit of its own, MaxPersisting,
// after which it is COOLDOWN as well. In any ResetWindow a user is thus reset at most max_resets + MaxPersisting times.
func loopProtection(in Input) Verdict {
	r := lastReset(in.History)
	if r == nil {
		return loopAfterQuiet(in)
	}
	if sessionAge(in.History, in.Anomaly, r) == bornBefore {
		return persist(in, r, adviceRevocation, fmt.Sprintf(
			"A session that the reset at %s should have ended is still active more than %s later: the reset did not take "+
				"effect or was not carried out",
			clock(time.UnixMilli(r.AtMs)), minutes(RevocationGrace)))
	}
	if o, how := matchOffender(in.History, in.Anomaly); o != nil {
		return persist(in, r, adviceReset, fmt.Sprintf(
			"A new session has the offender's %s, known from the anomaly that led to the reset at %s",
			how, clock(time.UnixMilli(o.AtMs))))
	}
	return loopOfUser(in, r)
}

// loopAfterQuiet handles a user without a remembered reset; a long cooldown may have outlived it.
func loopAfterQuiet(in Input) Verdict {
	if c := cooldownOf(in.History, cooldownType(in.Anomaly), true); c != nil && isOwn(in.Anomaly) {
		return coolDown(in, nil, true, fmt.Sprintf("The same cause goes on; its responses are stopped until %s",
			clock(time.UnixMilli(c.UntilMs))))
	}
	return pass("No reset of this user in the last 48 h.")
}

// loopOfUser handles new sessions that do not resemble an offender.
func loopOfUser(in Input, r *aerv1.Reset) Verdict {
	all, _ := resetsIn(in)
	limit := maxResetsOf(in.Settings)
	own, who := isOwn(in.Anomaly), "a client or network the user is not known by"
	if own {
		who = "the user's own usual client and network"
	}
	if all >= limit {
		return coolDown(in, r, own, fmt.Sprintf(
			"A new session with %s, and the user has been reset %d times in 24 h, of at most %d", who, all, limit))
	}
	if c := cooldownOf(in.History, cooldownType(in.Anomaly), true); c != nil && own {
		return coolDown(in, r, own, fmt.Sprintf(
			"The same cause goes on in a new session with %s; its responses are stopped until %s", who,
			clock(time.UnixMilli(c.UntilMs))))
	}
	return pass(fmt.Sprintf("A new session with %s; the user has been reset %d times in 24 h, of at most %d.", who, all,
		limit))
}

// persist responds again, unless that was done MaxPersisting times already or this cause is in cooldown.
func persist(in Input, r *aerv1.Reset, advice, finding string) Verdict {
	_, persisting := resetsIn(in)
	c := cooldownOf(in.History, cooldownType(in.Anomaly), false)
	if persisting >= MaxPersisting || c != nil {
		why := fmt.Sprintf("%s. Responding again has not helped (%d times in 24 h)", finding, persisting)
		v := coolDown(in, r, false, why)
		v.Recommendation = advice
		return v
	}
	return Verdict{Outcome: aerv1.Decision_PERSISTING, Detail: finding + ". Responding again.",
		Recommendation: advice, Escalate: true, Previous: r.DecisionId}
}

// coolDown stops responding. People are told once per cooldown, not at each of its anomalies.
func coolDown(in Input, r *aerv1.Reset, own bool, finding string) Verdict {
	advice := adviceReset
	if own {
		advice = adviceCause
	}
	return Verdict{Outcome: aerv1.Decision_COOLDOWN, Detail: finding + ". No more sessions are ended.",
		Recommendation: advice, Previous: r.GetDecisionId(), own: own,
		Escalate: cooldownOf(in.History, cooldownType(in.Anomaly), own) == nil}
}

// isOwn: both the client and the network are ones the user is known by.
func isOwn(a *aerv1.Anomaly) bool {
	return a.GetEvidence().GetClientUsual() && a.GetEvidence().GetNetworkUsual()
}

func maxResetsOf(s *aerv1.Settings) int { return int(s.GetLimits().GetMaxResets()) }
