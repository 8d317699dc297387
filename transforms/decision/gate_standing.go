package decision

import (
	"fmt"
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// AuditEntryID is the id that the response sink gives to the audit entry of a decision. It is derived here too, so that
// the entry is recognised when it comes back as input.
func AuditEntryID(orgID, decisionID string) string {
	return aerv1.NewID("audit", orgID, decisionID, aerv1.ActionSessionsReset)
}

// ownAction stops what AER did itself: the acting user is one of AER's own service accounts, or all the evidence is
// audit entries of AER's own resets of this user. What a client claims to be (its user agent) is no reason: anyone can
// claim it.
func ownAction(in Input) Verdict {
	if slices.Contains(in.OwnActors, in.Anomaly.GetUserId()) {
		return stop(aerv1.Decision_OWN_ACTION, fmt.Sprintf("%q is one of AER's own accounts.", cut(in.Anomaly.GetUserId())))
	}
	if len(in.Anomaly.GetEventIds()) > 0 && allOwn(in.History, in.Anomaly) {
		return stop(aerv1.Decision_OWN_ACTION, "The evidence consists of AER's own audit entries.")
	}
	return pass("Not AER's own doing.")
}

func allOwn(h *aerv1.UserHistory, a *aerv1.Anomaly) bool {
	if len(h.GetResets()) == 0 {
		return false
	}
	own := map[string]bool{}
	for _, r := range h.GetResets() {
		own[AuditEntryID(a.GetOrgId(), r.DecisionId)] = true
	}
	return !slices.ContainsFunc(a.GetEventIds(), func(id string) bool { return !own[id] })
}

// externalUser stops what people of other organisations do: their sessions are not this organisation's to end.
func externalUser(in Input) Verdict {
	switch {
	case in.Anomaly.GetUserType() == aerv1.UserExternal:
		return stop(aerv1.Decision_EXTERNAL_USER, "The events say that the user belongs to another organisation; such people are never signed out.")
	case in.Person.GetType() == aerv1.UserExternal:
		return stop(aerv1.Decision_EXTERNAL_USER, "The directory says that the user belongs to another organisation; such people are never signed out.")
	case in.Person == nil && in.Anomaly.GetUserType() == "":
		return pass("Nothing says that the user is external (no directory entry, no type in the events).")
	}
	return pass("Not an external user.")
}

// detectorMode applies the organisation's choice for the detector, and the detector's own doubts.
func detectorMode(in Input) Verdict {
	t := in.Anomaly.GetType()
	d := in.Settings.GetDetectors()[t]
	switch {
	case d == nil:
		return stop(aerv1.Decision_LOG_ONLY, fmt.Sprintf("There is no setting for detector %q, so it only logs.", cut(t)))
	case d.Mode == aerv1.DetectorOff:
		return stop(aerv1.Decision_OFF, fmt.Sprintf("The organisation has switched detector %s off.", t))
	case d.Mode != aerv1.DetectorRespond:
		return stop(aerv1.Decision_LOG_ONLY, fmt.Sprintf("The organisation lets detector %s log only.", t))
	case in.Anomaly.GetEvidence().GetClient().GetFacts().GetTorStale():
		return stop(aerv1.Decision_LOG_ONLY, "The list of Tor exits was too old at that time (tor_stale), so its findings only log.")
	case in.Anomaly.GetLogOnly():
		return stop(aerv1.Decision_LOG_ONLY, "The evidence is not strong enough on its own to end sessions.")
	}
	return pass(fmt.Sprintf("Detector %s may respond.", t))
}

// excluded stops what people do whom the organisation has excluded from the detector, by name or by group.
func excluded(in Input) Verdict {
	d := in.Settings.GetDetectors()[in.Anomaly.GetType()]
	if slices.Contains(d.GetExcludedUsers(), in.Anomaly.GetUserId()) {
		return stop(aerv1.Decision_EXCLUDED, fmt.Sprintf("The organisation excludes this user from detector %s.", in.Anomaly.GetType()))
	}
	for _, g := range in.Person.GetGroups() {
		if slices.Contains(d.GetExcludedGroups(), g) {
			return stop(aerv1.Decision_EXCLUDED, fmt.Sprintf("The organisation excludes group %q, which the user is in, from detector %s.", cut(g), in.Anomaly.GetType()))
		}
	}
	if in.Person == nil && len(d.GetExcludedGroups()) > 0 {
		return pass("Not excluded by name; the user's groups are unknown (no directory entry).")
	}
	return pass("Neither the user nor one of their groups is excluded.")
}
