// SPDX-License-Identifier: Apache-2.0

package event

import (
	"net/netip"
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func machineRecord(_ string, a *action) bool {
	w := a.words
	switch {
	case w.has(wPref) && oneOf(a.first, "pref", "prefs"), a.first == "anomaly" && a.class == ClassOther:
		return true
	case w.has(wSession|wLogout, wBreaker|wAnomaly|wCompromised):
		return true
	}
	return w.has(wPassword, wReset, wSecurity)
}

// proving are the words of actions by which people prove who they are, and of how that went.
const proving = wLogin | wAuth | wFactor | wSecret | wPassword | wSession | wStart | wFail | wRequest | wUser | wDone | wMeans | wFiller

// proves tells whether people prove by an action who they are, or try to.
func (a *action) proves() bool {
	w := a.words
	return a.class == ClassLogin || a.class == ClassLoginFailed || w.has(wLogin) && !w.has(wChange|wLogout|wPref) ||
		w.has(wAuth|wFactor) && w.only(proving)
}

// fails tells whether an action is by its name one of those that failed.
func (a *action) fails() bool {
	w := a.words
	return a.class == ClassLoginFailed ||
		w.has(wFail) && (a.proves() || w.has(wSecret|wPassword) && w.only(proving))
}

func aboutLogin(_ string, a *action) bool { return a.proves() || a.fails() }

func refusedLogin(a *acting) bool {
	return a.fails() || a.ev.Outcome != "" && a.ev.Outcome != aerv1.OutcomeOK
}

func aboutRecovery(_ string, a *action) bool {
	return !a.words.has(wAdmin) && a.words.has(wForgot|wPassword|wRequest)
}

func recovery(a *acting) bool {
	w := a.words
	switch {
	case w.has(wForgot, wPassword|wUser), w.has(wPassword, wReset, wRequest|wMeans), w.has(wLogin|wFactor, wRequest):
		return true
	}
	return w.has(wPassword, wReset) && a.ev.SessionId == ""
}

func placeholderPerson(a *acting) bool {
	const prefix = "USLACK"
	return known(a.ev.UserId) == "" || len(a.ev.UserId) > len(prefix) &&
		strings.EqualFold(a.ev.UserId[:len(prefix)], prefix)
}

func aboutUsers(_ string, a *action) bool {
	return a.words.has(wEnd|wBulk|wForced|wAdmin|wStatus|wRole) || a.class == ClassSessionEnd
}

func doneToUser(a *acting) bool {
	w := a.words
	if actsOnOther(a.ev) {
		return false
	}
	switch {
	case a.class == ClassSessionEnd, w.has(wBulk, wSession|wPassword|wLogout), w.has(wPassword, wReset, wAdmin):
		return true
	case w.has(wRole, wChange):
		return a.ev.SessionId == "" // who gives a role to themselves does so in a session, and may be a thief
	}
	return w.has(wUser, wStatus) && w.only(wUser|wStatus|wAdmin|wBulk|wForced|wFiller|wDone|wSecurity)
}

// actsOnOther tells whether the object is somebody or something other than the acting user and what belongs to him.
func actsOnOther(ev *aerv1.Event) bool {
	o := ev.Object
	return o.GetId() != "" && o.Id != ev.UserId && !oneOf(o.Type, "session", "device", "token", "login")
}

func namedApp(a *acting) bool { return a.ev.AppId != "" && !firstParty(a.ev.AppId) }

// firstParty knows the app ids with which platforms name their own clients.
func firstParty(app string) bool {
	return oneOf(strings.ToLower(app), "web", "browser", "desktop", "mobile", "ios", "ipados", "android", "macos",
		"windows", "linux", "first_party", "first-party", "slack")
}

func actingAgent(a *acting) bool {
	return a.agent || otherActor(a) && oneOf(a.actor, "app", "bot", "workflow", "agent", "integration", "service_account")
}

func aiTool(name string, a *action) bool {
	return a.words.has(wMCP) || a.words.has(wAI, wTool) || strings.HasPrefix(name, "slack_ai_")
}

func otherActor(a *acting) bool { return a.actor != "" && a.actor != "user" }

func noClient(a *acting) bool {
	if a.ev.Client.UserAgent != "" || !unproven(a.ev) || a.ev.Client.Ip == "" {
		return false
	}
	ip, err := netip.ParseAddr(a.ev.Client.Ip)
	return err == nil && (ip.IsLoopback() || ip.IsUnspecified())
}

// unproven tells whether an event shows neither a session nor a machine.
func unproven(ev *aerv1.Event) bool {
	return ev.SessionId == "" && ev.Client.DeviceId == "" && ev.Client.Ja4 == "" && ev.Client.Ja3 == ""
}

// backEnds are what the agents of cloud services and of provisioning call themselves, in small letters. Slack's SCIM
// and the identity providers write the latter; the former deliver what somebody else has caused.
var backEnds = []string{
	"amazon simple notification service agent", "amazon-eventbridge", "amazon/eventbridge", "aws internal",
	"google-cloud-tasks",
	"google-cloud-scheduler", "appengine-google", "cloudpubsub-google", "azure-eventgrid", "eventgrid/",
	"microsoft-azure-logic",
	"scim", "syncfabric", "okta cpc", "okta lifecycle", "onelogin provisioning", "azure ad provisioning",
	"entra provisioning", "slackbot", "slack-imgproxy",
}

func behindTheScenes(_ string, a *action) bool {
	return !oneOf(string(a.class), string(ClassDownload), string(ClassRead), string(ClassAPI), string(ClassLogin))
}

func backEnd(a *acting) bool {
	if a.ev.Client.UserAgent == "" || !unproven(a.ev) {
		return false
	}
	agent := strings.ToLower(cut(a.ev.Client.UserAgent, userAgentMax))
	return slices.ContainsFunc(backEnds, func(name string) bool { return strings.Contains(agent, name) })
}

func refusedOutside(a *acting) bool {
	return a.ev.SessionId == "" && (a.ev.Outcome == aerv1.OutcomeDenied || a.ev.Outcome == aerv1.OutcomeError)
}
