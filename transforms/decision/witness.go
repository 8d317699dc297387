// SPDX-License-Identifier: Apache-2.0

package decision

import aerv1 "github.com/aer-project/aer/schemas/aer/v1"

// Witness returns a finding that was folded into its episode, with a decision without an outcome, if it says what the
// one emitted before it could not know: whether the device is one of the user's. The fast lane judges without a
// profile; the slow lane's repetition is folded, but the organisation's stage (Common) has to hear of it. It returns
// nil and nil otherwise.
//
// What is no finding at all but calls something new on the person's own device (evidence.MakeWitness) is always heard.
func Witness(h *aerv1.UserHistory, a *aerv1.Anomaly) (*aerv1.Anomaly, *aerv1.Decision) {
	if onlyWitness(a) {
		return a, silent(a)
	}
	if a.GetHint() || len(a.GetNewThings()) == 0 || deviceOf(a) == aerv1.CausePerson_DEVICE_UNSPECIFIED {
		return nil, nil
	}
	e := findEpisode(h, hash(a.GetType(), a.GetEpisodeKey()))
	if e == nil || e.DeviceSaid {
		return nil, nil
	}
	e.DeviceSaid = true
	switch e.Outcome {
	case aerv1.Decision_RESPOND, aerv1.Decision_PERSISTING, aerv1.Decision_LOG_ONLY, aerv1.Decision_COOLDOWN:
		return a, silent(a)
	}
	return nil, nil
}

// silent is a decision without an outcome.
func silent(a *aerv1.Anomaly) *aerv1.Decision {
	return &aerv1.Decision{AnomalyId: a.GetId(), OrgId: a.GetOrgId(), UserId: a.GetUserId(), Time: aerv1.Time(knownAt(a))}
}

// onlyWitness: the hint weighs nothing, and is about a device of the user's.
func onlyWitness(a *aerv1.Anomaly) bool {
	return a.GetHint() && a.GetConfidence() == 0 && len(a.GetNewThings()) > 0 && deviceOf(a) == aerv1.CausePerson_OWN
}
