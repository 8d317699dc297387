// SPDX-License-Identifier: Apache-2.0

package event

import (
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

var nativeNames = names{id: "id", time: "time", org: "org_id", user: "user_id", action: "action"}

// native reads the JSON form of aer.v1.Event, which is also what aerv1.MarshalJSONLine writes: names in
// snake_case, times in RFC 3339, 64-bit numbers as numbers or strings. null is as good as absent. Times may be
// any that parseTime reads.
func (r *reader) native(b *aerv1.EventBlock) error {
	ev := &b.Event
	ev.Client = &b.Client
	if err := r.object("the record", func(name []byte) error { return r.nativeMember(b, name) }); err != nil || r.doubt {
		return err
	}
	return r.complete(ev, &nativeNames, "", false)
}

func (r *reader) nativeMember(b *aerv1.EventBlock, name []byte) (err error) {
	ev := &b.Event
	switch string(name) {
	case "id":
		return r.needID("id", &ev.Id)
	case "time":
		r.ofNative++
		ev.Time, err = r.time(&b.Time)
	case "org_id":
		r.ofNative++
		return r.need("org_id", &ev.OrgId)
	case "user_id":
		r.ofNative++
		return r.needID("user_id", &ev.UserId)
	case "session_id":
		return r.optID(FieldSession, &ev.SessionId)
	case "action":
		return r.need("action", &ev.Action)
	case "api_method":
		return r.opt(FieldMethod, &ev.ApiMethod)
	case "object":
		ev.Object = &b.Object // complete drops it if it has no id
		return r.thing(FieldObject, &b.Object.Id, func(name []byte) error { return r.nativeObject(b, name) })
	case "bytes":
		ev.Bytes, err = r.bytes(FieldBytes, &b.Bytes)
	case "outcome":
		return r.outcome(&ev.Outcome)
	case "client":
		return r.part(FieldClient, func(name []byte) error { return r.nativeClient(&b.Client, name) })
	case "cookie_time":
		ev.CookieTime = r.cookieTime(&b.CookieTime)
	case "user_type":
		return r.opt(FieldUserType, &ev.UserType)
	case "app_id":
		return r.opt(FieldApp, &ev.AppId)
	case "actor_kind":
		return r.opt(FieldActorKind, &ev.ActorKind)
	default:
		return r.foreign(name)
	}
	return err
}

func (r *reader) nativeObject(b *aerv1.EventBlock, name []byte) error {
	switch string(name) {
	case "type":
		return r.opt(FieldObject, &b.Object.Type)
	case "id":
		return r.optID(FieldObject, &b.Object.Id)
	}
	return r.skip()
}

func (r *reader) nativeClient(c *aerv1.Client, name []byte) (err error) {
	switch string(name) {
	case "ip":
		return r.optID(FieldIP, &c.Ip)
	case "user_agent":
		return r.opt(FieldUserAgent, &c.UserAgent)
	case "device_id":
		return r.optID(FieldDevice, &c.DeviceId)
	case "ja4":
		return r.opt(FieldJA4, &c.Ja4)
	case "ja3":
		return r.optID(FieldJA3, &c.Ja3)
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
