package event

import (
	"math"
	"time"

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

// native decodes the JSON form of aer.v1.Event (DESIGN.md 4.1), which is also what aerv1.MarshalJSONLine writes: names in
// snake_case, times in RFC 3339, 64-bit numbers as numbers or strings. null is as good as absent.
func (r *reader) native(raw []byte) (*aerv1.Event, error) {
	if err := r.check(raw); err != nil {
		return nil, err
	}
	b := new(block)
	ev := &b.event
	ev.Client = &b.client
	if err := r.object("the record", func(name []byte) error { return r.nativeMember(b, name) }); err != nil {
		return nil, err
	}
	if err := complete(ev, &nativeNames); err != nil {
		return nil, err
	}
	return ev, nil
}

func (r *reader) nativeMember(b *block, name []byte) (err error) {
	ev := &b.event
	switch string(name) {
	case "id":
		return r.str("id", &ev.Id)
	case "time":
		ev.Time, err = r.time("time", &b.time)
	case "org_id":
		return r.str("org_id", &ev.OrgId)
	case "user_id":
		return r.str("user_id", &ev.UserId)
	case "session_id":
		return r.str("session_id", &ev.SessionId)
	case "action":
		return r.str("action", &ev.Action)
	case "api_method":
		return r.str("api_method", &ev.ApiMethod)
	case "object":
		return r.optional("object", func(name []byte) error { return r.nativeObject(b, name) })
	case "bytes":
		return r.bytes("bytes", ev)
	case "outcome":
		return r.str("outcome", &ev.Outcome)
	case "client":
		return r.optional("client", func(name []byte) error { return r.nativeClient(&b.client, name) })
	case "cookie_time":
		ev.CookieTime, err = r.cookieTime(&b.cookie)
	case "user_type":
		return r.str("user_type", &ev.UserType)
	case "app_id":
		return r.str("app_id", &ev.AppId)
	default:
		return r.skip()
	}
	return err
}

func (r *reader) nativeObject(b *block, name []byte) error {
	b.event.Object = &b.object
	switch string(name) {
	case "type":
		return r.str("object.type", &b.object.Type)
	case "id":
		return r.str("object.id", &b.object.Id)
	}
	return r.skip()
}

func (r *reader) nativeClient(c *aerv1.Client, name []byte) error {
	switch string(name) {
	case "ip":
		return r.str("client.ip", &c.Ip)
	case "user_agent":
		return r.str("client.user_agent", &c.UserAgent)
	case "device_id":
		return r.str("client.device_id", &c.DeviceId)
	case "ja4":
		return r.str("client.ja4", &c.Ja4)
	case "ja3":
		return r.str("client.ja3", &c.Ja3)
	case "platform":
		return r.str("client.platform", &c.Platform)
	case "country":
		return r.str("client.country", &c.Country)
	case "asn":
		n, _, err := r.uint("client.asn", math.MaxUint32)
		c.Asn = uint32(n)
		return err
	}
	return r.skip()
}

// bytes reads the number of bytes that an event moved.
func (r *reader) bytes(field string, ev *aerv1.Event) error {
	n, ok, err := r.uint(field, math.MaxUint64)
	if ok {
		ev.Bytes = &n
	}
	return err
}

// time reads the time of an event into ts and returns ts, or nil for null and "".
func (r *reader) time(field string, ts *timestamppb.Timestamp) (*timestamppb.Timestamp, error) {
	t, ok, err := r.rfc3339(field)
	if !ok || err != nil {
		return nil, err
	}
	if !plausible(t) {
		return nil, implausible(field, t)
	}
	return setTime(ts, t), nil
}

// cookieTime is time for what the client's cookie says: an impossible one counts as unknown, since neither a forged cookie nor
// a producer's zero time may cost the event.
func (r *reader) cookieTime(ts *timestamppb.Timestamp) (*timestamppb.Timestamp, error) {
	t, ok, err := r.rfc3339("cookie_time")
	if !ok || err != nil || !plausible(t) {
		return nil, err
	}
	return setTime(ts, t), nil
}

// rfc3339 reads a time; false means null or "".
func (r *reader) rfc3339(field string) (time.Time, bool, error) {
	switch k := r.peek(); k {
	case 'n':
		return time.Time{}, false, r.skip()
	case '"':
	default:
		return time.Time{}, false, wrong(field, k, "a time as a string, e.g. \"2026-11-22T10:00:00.123Z\"")
	}
	text := string(r.text())
	if text == "" {
		return time.Time{}, false, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return t, false, problemf(ReasonBadField, "%s is %q: want RFC 3339, e.g. \"2026-11-22T10:00:00.123Z\"", field, cut(text, 40))
	}
	return t, true, nil
}

func implausible(field string, t time.Time) *problem {
	return problemf(ReasonBadField, "%s is %s: want a time from 2000 to 2199", field, t.UTC().Format(time.RFC3339))
}
