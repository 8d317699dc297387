// SPDX-License-Identifier: Apache-2.0

package event

import (
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func TestActionClass(t *testing.T) {
	for class, actions := range map[Class][]string{
		ClassLogin: {"user_login", "USER_LOGIN", "login", "signin", "UserLoggedIn", "user.session.start",
			"Sign-in", "log in"},
		ClassLoginFailed: {"user_login_failed", "login_failure", "UserLoginFailed", "authentication_failed",
			"Sign-in failed"},
		ClassLogout: {"user_logout", "signed_out", "UserLoggedOut"},
		ClassDownload: {"file_downloaded", "canvas_downloaded", "list_downloaded", "manual_export_downloaded",
			"channels_export_downloaded"},
		ClassRead: {"file_viewed", "file_preview", "public_channel_preview", "channel_history_viewed",
			"search_performed", "canvas_viewed"},
		ClassAPI:  {"api_call", "api_method_called", "mcp_slack_search_messages_tool_called"},
		ClassPost: {"message_posted", "file_uploaded"},
		ClassSessionEnd: {
			"user_session_reset_by_admin", "bulk_session_reset_by_admin", "user_session_invalidated", "user_logout_compromised",
			"user.session.clear", "SessionsRevoked", "logout_forced",
			"user_sessions_reset_by_anomaly_event_response", "user_sessions_reset_by_circuit_breaker",
		},
		ClassOther: {"", "file_download_blocked", "role_assigned", "channel_created", "anomaly", "mcp_other_tool_called",
			"login_settings_changed", "catalogue_updated"},
	} {
		for _, action := range actions {
			if got := ActionClass(action); got != class {
				t.Errorf("%q is %s, want %s", action, got, class)
			}
		}
	}
}

func TestReadsAndDownloads(t *testing.T) {
	file := &aerv1.Object{Type: "file", Id: "F1"}
	for name, c := range map[string]struct {
		ev             *aerv1.Event
		read, download bool
	}{
		"download":          {&aerv1.Event{Action: "file_downloaded", Object: file, Outcome: "ok"}, false, true},
		"download, unknown": {&aerv1.Event{Action: "file_downloaded", Object: file}, false, true},
		"download denied":   {&aerv1.Event{Action: "file_downloaded", Object: file, Outcome: "denied"}, false, false},
		"view":              {&aerv1.Event{Action: "file_viewed", Object: file}, true, false},
		"view limited":      {&aerv1.Event{Action: "file_viewed", Object: file, Outcome: "rate_limited"}, false, false},
		"call that reads":   {&aerv1.Event{Action: "api_call", ApiMethod: "files.info", Object: file}, true, false},
		"reads no object":   {&aerv1.Event{Action: "api_call", ApiMethod: "files.list"}, false, false},
		"call that writes":  {&aerv1.Event{Action: "api_call", ApiMethod: "chat.postMessage", Object: file}, false, false},
		"call that polls": {&aerv1.Event{Action: "api_call", ApiMethod: "conversations.mark",
			Object: file}, false, false},
		"no call":             {&aerv1.Event{Action: "role_assigned", ApiMethod: "files.info", Object: file}, false, false},
		"call without method": {&aerv1.Event{Action: "api_call", Object: file}, false, false},
	} {
		if k := KindOf(c.ev); k.Read != c.read || k.Download != c.download {
			t.Errorf("%s: read %t, download %t", name, k.Read, k.Download)
		}
	}
}

func TestMethods(t *testing.T) {
	for _, m := range []string{
		"conversations.history", "conversations.replies", "conversations.info", "conversations.list", "files.info",
		"files.list", "search.messages", "search.all",
		"users.info", "users.list", "users.profile.get", "reactions.get", "pins.list", "admin.users.list",
		"admin.conversations.getTeams", "team.accessLogs",
	} {
		if !readsContent(m) {
			t.Errorf("%s does not read", m)
		}
	}
	for _, m := range []string{"", "chat.postMessage", "conversations.mark", "users.getPresence", "client.counts",
		"admin.users.invite", "conversations.listen", "files.upload"} {
		if readsContent(m) {
			t.Errorf("%s reads", m)
		}
	}
	for _, m := range []string{"client.counts", "conversations.mark", "rtm.connect", "rtm.start", "users.getPresence",
		"presence.sub", "ping"} {
		if !KindOf(&aerv1.Event{Action: "api_call", ApiMethod: m}).Polling {
			t.Errorf("%s does not poll", m)
		}
	}
	if KindOf(&aerv1.Event{Action: "api_call", ApiMethod: "conversations.history"}).Polling ||
		KindOf(&aerv1.Event{Action: "file_viewed", ApiMethod: "ping"}).Polling {
		t.Error("a request of the user counts as polling")
	}
}
