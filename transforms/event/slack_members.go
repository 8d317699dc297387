// SPDX-License-Identifier: Apache-2.0

package event

func (r *reader) slackMember(e *slackEntry, name []byte) error {
	ev := &e.Event
	switch string(name) {
	case "id":
		return r.needID("id", &ev.Id)
	case "date_create":
		r.ofSlack++
		return r.dateCreate(&e.created)
	case "action":
		return r.need("action", &ev.Action)
	case "action_timestamp":
		return r.moment(&e.stamp)
	case "actor":
		r.ofSlack++
		if r.peek() == 'n' {
			return r.skip()
		}
		return r.object("actor", func(name []byte) error { return r.slackActor(&e.actor, name) })
	case "entity":
		r.ofSlack++
		return r.part(FieldObject, func(name []byte) error { return r.slackEntity(&e.entity, name) })
	case "context":
		r.ofSlack++
		return r.whose("context", FieldClient, func(name []byte) error { return r.slackContext(e, name) })
	case "details":
		return r.part(FieldDetails, func(name []byte) error { return r.slackDetails(e, name) })
	}
	return r.foreign(name)
}

// whose reads a part that says, among other things, whose the entry is: one that is there twice and contradicts itself
// is refused.
func (r *reader) whose(field string, f Field, member func(name []byte) error) error {
	if k := r.peek(); r.twice != nil && k != '{' && k != 'n' {
		return wrong(field, k, "an object")
	}
	return r.part(f, member)
}

// named tells whether the member name of a party is the object that its type names; there is only one such.
func (p *party) named(r *reader, name []byte) bool {
	if p.kind == "" {
		p.kind = r.word(name) // replaced by "type" if that follows
		return true
	}
	return p.kind == string(name) || p.id == ""
}

func (r *reader) slackActor(p *party, name []byte) error {
	switch {
	case string(name) == "type":
		return r.key("actor.type", &p.kind)
	case !p.named(r, name):
		return r.skip()
	}
	if r.peek() == '"' {
		return r.needID("actor.user.id", &p.id)
	}
	return r.whose("actor.user", FieldClient, func(name []byte) error {
		switch string(name) {
		case "id":
			return r.needID("actor.user.id", &p.id)
		case "team":
			return r.key("actor.user.team", &p.team)
		}
		return r.skip()
	})
}

func (r *reader) slackEntity(p *party, name []byte) error {
	switch {
	case string(name) == "type":
		return r.opt(FieldObject, &p.kind)
	case !p.named(r, name):
		return r.skip()
	}
	return r.thing(FieldObject, &p.id, func(name []byte) error {
		switch string(name) {
		case "id":
			return r.optID(FieldObject, &p.id)
		case "name":
			return r.optID(FieldObject, &p.name)
		case "channel":
			return r.optID(FieldObject, &p.channel)
		case "timestamp":
			return r.optID(FieldObject, &p.stamp)
		}
		return r.skip()
	})
}

func (r *reader) slackContext(e *slackEntry, name []byte) error {
	switch string(name) {
	case "ua":
		return r.opt(FieldUserAgent, &e.Client.UserAgent)
	case "ip_address":
		return r.optID(FieldIP, &e.Client.Ip)
	case "session_id":
		return r.optID(FieldSession, &e.Event.SessionId)
	case "location":
		return r.whose("context.location", FieldClient, func(name []byte) error {
			switch string(name) {
			case "id":
				return r.key("context.location.id", &e.location)
			case "type":
				return r.key("context.location.type", &e.locationType)
			}
			return r.skip()
		})
	case "app":
		return r.app(&e.Event.AppId)
	case "acting_agent":
		return r.slackAgent(e)
	}
	return r.skip()
}

func (r *reader) slackDetails(e *slackEntry, name []byte) (err error) {
	switch string(name) {
	case "action_timestamp":
		return r.moment(&e.stamp)
	case "device_id":
		return r.optID(FieldDevice, &e.Client.DeviceId)
	case "ja3", "client_ja3_fingerprint":
		return r.either(FieldJA3, &e.Client.Ja3)
	case "ja4", "client_ja4_fingerprint":
		return r.either(FieldJA4, &e.Client.Ja4)
	case "api_call_method":
		return r.opt(FieldMethod, &e.detailMethod)
	case "bytes":
		e.Event.Bytes, err = r.bytes(FieldBytes, &e.Bytes)
		return err
	case "acting_agent":
		return r.slackAgent(e)
	}
	return r.skip()
}

// slackAgent reads the agent that acts for the actor: an object with an id, an id, or a mere yes.
func (r *reader) slackAgent(e *slackEntry) error {
	start := r.pos
	if !r.given() {
		return nil
	}
	e.agent = true
	after := r.pos
	r.pos = start
	switch r.peek() {
	case '"', '0', '{':
		err := r.app(&e.agentID)
		e.agentID = known(e.agentID)
		return err
	}
	r.pos = after
	return nil
}

// app reads an app by its id, alone or in an object.
func (r *reader) app(id *string) error {
	return r.thing(FieldApp, id, func(name []byte) error {
		if string(name) == "id" {
			return r.optID(FieldApp, id)
		}
		return r.skip()
	})
}
