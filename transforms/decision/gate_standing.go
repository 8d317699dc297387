// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"fmt"
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// AuditEntryID is the id that the response sink gives to the audit entry of a decision. It is derived here too, so that
// the entry is recognised when it comes back as input.
func AuditEntryID(org aerv1.OrgID, decision aerv1.DecisionID) string {
	return aerv1.NewID("audit", string(org), string(decision), aerv1.ActionSessionsReset)
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
		own[AuditEntryID(aerv1.OrgID(a.GetOrgId()), aerv1.DecisionID(r.DecisionId))] = true
	}
	return !slices.ContainsFunc(a.GetEventIds(), func(id string) bool { return !own[id] })
}

// externalUser stops what people of other organisations do: their sessions are not this organisation's to end.
func externalUser(in Input) Verdict {
	switch {
	case in.Anomaly.GetUserType() == aerv1.UserExternal:
		return stop(aerv1.Decision_EXTERNAL_USER,
			"The events say that the user belongs to another organisation; such people are never signed out.")
	case in.Person.GetType() == aerv1.UserExternal:
		return stop(aerv1.Decision_EXTERNAL_USER,
			"The directory says that the user belongs to another organisation; such people are never signed out.")
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
	case appsChoice(in).Outcome != aerv1.Decision_OUTCOME_UNSPECIFIED:
		return appsChoice(in)
	case d.Mode != aerv1.DetectorRespond:
		return stop(aerv1.Decision_LOG_ONLY, fmt.Sprintf("The organisation lets detector %s log only.", t))
	case in.Anomaly.GetEvidence().GetClient().GetFacts().GetTorStale():
		return stop(aerv1.Decision_LOG_ONLY,
			"The list of Tor exits was too old at that time (tor_stale), so its findings only log.")
	case in.Anomaly.GetLogOnly():
		return stop(aerv1.Decision_LOG_ONLY, "The evidence is not strong enough on its own to end sessions.")
	}
	return pass(fmt.Sprintf("Detector %s may respond.", t))
}

// excluded stops what people do whom the organisation has excluded from the detector, by name or by group. An exclusion
// with an end holds until then in event time.
func excluded(in Input) Verdict {
	d := in.Settings.GetDetectors()[in.Anomaly.GetType()]
	if slices.Contains(d.GetExcludedUsers(), in.Anomaly.GetUserId()) {
		return stop(aerv1.Decision_EXCLUDED, fmt.Sprintf("The organisation excludes this user from detector %s.",
			in.Anomaly.GetType()))
	}
	for _, g := range in.Person.GetGroups() {
		if slices.Contains(d.GetExcludedGroups(), g) {
			return stop(aerv1.Decision_EXCLUDED,
				fmt.Sprintf("The organisation excludes group %q, which the user is in, from detector %s.", cut(g),
					in.Anomaly.GetType()))
		}
	}
	e, expired, groups := findExclusion(in)
	switch {
	case e != nil:
		return stop(aerv1.Decision_EXCLUDED, describeExclusion(e))
	case in.Person == nil && (groups || len(d.GetExcludedGroups()) > 0):
		return pass("Not excluded by name; the user's groups are unknown (no directory entry)." + expiredExclusion(expired))
	}
	return pass("Neither the user nor one of their groups is excluded." + expiredExclusion(expired))
}

// findExclusion returns the first exclusion that covers the anomaly now, the one of those that no longer do which ended
// last, and whether any is for a group.
func findExclusion(in Input) (found, expired *aerv1.Exclusion, groups bool) {
	for _, e := range in.Settings.GetExclusions() {
		if e.GetDetector() != "" && e.GetDetector() != in.Anomaly.GetType() {
			continue
		}
		groups = groups || e.GetGroup() != ""
		switch byName := e.GetUserId() != "" && e.GetUserId() == in.Anomaly.GetUserId(); {
		case !byName && (e.GetGroup() == "" || !slices.Contains(in.Person.GetGroups(), e.GetGroup())):
		case e.GetExpires() == nil || in.Now.Before(e.Expires.AsTime()):
			return e, nil, groups
		case expired == nil || expired.Expires.AsTime().Before(e.Expires.AsTime()):
			expired = e
		}
	}
	return nil, expired, groups
}

func describeExclusion(e *aerv1.Exclusion) string {
	who, from, until := "this user", "every detector", ""
	if e.GetUserId() == "" {
		who = fmt.Sprintf("group %q, which the user is in,", cut(e.GetGroup()))
	}
	if e.GetDetector() != "" {
		from = "detector " + e.Detector
	}
	if e.GetExpires() != nil {
		until = " until " + clock(e.Expires.AsTime())
	}
	return fmt.Sprintf("The organisation excludes %s from %s%s%s.", who, from, until,
		because(e.GetReason(), e.GetAuthor()))
}

func expiredExclusion(e *aerv1.Exclusion) string {
	if e == nil {
		return ""
	}
	return fmt.Sprintf(" An exclusion ended at %s.", clock(e.Expires.AsTime()))
}

// cleared stops what a user does whom an admin has looked at and found in order, for as long as the admin said.
func cleared(in Input) Verdict {
	var over *aerv1.Clearance
	for _, c := range in.Settings.GetClearances() {
		switch {
		case c.GetUserId() == "" || c.UserId != in.Anomaly.GetUserId() || c.From == nil || c.Until == nil ||
			in.Now.Before(c.From.AsTime()):
		case in.Now.Before(c.Until.AsTime()):
			return stop(aerv1.Decision_CLEARED, fmt.Sprintf("An admin cleared this user: no reset until %s%s.",
				clock(c.Until.AsTime()), because(c.GetReason(), c.GetAuthor())))
		case over == nil || over.Until.AsTime().Before(c.Until.AsTime()):
			over = c
		}
	}
	if over != nil {
		return pass(fmt.Sprintf("The user had been cleared until %s; that is over.", clock(over.Until.AsTime())))
	}
	return pass("No admin has cleared the user.")
}

// because is " (reason, added by author)", or nothing.
func because(reason, author string) string {
	return describeTrust(&aerv1.TrustedNetwork{Reason: reason, Author: author})
}
