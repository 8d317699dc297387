// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// meanings say what each outcome means for the person concerned.
var meanings = map[aerv1.Decision_Outcome]string{
	aerv1.Decision_RESPOND: "all sessions of the person are ended (of an app: its access), and the people " +
		"concerned are told",
	aerv1.Decision_PERSISTING: "it went on after the sessions were ended: they are ended again, and the admins " +
		"are asked to act",
	aerv1.Decision_LOG_ONLY:        "recorded only: this organisation lets the detector log, or the evidence is weak",
	aerv1.Decision_OFF:             "the organisation has switched the detector off (or, of an app: findings about apps)",
	aerv1.Decision_TRUSTED_NETWORK: "it came from a network that the organisation trusts",
	aerv1.Decision_EXCLUDED:        "the organisation has excluded the person or one of their groups",
	aerv1.Decision_EXTERNAL_USER:   "people of other organisations are never signed out",
	aerv1.Decision_OWN_ACTION:      "caused by AER itself",
	aerv1.Decision_STALE:           "older than the last time the sessions were ended, or too old to act on",
	aerv1.Decision_ALREADY_ENDED:   "the sessions behind it were being ended already",
	aerv1.Decision_COOLDOWN: "the same cause signed the person out before, from their usual client: AER stops, " +
		"and tells the admins",
	aerv1.Decision_COMMON_CAUSE: "the same new thing for several people on their own devices: the organisation's " +
		"environment changed; nobody is signed out, the admins are told once",
	aerv1.Decision_BUDGET_EXHAUSTED: "too many people would be signed out at once: AER stops, and pages once",
	aerv1.Decision_NOT_SIGNED_IN: "somebody was refused under the person's name: who it was is not known, and it " +
		"costs the person nothing",
	aerv1.Decision_CLEARED: "an admin has looked at the person and found them in order, for now",
}

// Meaning says what an outcome means for the person concerned.
func Meaning(o aerv1.Decision_Outcome) string { return meanings[o] }

// Outcomes lists every outcome, those that act first, then in the order of the gates.
func Outcomes() []aerv1.Decision_Outcome {
	acting := []aerv1.Decision_Outcome{aerv1.Decision_RESPOND, aerv1.Decision_PERSISTING}
	rest := []aerv1.Decision_Outcome{}
	for o := range aerv1.Decision_Outcome_name {
		if d := aerv1.Decision_Outcome(o); d != aerv1.Decision_OUTCOME_UNSPECIFIED && !slices.Contains(acting, d) {
			rest = append(rest, d)
		}
	}
	slices.Sort(rest)
	return append(acting, rest...)
}

// WhoActed says who it was, where it was not the person: empty for the person, signed in.
func WhoActed(a aerv1.Acting) string {
	switch a.GetActorKind() {
	case "", aerv1.ActorSignedIn:
		return ""
	case aerv1.ActorApp:
		if a.GetAppId() == "" {
			return "an app, under this person's name"
		}
		return "app " + a.GetAppId() + ", under this person's name"
	case aerv1.ActorAttempt:
		return "somebody who was refused under this person's name"
	case aerv1.ActorRecord:
		return "nobody: it was done to the person"
	}
	return "the platform itself"
}

// Mark is what follows a person's name in tables where it was not the person who acted.
func Mark(a aerv1.Acting) string {
	switch a.GetActorKind() {
	case "", aerv1.ActorSignedIn:
		return ""
	case aerv1.ActorApp:
		if a.GetAppId() != "" {
			return " (app " + a.GetAppId() + ")"
		}
	case aerv1.ActorAttempt:
		return " (refused)"
	}
	return " (" + a.GetActorKind() + ")"
}
