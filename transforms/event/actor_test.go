// SPDX-License-Identifier: Apache-2.0

package event

import (
	"strings"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"pgregory.net/rapid"
)

// kindOfEvent decodes the minimal native event with another action and more members.
func kindOfEvent(t *testing.T, action, members string) string {
	t.Helper()
	raw := replaced(`"action":"api_call"`, `"action":"`+action+`"`)
	if members != "" {
		raw = strings.TrimSuffix(raw, "}") + "," + members + "}"
	}
	return one(t, raw, Options{}).ActorKind
}

func TestActorByAction(t *testing.T) {
	for kind, actions := range map[string][]string{
		aerv1.ActorSignedIn: {
			"user_login", "login", "user_logout", "file_downloaded", "message_posted", "user_channel_join",
			"user_password_changed", "two_factor_auth_enabled",
			"login_settings_changed", "channel_created", "never_seen_before", "session_started", "file_download_blocked",
			"login_with_magic_link", "user_signed_in_with_email", "email_login", "login_link_clicked",
			"verify_email", "otp_verified",
		},
		aerv1.ActorAttempt: {
			"user_login_failed", "login_failed", "login_failure", "LOGIN_FAILED", "UserLoginFailed", "Sign-in failed",
			"authentication_failed", "user.mfa.challenge.failed",
			"two_factor_auth_failed", "invalid_token", "otp_invalid", "signin_denied", "login_failed_wrong_password",
			"user_password_reset_requested", "password_reset_request", "forgot_password", "request_password_reset",
			"account_recovery_started", "magic_login_link_sent",
			"magic_link_requested", "login_link_sent", "password_reset_email", "otp_sent",
		},
		aerv1.ActorRecord: {
			"user_session_reset_by_admin", "bulk_session_reset_by_admin", "user_session_invalidated", "USER_SESSION_INVALIDATED",
			"user.session.clear", "SessionsRevoked",
			"user_logout_compromised", "user_sessions_reset_by_anomaly_event_response", "user_sessions_reset_by_circuit_breaker",
			"UserSessionsResetByAnomalyEventResponse",
			"user_password_reset_slack_security", "user_deactivated", "user_reactivated", "account_locked",
			"UserAccountSuspended", "role_assigned", "user_role_changed",
			"anomaly", "pref.anomaly_event_response_changed", "pref.two_factor_auth_changed", "bulk_password_reset_by_admin",
		},
		aerv1.ActorApp: {"mcp_slack_read_channel_tool_called", "slack_ai_mcp_tool_called", "ai_tool_called"},
	} {
		for _, action := range actions {
			if got := kindOfEvent(t, action, ""); got != kind {
				t.Errorf("%s is of kind %s, want %s", action, got, kind)
			}
		}
	}
}

// Nobody in particular is no person, and none that access logs name so can be signed out; a given kind goes before
// that.
func TestActorNobody(t *testing.T) {
	for id, kind := range map[string]string{
		"-": aerv1.ActorSystem, "(null)": aerv1.ActorSystem, "0": aerv1.ActorSystem, "undefined": aerv1.ActorSystem,
		"10": aerv1.ActorSignedIn, "nullable": aerv1.ActorSignedIn, "U0": aerv1.ActorSignedIn,
	} {
		raw := replaced(`"user_id":"U1"`, `"user_id":"`+id+`"`)
		if got := one(t, raw, Options{}).ActorKind; got != kind {
			t.Errorf("what %q does is of kind %s, want %s", id, got, kind)
		}
		raw = strings.TrimSuffix(raw, "}") + `,"actor_kind":"signed_in"}`
		if got := one(t, raw, Options{}).ActorKind; got != aerv1.ActorSignedIn {
			t.Errorf("what %q does is of kind %s, which was given otherwise", id, got)
		}
	}
}

