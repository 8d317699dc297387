// SPDX-License-Identifier: Apache-2.0

package event

import (
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Class is what kind of thing an action is. Actions are an open set of names; detectors only know classes.
type Class string

// The classes of actions.
const (
	ClassLogin       Class = "login"
	ClassLoginFailed Class = "login_failed"
	ClassLogout      Class = "logout"
	// ClassDownload: content left the service. Slack's file_downloaded also covers viewing in the browser.
	ClassDownload Class = "download"
	// ClassRead: content was looked at.
	ClassRead Class = "read"
	// ClassAPI: a method of the API was called; which one says whether it read, see Kind.
	ClassAPI  Class = "api"
	ClassPost Class = "post"
	// ClassSessionEnd: somebody else than the user ended sessions.
	ClassSessionEnd Class = "session_end"
	ClassOther      Class = "other"
)

// actionClasses names the class of the actions that matter: Slack's and those of the native form.
var actionClasses = map[string]Class{
	"user_login":        ClassLogin,
	"user_login_failed": ClassLoginFailed,
	"user_logout":       ClassLogout,

	"file_downloaded":   ClassDownload,
	"canvas_downloaded": ClassDownload,
	"list_downloaded":   ClassDownload,

	"file_viewed":            ClassRead,
	"file_preview":           ClassRead,
	"public_channel_preview": ClassRead,
	"channel_history_viewed": ClassRead,
	"search_performed":       ClassRead,

	"api_call":   ClassAPI,
	slackAPICall: ClassAPI,

	"message_posted": ClassPost,
	"file_uploaded":  ClassPost,
	"file_shared":    ClassPost,

	"user_session_reset_by_admin":            ClassSessionEnd,
	"bulk_session_reset_by_admin":            ClassSessionEnd,
	"user_session_invalidated":               ClassSessionEnd,
	"user_logout_compromised":                ClassSessionEnd,
	aerv1.ActionSessionsReset:                ClassSessionEnd,
	aerv1.ActionAppAccessEnded:               ClassSessionEnd,
	"user_sessions_reset_by_circuit_breaker": ClassSessionEnd,
}

// ActionClass gives the class of an action. Names that are not in the table are classed by their words:
// *_export_downloaded is a download, mcp_slack_*_tool_called an API call, *_viewed and *_previewed a read (Slack's
// naming), and whatever says in any spelling that somebody signed in, failed to, signed out, or was signed out, is
// that.
func ActionClass(action string) Class { return about(action).class }

// patternClass is the class of an action that is not in the table.
func patternClass(action string, w words) Class {
	const how = wLogin | wAuth | wFactor | wUser | wSession | wStart | wDone | wMeans | wFiller
	switch {
	case strings.HasSuffix(action, "_export_downloaded"):
		return ClassDownload
	case strings.HasPrefix(action, "mcp_slack_") && strings.HasSuffix(action, "_tool_called"):
		return ClassAPI
	case strings.HasSuffix(action, "_viewed"), strings.HasSuffix(action, "_previewed"):
		return ClassRead
	case w.has(wSession, wEnd) && !w.has(wStart), w.has(wLogout, wForced|wCompromised|wAdmin):
		return ClassSessionEnd
	case w.has(wLogout):
		return ClassLogout
	case w.has(wLogin, wFail), w.has(wAuth, wFail) && w.only(how|wFail):
		return ClassLoginFailed
	case w.only(how) && (w.has(wLogin) || w.has(wSession, wStart)):
		return ClassLogin
	}
	return ClassOther
}

// Kind is what an event is to whoever counts.
type Kind struct {
	Class Class
	// Download: content was downloaded. A download that was denied, limited or failed is none.
	Download bool
	// Read: content was looked at without being downloaded: a read, or a call of a method that reads (readsContent) with
	// an object, that was not denied, limited or failed. Background polling is no reading.
	Read bool
	// Polling: a background call of an official client.
	Polling bool
}

// KindOf tells what an event is.
func KindOf(ev *aerv1.Event) Kind {
	k := Kind{Class: ActionClass(ev.Action)}
	switch k.Class {
	case ClassDownload:
		k.Download = delivered(ev)
	case ClassRead:
		k.Read = delivered(ev)
	case ClassAPI:
		k.Polling = polls(ev.ApiMethod)
		k.Read = delivered(ev) && ev.GetObject().GetId() != "" && readsContent(ev.ApiMethod)
	}
	return k
}

// delivered tells whether an event had its effect, as far as is known.
func delivered(ev *aerv1.Event) bool {
	return ev.Outcome == "" || ev.Outcome == aerv1.OutcomeOK
}
