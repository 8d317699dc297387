// SPDX-License-Identifier: Apache-2.0

package event

import (
	"math"
	"strings"
	"unicode/utf8"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

const (
	// batchField is the number of EventBatch.events, which Event keeps free.
	batchField = 100
	// fieldIDTag is the tag byte of Event.id, the first byte of an event as every protobuf library writes it.
	fieldIDTag = 1<<3 | byte(protowire.BytesType)
	// fieldTime is the number of Event.time, which every event has.
	fieldTime = 2
)

var protoNames = names{id: "id", time: "time", org: "org_id", user: "user_id", action: "action"}

// isBatch tells whether raw starts with the tag of EventBatch.events.
func isBatch(raw []byte) bool {
	num, typ, n := protowire.ConsumeTag(raw)
	return n > 0 && num == batchField && typ == protowire.BytesType
}

// hasProtoFields tells whether raw is nothing but whole protobuf fields and has Event.time among them.
func hasProtoFields(raw []byte) bool {
	found := false
	for len(raw) > 0 {
		num, typ, n := protowire.ConsumeTag(raw)
		if n < 0 {
			return false
		}
		m := protowire.ConsumeFieldValue(num, typ, raw[n:])
		if m < 0 {
			return false
		}
		found = found || num == fieldTime && typ == protowire.BytesType
		raw = raw[n+m:]
	}
	return found
}

// protos decodes an Event or an EventBatch.
func (d *decoder) protos(raw []byte) {
	if !isBatch(raw) {
		d.protoRecord(raw)
		return
	}
	d.many = true
	for len(raw) > 0 && !d.full(raw) {
		num, typ, n := protowire.ConsumeTag(raw)
		m := -1
		if n > 0 {
			m = protowire.ConsumeFieldValue(num, typ, raw[n:])
		}
		if m < 0 {
			d.reject(raw,
				problemf(ReasonBadProto, "the batch is broken or cut off after %d events: want field %d, a length, and an event",
					d.count, batchField))
			return
		}
		if num == batchField && typ == protowire.BytesType {
			body, _ := protowire.ConsumeBytes(raw[n:])
			d.protoRecord(body)
		}
		raw = raw[n+m:]
	}
}

// protoRecord decodes one Event and takes the outcome.
func (d *decoder) protoRecord(raw []byte) {
	if len(raw) > d.opt.MaxBytes {
		d.reject(raw, problemf(ReasonTooLarge, "the record has %d bytes: want at most %d", len(raw), d.opt.MaxBytes))
		return
	}
	d.bad = unread{}
	b := d.block()
	if d.protoQuick(raw, b) {
		d.accept(raw, b.Lend(), nil)
		return
	}
	d.takeBack(b)
	ev, err := d.protoStrict(raw)
	d.accept(raw, ev, err)
}

// protoStrict decodes one Event with the generated decoder.
func (r *reader) protoStrict(raw []byte) (*aerv1.Event, error) {
	r.bad = unread{}
	ev := new(aerv1.Event)
	if err := ev.UnmarshalVT(raw); err != nil {
		return nil, problemf(ReasonBadProto, "%v: want an aer.v1.Event", err)
	}
	dropUnknown(ev)
	if err := protoText(ev, &r.bad); err != nil {
		return nil, err
	}
	if err := protoTimes(ev, &r.bad); err != nil {
		return nil, err
	}
	if err := r.complete(ev, &protoNames, "", false); err != nil {
		return nil, err
	}
	return ev, nil
}

// dropUnknown removes the fields that this version does not know, which the generated decoder keeps: nothing reads
// them, and they would make an event as large as its message.
func dropUnknown(ev *aerv1.Event) {
	for _, m := range [...]proto.Message{ev, ev.Client, ev.Object, ev.Time, ev.CookieTime} {
		if r := m.ProtoReflect(); r.IsValid() { // what is absent is not
			r.SetUnknown(nil)
		}
	}
}

// protoText checks that texts are UTF-8, which the generated decoder does not. As in the JSON form, a bad byte of an
// optional text becomes U+FFFD.
func protoText(ev *aerv1.Event, bad *unread) error {
	for _, need := range [...]struct{ name, text string }{{"id", ev.Id}, {"org_id", ev.OrgId}, {"user_id", ev.UserId},
		{"action", ev.Action}} {
		if !utf8.ValidString(need.text) {
			return problemf(ReasonBadEncoding, "%s is not valid UTF-8: want valid UTF-8", need.name)
		}
	}
	valid := func(f Field, s *string) {
		if !utf8.ValidString(*s) {
			*s = strings.ToValidUTF8(*s, replacement)
			bad.note(f, *s)
		}
	}
	valid(FieldSession, &ev.SessionId)
	valid(FieldMethod, &ev.ApiMethod)
	valid(FieldOutcome, &ev.Outcome)
	valid(FieldUserType, &ev.UserType)
	valid(FieldApp, &ev.AppId)
	valid(FieldActorKind, &ev.ActorKind)
	if o := ev.Object; o != nil {
		valid(FieldObject, &o.Type)
		valid(FieldObject, &o.Id)
	}
	if c := ev.Client; c != nil {
		valid(FieldIP, &c.Ip)
		valid(FieldUserAgent, &c.UserAgent)
		valid(FieldDevice, &c.DeviceId)
		valid(FieldJA4, &c.Ja4)
		valid(FieldJA3, &c.Ja3)
		valid(FieldPlatform, &c.Platform)
		valid(FieldCountry, &c.Country)
	}
	return nil
}

// protoTimes checks the event's times like those of the JSON form and cuts them to microseconds.
func protoTimes(ev *aerv1.Event, bad *unread) error {
	if ts := ev.Time; ts != nil {
		if !validTimestamp(ts) {
			return problemf(ReasonBadField, "time is %d s and %d ns: want a time from 2000 to 2199", ts.Seconds, ts.Nanos)
		}
		setTime(ts, ts.AsTime())
	}
	if ts := ev.CookieTime; ts != nil {
		if !validTimestamp(ts) {
			if ts.Seconds != 0 {
				bad.note(FieldCookieTime, "")
			}
			ev.CookieTime = nil // as in the JSON form, see cookieTime
			return nil
		}
		setTime(ts, ts.AsTime())
	}
	return nil
}

func validTimestamp(ts *timestamppb.Timestamp) bool {
	return ts.Nanos >= 0 && ts.Nanos < 1e9 && ts.Seconds > math.MinInt32 && plausible(ts.AsTime())
}
