// SPDX-License-Identifier: Apache-2.0

package event

import (
	"unicode/utf8"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// The generated decoder makes an object of every text and message. Here an Event is read into a block, its texts into
// the slab. What is odd in any way (a field twice, of another type, not UTF-8, facts, an impossible time) is left to
// the generated decoder.

// protoFields goes over the fields of a message.
type protoFields struct {
	raw  []byte
	tag  byte   // of the field that next has read, of one below 16; else 0
	num  uint64 // its value, of a number
	text []byte // or of a text or message
	seen uint16 // bit set of the fields read
	odd  bool
}

// tagged gives the tag of a field below 16.
func tagged(field byte, kind protowire.Type) byte { return field<<3 | byte(kind) }

// next reads a field; false is the end, or something odd.
func (w *protoFields) next() bool {
	if len(w.raw) == 0 || w.odd {
		return false
	}
	w.tag = w.raw[0]
	if w.tag >= 0x80 { // has more than one byte
		return w.unknown()
	}
	num, n := protowire.ConsumeVarint(w.raw[1:])
	bit := uint16(1) << (w.tag >> 3)
	if n < 0 || w.seen&bit != 0 || bit == 1 { // there is no field 0
		w.odd = true
		return false
	}
	w.seen |= bit
	w.raw = w.raw[1+n:]
	if w.num = num; protowire.Type(w.tag&7) != protowire.BytesType {
		return true // of another type than a number or text no field is: its tag is odd to who asked
	}
	if num > uint64(len(w.raw)) {
		w.odd = true
		return false
	}
	w.text, w.raw = w.raw[:num], w.raw[num:]
	return true
}

// unknown passes over a field of a later version.
func (w *protoFields) unknown() bool {
	num, kind, n := protowire.ConsumeField(w.raw)
	if n < 0 || num < 16 || kind == protowire.StartGroupType {
		w.odd = true
		return false
	}
	w.raw, w.tag = w.raw[n:], 0
	return true
}

// string makes a string of the field's text.
func (w *protoFields) string(keep func(*texts, []byte) string, t *texts) string {
	if !utf8.Valid(w.text) {
		w.odd = true
		return ""
	}
	return keep(t, w.text)
}

// protoQuick reads an Event into b. False means that nothing is known of it.
func (r *reader) protoQuick(raw []byte, b *aerv1.EventBlock) bool {
	ev := &b.Event
	ev.Client = &b.Client
	w := protoFields{raw: raw}
	for w.next() {
		switch w.tag {
		case tagged(1, protowire.BytesType):
			ev.Id = w.string((*texts).unique, &r.texts)
		case tagged(2, protowire.BytesType):
			ev.Time = w.time(&b.Time)
		case tagged(3, protowire.BytesType):
			ev.OrgId = w.string((*texts).word, &r.texts)
		case tagged(4, protowire.BytesType):
			ev.UserId = w.string((*texts).unique, &r.texts)
		case tagged(5, protowire.BytesType):
			ev.SessionId = w.string((*texts).unique, &r.texts)
		case tagged(6, protowire.BytesType):
			ev.Action = w.string((*texts).word, &r.texts)
		case tagged(7, protowire.BytesType):
			ev.ApiMethod = w.string((*texts).word, &r.texts)
		case tagged(8, protowire.BytesType):
			ev.Object = &b.Object
			r.protoObject(&w, &b.Object)
		case tagged(9, protowire.VarintType):
			b.Bytes = w.num
			ev.Bytes = &b.Bytes
		case tagged(10, protowire.BytesType):
			ev.Outcome = w.string((*texts).word, &r.texts)
		case tagged(11, protowire.BytesType):
			r.protoClient(&w, &b.Client)
		case tagged(12, protowire.BytesType):
			ev.CookieTime = w.time(&b.CookieTime)
		case tagged(13, protowire.BytesType):
			ev.UserType = w.string((*texts).word, &r.texts)
		case tagged(14, protowire.BytesType):
			ev.AppId = w.string((*texts).unique, &r.texts)
		case tagged(15, protowire.BytesType):
			ev.ActorKind = w.string((*texts).word, &r.texts)
		case 0:
		default:
			return false
		}
	}
	return !w.odd && r.complete(ev, &protoNames, "", false) == nil
}

func (r *reader) protoObject(event *protoFields, o *aerv1.Object) {
	w := protoFields{raw: event.text}
	for w.next() {
		switch w.tag {
		case tagged(1, protowire.BytesType):
			o.Type = w.string((*texts).word, &r.texts)
		case tagged(2, protowire.BytesType):
			o.Id = w.string((*texts).unique, &r.texts)
		case 0:
		default:
			w.odd = true
		}
	}
	event.odd = event.odd || w.odd
}

func (r *reader) protoClient(event *protoFields, c *aerv1.Client) {
	w := protoFields{raw: event.text}
	for w.next() {
		switch w.tag {
		case tagged(1, protowire.BytesType):
			c.Ip = w.string((*texts).unique, &r.texts)
		case tagged(2, protowire.BytesType):
			c.UserAgent = w.string((*texts).word, &r.texts)
		case tagged(3, protowire.BytesType):
			c.DeviceId = w.string((*texts).unique, &r.texts)
		case tagged(4, protowire.BytesType):
			c.Ja4 = w.string((*texts).word, &r.texts)
		case tagged(5, protowire.BytesType):
			c.Ja3 = w.string((*texts).unique, &r.texts)
		case tagged(6, protowire.BytesType):
			c.Platform = w.string((*texts).word, &r.texts)
		case tagged(7, protowire.VarintType):
			c.Asn = uint32(w.num)
		case tagged(8, protowire.BytesType):
			c.Country = w.string((*texts).word, &r.texts)
		case 0:
		default:
			w.odd = true
		}
	}
	event.odd = event.odd || w.odd
}

// time reads a time into ts, in whole microseconds, and returns ts.
func (w *protoFields) time(ts *timestamppb.Timestamp) *timestamppb.Timestamp {
	in := protoFields{raw: w.text}
	for in.next() {
		switch in.tag {
		case tagged(1, protowire.VarintType):
			ts.Seconds = int64(in.num)
		case tagged(2, protowire.VarintType):
			ts.Nanos = int32(in.num)
		case 0:
		default:
			in.odd = true
		}
	}
	w.odd = w.odd || in.odd || !validTimestamp(ts)
	ts.Nanos -= ts.Nanos % 1000
	return ts
}
