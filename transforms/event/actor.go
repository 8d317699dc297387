// SPDX-License-Identifier: Apache-2.0

package event

import (
	"math/bits"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// ActorRule is one way to know who acted. Rules are asked in order; the first that applies decides, and where none does
// the person acted, signed in.
type ActorRule struct {
	// Name is short and unique.
	Name string
	// Kind is one of aerv1.ActorKinds.
	Kind string
	// Looks says what the rule looks at, Source where that is known from. Both are for people.
	Looks, Source string
	// Firm rules are not overruled by an actor_kind that comes with the event.
	Firm bool

	// could, if set, tells by an action's name that the rule cannot apply to it, which is found out once for each name.
	could func(name string, a *action) bool
	// applies, if set, decides; a rule without goes by the name alone.
	applies func(*acting) bool
}

// acting is what rules look at: the event, what its action's name says, and what only one format says.
type acting struct {
	ev *aerv1.Event
	*action
	// actor is the type of the actor where the format has types (Slack), agent that the entry names an agent acting for
	// it.
	actor string
	agent bool
}

var actorRules = []ActorRule{
	{Name: "machine_record", Kind: aerv1.ActorRecord, Firm: true, could: machineRecord,
		Looks: "`anomaly`, `pref.*`, sign-outs by an anomaly response, a circuit breaker or for a compromise, password " +
			"resets by security",
		Source: "Slack's audit log, our own audit entries"},
	{Name: "refused_login", Kind: aerv1.ActorAttempt, Firm: true, could: aboutLogin, applies: refusedLogin,
		Looks: "a login, second factor or secret whose action says that it failed, or whose outcome is denied, error or " +
			"rate_limited",
		Source: "`user_login_failed`, Microsoft 365 `UserLoginFailed`, Okta `user.session.start`, Google `login_failure`"},
	{Name: "recovery", Kind: aerv1.ActorAttempt, Firm: true, could: aboutRecovery, applies: recovery,
		Looks: "who asks for a password, a link or a code has not proved to be the person; a password reset outside of a " +
			"session neither",
		Source: "`user_password_reset_requested`"},
	{Name: "placeholder_person", Kind: aerv1.ActorSystem, applies: placeholderPerson,
		Looks: "a user_id of Slack's own: USLACKBOT, USLACKSECURITY, USLACKUSER, other USLACK*; one that names nobody: " +
			"`-`, `null`, `0`, `unknown`",
		Source: "Slack's guide to audit logs; access logs of whoever is not signed in"},
	{Name: "done_to_user", Kind: aerv1.ActorRecord, Firm: true, could: aboutUsers, applies: doneToUser,
		Looks: "sessions ended, users deactivated, locked or provisioned, roles changed outside of a session, bulk " +
			"resets: unless the object is somebody or something else, for then it is the administrator who acted",
		Source: "`user_session_reset_by_admin`, `user_session_invalidated`, `bulk_session_reset_by_admin`, `user_deactivated`"},
	{Name: "named_app", Kind: aerv1.ActorApp, applies: namedApp,
		Looks:  "app_id or Slack's context.app, other than a first-party client",
		Source: "Slack's audit log: an export by an app carries its installer's name"},
	{Name: "acting_agent", Kind: aerv1.ActorApp, applies: actingAgent,
		Looks:  "acting_agent in Slack's context or details, an actor that is an app, a bot or a workflow",
		Source: "Slack's audit log"},
	{Name: "ai_tool", Kind: aerv1.ActorApp, could: aiTool,
		Looks:  "`mcp_*`, `slack_ai_*`, tools that an assistant calls",
		Source: "`mcp_slack_*_tool_called`, `slack_ai_mcp_tool_called`"},
	{Name: "other_actor", Kind: aerv1.ActorSystem, applies: otherActor,
		Looks:  "an actor of a type other than user",
		Source: "Slack's audit log"},
	{Name: "no_client", Kind: aerv1.ActorSystem, applies: noClient,
		Looks:  "a loopback or unspecified address, and no session, user agent, device or print",
		Source: "rows that servers write about themselves"},
	{Name: "back_end", Kind: aerv1.ActorSystem, could: behindTheScenes, applies: backEnd,
		Looks: "the agent of a cloud service or of an identity provider's provisioning, without session, device and " +
			"print, unless it reads, downloads or signs in: a user agent is the client's own word",
		Source: "`huddle_ended` by \"Amazon Simple Notification Service Agent\", SCIM clients"},
	{Name: "refused", Kind: aerv1.ActorAttempt, applies: refusedOutside,
		Looks:  "outcome denied or error without a session",
		Source: "refused before a session existed"},
}

// ActorRules are the rules in their order, for documentation.
func ActorRules() []ActorRule { return actorRules }

// decideActor sets who acted. A kind that came with the event counts unless a firm rule says otherwise: nothing that is
// given makes a refused login or a record the person's own.
func decideActor(a *acting) {
	given := a.ev.ActorKind
	for left := a.rules; left != 0; left &= left - 1 {
		r := &actorRules[bits.TrailingZeros32(left)]
		if (given == "" || r.Firm) && (r.applies == nil || r.applies(a)) {
			a.ev.ActorKind = r.Kind
			return
		}
	}
	if given == "" {
		a.ev.ActorKind = aerv1.ActorSignedIn
	}
}