func TestActorByEvent(t *testing.T) {
	const machine = `"client":{"user_agent":"Amazon Simple Notification Service Agent","ip":"203.0.113.77"}`
	for name, c := range map[string]struct{ action, members, want string }{
		"login denied":              {"login", `"outcome":"denied","session_id":"S1"`, aerv1.ActorAttempt},
		"login blocked, other word": {"user.session.start", `"outcome":"FAILURE"`, aerv1.ActorAttempt},
		"second factor limited":     {"mfa_challenge", `"outcome":"rate_limited","session_id":"S1"`, aerv1.ActorAttempt},
		"login ok":                  {"login", `"outcome":"success"`, aerv1.ActorSignedIn},
		"denied inside a session":   {"file_download_blocked", `"outcome":"denied","session_id":"S1"`, aerv1.ActorSignedIn},
		"denied without a session":  {"file_downloaded", `"outcome":"denied"`, aerv1.ActorAttempt},
		"failed, session unknown":   {"api_call", `"outcome":"error","session_id":"-"`, aerv1.ActorAttempt},
		"limited without a session": {"api_call", `"outcome":"rate_limited"`, aerv1.ActorSignedIn},
		"password reset by mail":    {"password_reset", ``, aerv1.ActorAttempt},
		"password reset in session": {"password_reset", `"session_id":"S1"`, aerv1.ActorSignedIn},
		"admin ends others' sessions": {"user_session_reset_by_admin", `"object":{"type":"user","id":"U2"}`,
			aerv1.ActorSignedIn},
		"own sessions ended": {"user_session_reset_by_admin", `"object":{"type":"user","id":"U1"}`,
			aerv1.ActorRecord},
		"one session ended":          {"session_revoked", `"object":{"type":"session","id":"S9"}`, aerv1.ActorRecord},
		"AER ended others' sessions": {aerv1.ActionSessionsReset, `"object":{"type":"user","id":"U2"}`, aerv1.ActorRecord},
		"admin gives a role":         {"role_assigned", `"object":{"type":"user","id":"U2"}`, aerv1.ActorSignedIn},
		"a role for oneself": {"role_assigned", `"session_id":"S1","object":{"type":"user","id":"U1"}`,
			aerv1.ActorSignedIn},
		"a role is given":         {"role_assigned", `"object":{"type":"user","id":"U1"}`, aerv1.ActorRecord},
		"app":                     {"file_downloaded", `"app_id":"A1"`, aerv1.ActorApp},
		"app fails to log in":     {"user_login_failed", `"app_id":"A1"`, aerv1.ActorAttempt},
		"no app":                  {"file_downloaded", `"app_id":"null"`, aerv1.ActorSignedIn},
		"first-party client":      {"file_downloaded", `"app_id":"iOS"`, aerv1.ActorSignedIn},
		"loopback, no client":     {"file_scanned", `"client":{"ip":"[::1]:443"}`, aerv1.ActorSystem},
		"loopback with a session": {"file_scanned", `"session_id":"S1","client":{"ip":"127.0.0.1"}`, aerv1.ActorSignedIn},
		"loopback with an agent":  {"file_scanned", `"client":{"ip":"127.0.0.1","user_agent":"curl/8"}`, aerv1.ActorSignedIn},
		"no address, no client":   {"file_scanned", ``, aerv1.ActorSignedIn},
		"a cloud service's agent": {"huddle_ended", machine, aerv1.ActorSystem},
		"its name on a thief":     {"file_downloaded", machine, aerv1.ActorSignedIn},
		"its name in a session":   {"huddle_ended", `"session_id":"S1",` + machine, aerv1.ActorSignedIn},
		"provisioning": {"user_profile_updated", `"client":{"user_agent":"Okta SCIM Client 1.0.0"}`,
			aerv1.ActorSystem},

		"given":                        {"file_downloaded", `"actor_kind":"system"`, aerv1.ActorSystem},
		"given in capitals":            {"file_downloaded", `"actor_kind":"APP"`, aerv1.ActorApp},
		"given against a refusal":      {"user_login_failed", `"actor_kind":"signed_in"`, aerv1.ActorAttempt},
		"given against a denied login": {"login", `"outcome":"denied","actor_kind":"signed_in"`, aerv1.ActorAttempt},
		"given against a record":       {"anomaly", `"actor_kind":"signed_in"`, aerv1.ActorRecord},
		"given for an app's id":        {"file_downloaded", `"app_id":"A1","actor_kind":"signed_in"`, aerv1.ActorSignedIn},
		"an unknown word":              {"user_login_failed", `"actor_kind":"robot"`, aerv1.ActorAttempt},
	} {
		t.Run(name, func(t *testing.T) {
			if got := kindOfEvent(t, c.action, c.members); got != c.want {
				t.Errorf("kind %s, want %s", got, c.want)
			}
		})
	}
}

