// SPDX-License-Identifier: Apache-2.0

// Package decision decides what to do about an anomaly: it folds findings into episodes, asks the gates in order,
// protects people from being signed out in a loop, and keeps organisations within their budget.
//
// Everything here is pure: state goes in and out as protos, time is event time and passed in. The order of work is
// advance the user's history → fold into an episode → gates → update the history (User.Apply), then, for would-be
// responses only, the organisation's and the global budget (Budget.Apply). Stream puts the three together.
package decision

import (
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Gate is one question that stands between an anomaly and a response. It is pure: it changes nothing and knows no time
// but those of Input.
type Gate struct {
	Name  string
	Judge func(Input) Verdict
}

// Input is everything a gate may look at. None of it may be changed.
type Input struct {
	Anomaly *aerv1.Anomaly
	// History is advanced to Now; the anomaly itself is not in it yet.
	History *aerv1.UserHistory
	// Settings are complete (settings.Complete).
	Settings *aerv1.Settings
	// Person is nil if the directory does not have them.
	Person *aerv1.Person
	// OwnActors are the user ids under which AER itself acts.
	OwnActors []string
	// EndsApps: what ends sessions here can end the access of an app as well.
	EndsApps bool
	// Now is the event time of the decision: the anomaly's known_at, or the user's clock if that is ahead (late data).
	Now time.Time
	// WallClock is the time on the clock where a response would be carried out at once; zero in observe and replay, which
	// judge by event time alone, so that the same events give the same decisions whenever they are looked at.
	WallClock time.Time
}

// Verdict is a gate's answer.
type Verdict struct {
	// Outcome ends the questioning. OUTCOME_UNSPECIFIED lets the anomaly pass; PERSISTING lets it pass and is what a
	// response is then called.
	Outcome aerv1.Decision_Outcome
	// Detail is one sentence for people: what was compared and why it did or did not stop the anomaly.
	Detail string
	// Recommendation is what a person should do next, if anything.
	Recommendation string
	// Escalate: tell people now.
	Escalate bool
	// Previous is the decision that this one refers to, if any.
	Previous string
	// own: a COOLDOWN whose cause is the user's own client and network.
	own bool
	// carried: the stop is for an earlier part of the evidence, not for this finding itself.
	carried bool
}

// Names of the gates, of the common cause and of the two budgets as they appear in a decision's trace.
const (
	GateNotSignedIn    = "not_signed_in"
	GateOwnAction      = "own_action"
	GateExternalUser   = "external_user"
	GateTrustedNetwork = "trusted_network"
	GateDetectorMode   = "detector_mode"
	GateExcluded       = "excluded"
	GateCleared        = "cleared"
	GateStale          = "stale"
	GateAlreadyEnded   = "already_ended"
	GateLoopProtection = "loop_protection"
	GateCommonCause    = "common_cause"
	GateBudgetOrg      = "budget_org"
	GateBudgetGlobal   = "budget_global"
)

// Gates are all gates of the user stage in the order in which they are asked. The first that stops an anomaly decides.
// The budgets come after them, in stages of their own (budget.go).
var Gates = []Gate{
	{GateNotSignedIn, notSignedIn},
	{GateOwnAction, ownAction},
	{GateExternalUser, externalUser},
	{GateTrustedNetwork, trustedNetwork},
	{GateDetectorMode, detectorMode},
	{GateExcluded, excluded},
	{GateCleared, cleared},
	{GateStale, stale},
	{GateAlreadyEnded, alreadyEnded},
	{GateLoopProtection, loopProtection},
}

// standingGates is the number of gates at the head of Gates that look at the anomaly, the person and the settings only,
// not at the past.
const standingGates = 7

// ask puts the questions in order. The result's outcome is never unspecified.
func ask(in Input) (Verdict, []*aerv1.GateResult) {
	var trace []*aerv1.GateResult
	for _, g := range Gates {
		v := g.Judge(in)
		goesOn := v.Outcome == aerv1.Decision_OUTCOME_UNSPECIFIED || v.Outcome == aerv1.Decision_PERSISTING
		trace = append(trace, &aerv1.GateResult{Gate: g.Name, Passed: goesOn, Detail: v.Detail})
		if v.Outcome != aerv1.Decision_OUTCOME_UNSPECIFIED {
			return v, trace
		}
	}
	return Verdict{Outcome: aerv1.Decision_RESPOND, Detail: noObjection(in.Anomaly)}, trace
}

func noObjection(a *aerv1.Anomaly) string {
	if a.GetActorKind() == aerv1.ActorApp {
		return "Nobody objected: the app's access is to be ended. The user's own sessions go on."
	}
	return "Nobody objected: all sessions of the user are to be ended."
}

// admits says whether the standing gates would let the anomaly pass.
func admits(in Input) bool {
	for _, g := range Gates[:standingGates] {
		if g.Judge(in).Outcome != aerv1.Decision_OUTCOME_UNSPECIFIED {
			return false
		}
	}
	return true
}

func pass(detail string) Verdict { return Verdict{Detail: detail} }

func stop(o aerv1.Decision_Outcome, detail string) Verdict {
	return Verdict{Outcome: o, Detail: detail}
}
