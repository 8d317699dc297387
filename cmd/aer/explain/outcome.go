package explain

import (
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// meanings say what each outcome means for the person concerned.
var meanings = map[aerv1.Decision_Outcome]string{
	aerv1.Decision_RESPOND:          "all sessions of the person are ended, and the people concerned are told",
	aerv1.Decision_PERSISTING:       "it went on after the sessions were ended: they are ended again, and the admins are asked to act",
	aerv1.Decision_LOG_ONLY:         "recorded only: this organisation lets the detector log, or the evidence is weak",
	aerv1.Decision_OFF:              "the organisation has switched the detector off",
	aerv1.Decision_TRUSTED_NETWORK:  "it came from a network that the organisation trusts",
	aerv1.Decision_EXCLUDED:         "the organisation has excluded the person or one of their groups",
	aerv1.Decision_EXTERNAL_USER:    "people of other organisations are never signed out",
	aerv1.Decision_OWN_ACTION:       "caused by AER itself",
	aerv1.Decision_STALE:            "older than the last time the sessions were ended",
	aerv1.Decision_ALREADY_ENDED:    "the sessions behind it were being ended already",
	aerv1.Decision_COOLDOWN:         "the same cause signed the person out before, from their usual client: AER stops, and tells the admins",
	aerv1.Decision_COMMON_CAUSE:     "the same new thing for several people on their own devices: the organisation's environment changed; nobody is signed out, the admins are told once",
	aerv1.Decision_BUDGET_EXHAUSTED: "too many people would be signed out at once: AER stops, and pages once",
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