func TestSlackActors(t *testing.T) {
	const app, user, session = `"app":{"id":"A0APP","name":"Jukebox"}`, `{"type":"user","user":{"id":"W123AB456"`,
		`"session_id":"847288190092"`
	for name, c := range map[string]struct {
		edit      []string
		kind, app string
	}{
		"an app":              {nil, aerv1.ActorApp, "A0APP"},
		"a person":            {[]string{app, `"app":null`}, aerv1.ActorSignedIn, ""},
		"empty app":           {[]string{app, `"app":[]`}, aerv1.ActorSignedIn, ""},
		"an agent of an app":  {[]string{app, `"acting_agent":{"id":"A7","name":"helper"}`}, aerv1.ActorApp, "A7"},
		"an agent without id": {[]string{app, `"acting_agent":true`}, aerv1.ActorApp, ""},
		"no agent":            {[]string{app, `"acting_agent":null`}, aerv1.ActorSignedIn, ""},
		"an agent in details": {[]string{app + "}}", `"app":null},"details":{"acting_agent":"A8"}}`}, aerv1.ActorApp, "A8"},
		"placeholder person":  {[]string{app, `"app":null`, `"W123AB456"`, `"USLACKUSER"`}, aerv1.ActorSystem, ""},
		"nobody":              {[]string{app, `"app":null`, `"W123AB456"`, `"null"`}, aerv1.ActorSystem, ""},
		"other placeholder":   {[]string{app, `"app":null`, `"W123AB456"`, `"USLACKNEW"`}, aerv1.ActorSystem, ""},
		"actor is an app":     {[]string{app, `"app":null`, user, `{"type":"app","app":{"id":"A9"`}, aerv1.ActorApp, ""},
		"actor is a service": {[]string{app, `"app":null`, user, `{"type":"service","service":{"id":"X"`},
			aerv1.ActorSystem, ""},
		"failed login": {[]string{app, `"app":null`, "file_downloaded", "user_login_failed", session,
			`"session_id":null`}, aerv1.ActorAttempt, ""},
		"blocked in a session": {[]string{app, `"app":null`, "file_downloaded", "file_download_blocked"},
			aerv1.ActorSignedIn, ""},
		"blocked without one": {[]string{app, `"app":null`, "file_downloaded", "file_download_blocked", session,
			`"session_id":0`}, aerv1.ActorAttempt, ""},
		"an entry about a user": {[]string{app, `"app":null`, "file_downloaded", "anomaly"}, aerv1.ActorRecord, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if ev := slackEvent(t, c.edit...); ev.ActorKind != c.kind || ev.AppId != c.app {
				t.Errorf("kind %s of app %q, want %s of %q", ev.ActorKind, ev.AppId, c.kind, c.app)
			}
		})
	}
}

// AER's own audit entry, come back as input, is a record of what was done, about whoever it names.
func TestOwnAuditEntry(t *testing.T) {
	raw, err := aerv1.MarshalJSONLine(&aerv1.AuditEntry{
		Id: "a-1", DateCreate: 1795341600, Action: aerv1.ActionSessionsReset,
		Actor:  &aerv1.AuditActor{Type: "user", User: &aerv1.AuditUser{Id: "AER"}},
		Entity: &aerv1.AuditEntity{Type: "user", User: &aerv1.AuditUser{Id: "U1"}},
		Context: &aerv1.AuditContext{Location: &aerv1.AuditLocation{Type: "workspace", Id: "O1"}, Ua: "curl/8",
			IpAddress: "203.0.113.5", SessionId: "S1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	ev := one(t, string(raw), Options{})
	if ev.ActorKind != aerv1.ActorRecord || ev.UserId != "AER" || ev.GetObject().GetId() != "U1" {
		t.Errorf("event %v", ev)
	}
}

// Nothing that is given makes a refused login or a record the person's own, whatever else the event says.
func TestGivenKindNeverExcuses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ev := genEvent(t)
		ev.Action = rapid.SampledFrom([]string{"user_login_failed", "login_failure", "anomaly",
			"user_sessions_reset_by_circuit_breaker", "forgot_password"}).Draw(t, "action")
		ev.ActorKind = aerv1.ActorSignedIn
		if decideActor(&acting{ev: ev, action: about(ev.Action)}); ev.ActorKind == aerv1.ActorSignedIn {
			t.Errorf("%s is signed in", ev.Action)
		}
	})
}

func TestActorRulesAreDocumented(t *testing.T) {
	names := map[string]bool{}
	for _, r := range ActorRules() {
		if names[r.Name] || r.Looks == "" || r.Source == "" || !oneOf(r.Kind, aerv1.ActorKinds...) {
			t.Errorf("rule %+v", r)
		}
		names[r.Name] = true
	}
}
