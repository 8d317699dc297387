// SPDX-License-Identifier: Apache-2.0

package event

import (
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// block is an event with its parts in one allocation.
type block struct {
	event        aerv1.Event
	client       aerv1.Client
	object       aerv1.Object
	time, cookie timestamppb.Timestamp
}

var nativeNames = names{id: "id", time: "time", org: "org_id", user: "user_id", action: "action"}

// native decodes the JSON form of aer.v1.Event, which is also what aerv1.MarshalJSONLine writes: names in
// snake_case, times in RFC 3339, 64-bit numbers as numbers or strings. null is as good as absent. Times may be
// any that parseTime reads.
func (r *reader) native(raw []byte) (*aerv1.Event, error) {
	if err := r.check(raw); err != nil {
		return nil, err
	}
	b := new(block)
	ev := &b.event
	ev.Client = &b.client
	err := r.object("the record", func(name []byte) error { return r.nativeMember(b, name) })
	if err == nil {
		err = r.complete(ev, &nativeNames, "", false)
	}
	if err != nil {
		return nil, r.refusal(err)
	}
	return ev, nil
}

func (r *reader) nativeMember(b *block, name []byte) (err error) {
	ev := &b.event
	switch string(name) {
	case "id":
		return r.need("id", &ev.Id)
	case "time":
		ev.Time, err = r.time(&b.time)
	case "org_id":
		return r.need("org_id", &ev.OrgId)
	case "user_id":
		return r.need("user_id", &ev.UserId)
	case "session_id":
		return r.opt(FieldSession, &ev.SessionId)
	case "action":
		return r.need("action", &ev.Action)
	case "api_method":
		return r.opt(FieldMethod, &ev.ApiMethod)
	case "object":
		ev.Object = &b.object // complete drops it if it has no id
		return r.thing(FieldObject, &b.object.Id, func(name []byte) error { return r.nativeObject(b, name) })
	case "bytes":
		ev.Bytes, err = r.bytes(FieldBytes)
	case "outcome":
		return r.outcome(&ev.Outcome)
	case "client":
		return r.part(FieldClient, func(name []byte) error { return r.nativeClient(&b.client, name) })
	case "cookie_time":
		ev.CookieTime = r.cookieTime(&b.cookie)
	case "user_type":
		return r.opt(FieldUserType, &ev.UserType)
	case "app_id":
		return r.opt(FieldApp, &ev.AppId)
	case "actor_kind":
		return r.opt(FieldActorKind, &ev.ActorKind)
	default:
		return r.skip()
	}
	return err
}

func (r *reader) nativeObject(b *block, name []byte) error {
	switch string(name) {
	case "type":
		return r.opt(FieldObject, &b.object.Type)
	case "id":
		return r.opt(FieldObject, &b.object.Id)
	}
	return r.skip()
}

func (r *reader) nativeClient(c *aerv1.Client, name []byte) (err error) {
	switch string(name) {
	case "ip":
		return r.opt(FieldIP, &c.Ip)
	case "user_agent":
		return r.opt(FieldUserAgent, &c.UserAgent)
	case "device_id":
		return r.opt(FieldDevice, &c.DeviceId)
	case "ja4":
		return r.opt(FieldJA4, &c.Ja4)
	case "ja3":
		return r.opt(FieldJA3, &c.Ja3)
	case "platform":
		return r.opt(FieldPlatform, &c.Platform)
	case "country":
		return r.opt(FieldCountry, &c.Country)
	case "asn":
		c.Asn, err = r.asn(FieldASN)
		return err
	}
	return r.skip()
}

// outcome reads an outcome, which some write as true or false.
func (r *reader) outcome(dst *string) error {
	if k := r.peek(); k == 't' || k == 'f' {
		*dst = r.word(r.value())
		return nil
	}
	return r.opt(FieldOutcome, dst)
}
