package event

import (
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

var slackNames = names{
	id: "id", time: "date_create", org: "context.location.id (or actor.user.team)", user: "actor.user.id", action: "action",
}

// Slack's names of an API call, which the audit log itself does not have, and what we call it.
const (
	slackAPICall = "api_method_called"
	apiCall      = "api_call"
)

// slackEntry collects the parts of an audit log entry that an event is made of.
type slackEntry struct {
	block
	created, stamp         moment // date_create and action_timestamp
	actor, entity          party
	location, locationType string
	detailMethod           string // details.api_call_method
}

// party is an actor or an entity: {"type":"file","file":{"id":...}}.
type party struct{ kind, id, name, team, channel, stamp string }

// slack decodes an entry of Slack's Audit Logs API (DOMAIN.md 1.1):
//
//	time        action_timestamp (at the top or in details) where it agrees with date_create to an hour, else date_create,
//	            which has only seconds; Slack writes the former in micro- or milliseconds
//	org_id      orgID if given, else context.location.id, else actor.user.team. The location is where it happened; the team is
//	            where the actor is at home, which for a guest of a shared channel is somebody else's organisation
//	user_id     actor.user.id, or the id of an actor of another type, which is then a bot
//	user_type   external, if both the location and the actor's team are enterprises and differ; else unknown
//	session_id  context.session_id as text, be it a string or a number
//	action      Slack's name, kept as it is, but api_call for api_method_called
//	object      the entity, unless it is the actor (logins) or an API method; a message is "channel:timestamp"
//	api_method  entity.api_method.name, else details.api_call_method
//	outcome     denied for user_login_failed and file_download_blocked; the audit log has no outcomes otherwise
//	client      context.ua, context.ip_address, details.device_id, ja3 (or client_ja3_fingerprint), ja4
//	bytes       details.bytes
//	app_id      context.app.id
//
// The entry's own fields must have their types. details differs from action to action, so what is of an unexpected type there,
// or in context, is unknown.
func (r *reader) slack(raw []byte, orgID string) (*aerv1.Event, error) {
	if err := r.check(raw); err != nil {
		return nil, err
	}
	e := new(slackEntry)
	e.event.Client = &e.client
	if err := r.object("the record", func(name []byte) error { return r.slackMember(e, name) }); err != nil {
		return nil, err
	}
	e.assemble(orgID)
	if err := complete(&e.event, &slackNames); err != nil {
		return nil, err
	}
	return &e.event, nil
}

func (r *reader) slackMember(e *slackEntry, name []byte) error {
	ev := &e.event
	switch string(name) {
	case "id":
		return r.str("id", &ev.Id)
	case "date_create":
		return r.dateCreate(&e.created)
	case "action":
		return r.str("action", &ev.Action)
	case "action_timestamp":
		return r.moment(&e.stamp)
	case "actor":
		return r.optional("actor", func(name []byte) error { return r.slackParty("actor", &e.actor, name) })
	case "entity":
		return r.loose(func(name []byte) error { return r.slackParty("entity", &e.entity, name) })
	case "context":
		return r.loose(func(name []byte) error { return r.slackContext(e, name) })
	case "details":
		return r.loose(func(name []byte) error { return r.slackDetails(e, name) })
	}
	return r.skip()
}

// slackParty reads a member of an actor or an entity. The member named by the type is an object, and the only one.
func (r *reader) slackParty(field string, p *party, name []byte) error {
	if string(name) == "type" {
		return r.plain(&p.kind)
	}
	if p.kind == "" {
		p.kind = r.word(name) // replaced by "type" if that follows
	} else if p.kind != string(name) && p.id != "" {
		return r.skip()
	}
	return r.loose(func(name []byte) error {
		switch string(name) {
		case "id":
			if field == "actor" {
				return r.str("actor.user.id", &p.id)
			}
			return r.plain(&p.id)
		case "name":
			return r.plain(&p.name)
		case "team":
			return r.plain(&p.team)
		case "channel":
			return r.plain(&p.channel)
		case "timestamp":
			return r.plain(&p.stamp)
		}
		return r.skip()
	})
}

func (r *reader) slackContext(e *slackEntry, name []byte) error {
	switch string(name) {
	case "ua":
		return r.plain(&e.client.UserAgent)
	case "ip_address":
		return r.plain(&e.client.Ip)
	case "session_id":
		return r.plain(&e.event.SessionId)
	case "location":
		return r.loose(func(name []byte) error {
			switch string(name) {
			case "id":
				return r.plain(&e.location)
			case "type":
				return r.plain(&e.locationType)
			}
			return r.skip()
		})
	case "app":
		return r.loose(func(name []byte) error {
			if string(name) == "id" {
				return r.plain(&e.event.AppId)
			}
			return r.skip()
		})
	}
	return r.skip()
}

func (r *reader) slackDetails(e *slackEntry, name []byte) error {
	switch string(name) {
	case "action_timestamp":
		return r.moment(&e.stamp)
	case "device_id":
		return r.plain(&e.client.DeviceId)
	case "ja3", "client_ja3_fingerprint":
		return r.plain(&e.client.Ja3)
	case "ja4":
		return r.plain(&e.client.Ja4)
	case "api_call_method":
		return r.plain(&e.detailMethod)
	case "bytes":
		var text string
		err := r.plain(&text)
		if n, ok := parseUint(text); ok {
			e.event.Bytes = &n
		}
		return err
	}
	return r.skip()
}

// assemble makes the event of the parts.
func (e *slackEntry) assemble(orgID string) {
	ev := &e.event
	if t, ok := e.created.near(e.stamp); ok {
		ev.Time = setTime(&e.time, t)
	}
	ev.OrgId = firstOf(orgID, e.location, e.actor.team)
	ev.UserId = e.actor.id
	switch {
	case e.actor.kind != "user" && e.actor.kind != "":
		ev.UserType = aerv1.UserBot
	case e.locationType == "enterprise" && strings.HasPrefix(e.actor.team, "E") && e.actor.team != e.location:
		ev.UserType = aerv1.UserExternal
	}
	ev.ApiMethod = e.detailMethod
	e.object()
	switch ev.Action {
	case slackAPICall:
		ev.Action = apiCall
	case "user_login_failed", "file_download_blocked":
		ev.Outcome = aerv1.OutcomeDenied
	}
}

// object sets the event's object, or its API method, from the entity.
func (e *slackEntry) object() {
	id := e.entity.id
	if id == "" && e.entity.channel != "" && e.entity.stamp != "" {
		id = e.entity.channel + ":" + e.entity.stamp // a message has no id of its own
	}
	switch {
	case e.entity.kind == "api_method":
		e.event.ApiMethod = firstOf(e.entity.name, e.event.ApiMethod)
	case id != "" && id != e.actor.id:
		e.block.object.Type, e.block.object.Id = e.entity.kind, id
		e.event.Object = &e.block.object
	}
}

func firstOf(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}
