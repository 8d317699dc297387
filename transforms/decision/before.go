// SPDX-License-Identifier: Apache-2.0

package decision

import aerv1 "github.com/aer-project/aer/schemas/aer/v1"

// verdictOf is what the user's stage once said to a finding, by the decision that came of it. now is what it would say
// today: that is taken where the outcome is the same, because it says more than a decision does. Where it is not, the
// organisation has chosen otherwise meanwhile, and what was decided stands: somebody who was signed out was signed out.
func verdictOf(d *aerv1.Decision, a *aerv1.Anomaly, now Verdict) Verdict {
	outcome := firstOutcome(d)
	if outcome == now.Outcome || outcome == aerv1.Decision_OUTCOME_UNSPECIFIED {
		return now
	}
	return Verdict{Outcome: outcome, Detail: d.GetReason(), Recommendation: d.GetRecommendation(),
		Escalate: d.GetEscalate(), Previous: d.GetPreviousDecisionId(), own: isOwn(a)}
}

// firstOutcome is what the user's stage said, which a common cause or a budget may have changed: then the last of the
// stage's own gates tells.
func firstOutcome(d *aerv1.Decision) aerv1.Decision_Outcome {
	if o := d.GetOutcome(); o != aerv1.Decision_COMMON_CAUSE && o != aerv1.Decision_BUDGET_EXHAUSTED {
		return o
	}
	var last *aerv1.GateResult
	for _, g := range d.GetTrace() {
		switch g.GetGate() {
		case GateCommonCause, GateBudgetOrg, GateBudgetGlobal:
		default:
			last = g
		}
	}
	switch {
	case last == nil:
		return aerv1.Decision_OUTCOME_UNSPECIFIED
	case !last.Passed:
		return stoppedBy[last.Gate]
	case d.GetPreviousDecisionId() != "": // only of PERSISTING
		return aerv1.Decision_PERSISTING
	}
	return aerv1.Decision_RESPOND
}

// stoppedBy says what the gates call it when they stop what a common cause may still explain.
var stoppedBy = map[string]aerv1.Decision_Outcome{
	GateDetectorMode:   aerv1.Decision_LOG_ONLY,
	GateStale:          aerv1.Decision_STALE,
	GateAlreadyEnded:   aerv1.Decision_ALREADY_ENDED,
	GateLoopProtection: aerv1.Decision_COOLDOWN,
}
