// SPDX-License-Identifier: Apache-2.0

package event

import (
	"cmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

var slackNames = names{
	id: "id", time: "date_create", org: "context.location.id (or actor.user.team)",
	user: "actor.user.id", action: "action",
}

// Slack's names of an API call, which the audit log itself does not have, and what we call it.
const (
	slackAPICall = "api_method_called"
	apiCall      = "api_call"
)

// slackEntry collects the parts of an audit log entry that an event is made of.
type slackEntry struct {
	*aerv1.EventBlock
	created, stamp         moment // date_create and action_timestamp
	actor, entity          party
	location, locationType string
	detailMethod           string // details.api_call_method
	agent                  bool   // an acting_agent is named
	agentID                string
}

// party is an actor or an entity: {"type":"file","file":{"id":...}}.
type party struct{ kind, id, name, team, channel, stamp string }

// slack reads an entry of Slack's Audit Logs API:
//
//	time        action_timestamp (at the top or in details) where it agrees with date_create to an hour, else date_create,
//	            which has only seconds; Slack writes the former in micro- or milliseconds
//	org_id      whose entry it is, see slack_org.go
//	user_id     actor.user.id, or the id of an actor of another type, which is then a bot
//	user_type   external, if the actor is at home in another organisation; else unknown
//	session_id  context.session_id as text, be it a string or a number
//	action      Slack's name, kept as it is, but api_call for api_method_called
//	object      the entity, unless it is the actor (logins) or an API method; a message is "channel:timestamp"
//	api_method  entity.api_method.name, else details.api_call_method
//	outcome     denied for user_login_failed and file_download_blocked; the audit log has no outcomes otherwise
//	client      context.ua, context.ip_address, details.device_id, ja3 (or client_ja3_fingerprint), ja4 (or client_ja4_fingerprint)
//	bytes       details.bytes
//	app_id      context.app.id, else the id of context.acting_agent or details.acting_agent
//	actor_kind  see actor.go
//
// details differs from action to action, so what is of an unexpected type there, or in context, is unknown, and noted.
func (r *reader) slack(b *aerv1.EventBlock, opt *Options) error {
	e := &r.entry
	*e = slackEntry{EventBlock: b}
	e.Event.Client = &e.Client
	if err := r.object("the record", func(name []byte) error { return r.slackMember(e, name) }); err != nil || r.doubt {
		return err
	}
	e.assemble(opt)
	return r.complete(&e.Event, &slackNames, e.actor.kind, e.agent)
}

// assemble makes the event of the parts.
func (e *slackEntry) assemble(opt *Options) {
	ev := &e.Event
	if t, ok := e.created.near(e.stamp); ok {
		ev.Time = setTime(&e.Time, t)
	}
	var external bool
	ev.OrgId, external = e.organisation(opt)
	ev.UserId = e.actor.id
	switch {
	case e.actor.kind != "user" && e.actor.kind != "":
		ev.UserType = aerv1.UserBot
	case external:
		ev.UserType = aerv1.UserExternal
	}
	ev.ApiMethod = e.detailMethod
	ev.AppId = cmp.Or(known(ev.AppId), e.agentID)
	e.touched()
	switch ev.Action {
	case slackAPICall:
		ev.Action = apiCall
	case "user_login_failed", "file_download_blocked":
		ev.Outcome = aerv1.OutcomeDenied
	}
}

// touched sets the event's object, or its API method, from the entity.
func (e *slackEntry) touched() {
	id := e.entity.id
	if id == "" && e.entity.channel != "" && e.entity.stamp != "" {
		id = e.entity.channel + ":" + e.entity.stamp // a message has no id of its own
	}
	switch {
	case e.entity.kind == "api_method":
		e.Event.ApiMethod = cmp.Or(e.entity.name, e.Event.ApiMethod)
	case id != "" && id != e.actor.id:
		e.Object.Type, e.Object.Id = e.entity.kind, id
		e.Event.Object = &e.Object
	}
}
