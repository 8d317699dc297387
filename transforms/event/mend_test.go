// SPDX-License-Identifier: Apache-2.0

package event

import (
	"fmt"
	"strings"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"pgregory.net/rapid"
)

// counted decodes a message that must give one event, and what could not be read of it.
func counted(t testing.TB, raw string) (*aerv1.Event, Unreadable) {
	t.Helper()
	var u Unreadable
	evs, dead := DecodeCounting([]byte(raw), Source{Name: "test", Offset: "7"}, Options{}, &u)
	if len(evs) != 1 || len(dead) != 0 {
		t.Fatalf("%q gives %d events and dead letters %v, want one event", raw, len(evs), dead)
	}
	return evs[0], u
}

// An optional field of the wrong type or with an impossible value costs itself, and is counted.
func TestOptionalFieldsCostThemselves(t *testing.T) {
	for member, field := range map[string]string{
		`"bytes":-1`: "bytes", `"bytes":-5`: "bytes", `"bytes":0.5`: "bytes", `"bytes":1e300`: "bytes",
		`"bytes":[1]`: "bytes", `"bytes":"12 KB"`: "bytes", `"bytes":true`: "bytes", `"bytes":Infinity`: "bytes",
		`"session_id":["S"]`: "session_id", `"session_id":{}`: "session_id", `"outcome":"fine"`: "outcome",
		`"user_type":"robot"`: "user_type", `"actor_kind":"ghost"`: "actor_kind",
		`"object":true`: "object", `"object":["F1"]`: "object", `"object":{"id":[1],"type":"file"}`: "object",
		`"client":"curl"`: "client", `"client":[1]`: "client",
		`"cookie_time":"yesterday"`: "cookie_time", `"cookie_time":"2026-11-22T09:59:58"`: "cookie_time",
		`"cookie_time":[1]`: "cookie_time", `"cookie_time":"1999-01-01T00:00:00Z"`: "cookie_time",
		`"client":{"ip":"1.2.3.999"}`: "client.ip", `"client":{"ip":"203.0.113.5, 10.0.0.1"}`: "client.ip",
		`"client":{"ip":{}}`: "client.ip", `"client":{"country":["DE"]}`: "client.country",
		`"client":{"country":"Germany"}`: "client.country", `"client":{"asn":4294967296}`: "client.asn",
		`"client":{"asn":-7}`: "client.asn", `"client":{"asn":"ASX"}`: "client.asn",
		`"client":{"ja4":"zz"}`: "client.ja4", `"client":{"ja3":"zz"}`: "client.ja3",
		`"client":{"platform":{}}`: "client.platform", `"app_id":[]`: "app_id", `"api_method":{}`: "api_method",
	} {
		ev, u := counted(t, with(member))
		if u.Total() != 1 || u.Map()[field] != 1 || u.First.Field != field {
			t.Errorf("%s counts %q, want %s", member, u.String(), field)
		}
		if ev.Bytes != nil || ev.Object != nil || ev.CookieTime != nil || ev.Outcome+ev.UserType+ev.SessionId+
			ev.Client.Country+ev.Client.Ja4 != "" || ev.Client.Asn != 0 {
			t.Errorf("%s gives %v", member, ev)
		}
	}
	if ev, _ := counted(t, with(`"client":{"ip":"1.2.3.999"}`)); ev.Client.Ip != "1.2.3.999" {
		t.Errorf("the text of an address that is none became %q", ev.Client.Ip)
	}
}

func TestOptionalFieldsInOtherTypes(t *testing.T) {
	ev, u := counted(t, with(`"session_id":847288190092,"bytes":"52110.0","object":"F1","outcome":"SUCCESS","user_type":"Guest","cookie_time":1795341598,
		"client":{"asn":"AS64500 Example Networks","device_id":17,"country":"de","ip":null}`))
	if u.Total() != 0 || ev.SessionId != "847288190092" || ev.GetBytes() != 52110 || ev.GetObject().GetId() != "F1" ||
		ev.Outcome != "ok" || ev.UserType != "guest" ||
		!ev.CookieTime.AsTime().Equal(at("2026-11-22T09:59:58Z")) || ev.Client.Asn != 64500 || ev.Client.DeviceId != "17" ||
		ev.Client.Country != "DE" {
		t.Errorf("event %v, unreadable %q", ev, u.String())
	}
	ev, u = counted(t,
		`{"id":" 99 ","time":1795341600,"org_id":"7","user_id":"4711\t","action":" api_call ","client":null}`)
	if ev.Id != "99" || ev.OrgId != "7" || ev.UserId != "4711" || ev.Action != "api_call" || u.Total() != 0 {
		t.Errorf("event %v, unreadable %q", ev, u.String())
	}
}

func TestTimes(t *testing.T) {
	for written, want := range map[string]string{
		`"2026-11-22T10:00:00+0000"`: "10:00:00Z", `"2026-11-22 10:00:00Z"`: "10:00:00Z",
		`"2026-11-22 10:00:00+00"`:   "10:00:00Z",
		`"2026-11-22T10:00:00,123Z"`: "10:00:00.123Z", `"2026-11-22t10:00:00.5z"`: "10:00:00.5Z",
		`"2026-11-22T12:00:00+0200"`: "10:00:00Z", `"2026-11-22 12:00:00.25 +0200"`: "10:00:00.25Z",
		`1795341600`: "10:00:00Z", `"1795341600"`: "10:00:00Z", `1795341600.5`: "10:00:00.5Z",
		`1795341600123`: "10:00:00.123Z", `1795341600123456`: "10:00:00.123456Z", `1.7953416e9`: "10:00:00Z",
	} {
		if got := one(t, replaced(`"2026-11-22T10:00:00Z"`, written),
			Options{}).Time.AsTime(); !got.Equal(at("2026-11-22T" + want)) {
			t.Errorf("%s is %s, want %s", written, got, want)
		}
	}
}

// A byte that cannot be read costs nothing but itself, and the client's other values are there.
func TestStrayBytes(t *testing.T) {
	for name, c := range map[string]struct{ agent, want string }{
		"latin-1":         {"caf\xe9/1", "caf�/1"},
		"cut character":   {"curl/8\xc3", "curl/8�"},
		"control":         {"curl\x01/8\t", "curl�/8�"},
		"nginx's escapes": {`curl\x22/8\'`, "curl�x22/8�'"},
		"lone surrogate":  {`a\ud800b\udc00c\ud800`, "a�b�c�"},
		"broken escape":   {`a\u12`, "a�u12"},
		"a pair is none":  {`\ud83d\ude00`, "😀"},
	} {
		t.Run(name, func(t *testing.T) {
			ev, u := counted(t, with(`"client":{"user_agent":"`+c.agent+`","ip":"203.0.113.5"},"session_id":"S1"`))
			if ev.Client.UserAgent != c.want || ev.Client.Ip != "203.0.113.5" || ev.SessionId != "S1" {
				t.Errorf("event %v", ev)
			}
			if want := strings.Contains(c.want, "�"); (u.Map()["client.user_agent"] == 1) != want || u.Total() > 1 {
				t.Errorf("unreadable %q", u.String())
			}
		})
	}
	raw, err := (&aerv1.Event{Id: "e", Time: aerv1.Time(at("2026-11-22T10:00:00Z")), OrgId: "O", UserId: "U", Action: "a",
		Client: &aerv1.Client{UserAgent: "x\xff", Ip: "203.0.113.5"}}).MarshalVT()
	if err != nil {
		t.Fatal(err)
	}
	if ev, u := counted(t, string(raw)); ev.Client.UserAgent != "x�" || ev.Client.Ip != "203.0.113.5" ||
		u.Map()["client.user_agent"] != 1 {
		t.Errorf("protobuf: event %v, unreadable %q", ev, u.String())
	}
}

// Whatever bytes a client puts into its user agent, as long as the string ends, there is an event with everything else.
func TestNoByteHidesAnEvent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		agent := rapid.SliceOf(rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte(`\u"x0d8`)))).Draw(t, "agent")
		var b strings.Builder
		for i := 0; i < len(agent); i++ {
			switch c := agent[i]; c {
			case '"', '\n':
				fmt.Fprintf(&b, `\u%04x`, c) // what would end the string or the line
			case '\\':
				b.WriteString(`\u`) // perhaps an escape, perhaps not
			default:
				b.WriteByte(c)
			}
		}
		evs, dead := Decode([]byte(with(`"session_id":"S1","client":{"user_agent":"`+b.String()+`","ip":"203.0.113.5"}`)),
			Source{}, Options{})
		if len(evs) != 1 || len(dead) != 0 || evs[0].Client.Ip != "203.0.113.5" || evs[0].SessionId != "S1" {
			t.Fatalf("%q gives %v and %v", b.String(), evs, dead)
		}
	})
}

func TestNamesTwice(t *testing.T) {
	for members, want := range map[string]string{
		`"client":{"ip":"1.1.1.1","ip":"2.2.2.2","user_agent":"a"}`:                                  " a client.ip 1",
		`"client":{"ip":"1.1.1.1","\u0069p":"1.1.1.1","user_agent":"a"}`:                             "1.1.1.1 a ",
		`"client":{"ip":"1.1.1.1"},"client":{"user_agent":"a"}`:                                      "1.1.1.1 a ",
		`"client":{"ip":"1.1.1.1","user_agent":"a"},"client":{"user_agent":"b"}`:                     "1.1.1.1  client.user_agent 1",
		`"client":{"ip":"1.1.1.1"},"client":null`:                                                    "  client 1",
		`"client":{"ip":"1.1.1.1","user_agent":"a\xff"},"x":[{"a":1,"a":[{"b":1,"b":2}]},3],"x":[1]`: "1.1.1.1 a client.user_agent 1",
	} {
		ev, u := counted(t, with(strings.ReplaceAll(members, `\xff`, "\xff")))
		text, _, _ := strings.Cut(u.String(), ";")
		if got := ev.Client.Ip + " " + strings.Trim(ev.Client.UserAgent, "�") + " " + text; got != want {
			t.Errorf("%s gives %q, want %q", members, got, want)
		}
	}
	const location = `"location":{"type":"enterprise","id":"E1701NCCA"`
	for _, c := range []struct{ old, new string }{
		{location, location + `,"id":"E2"`}, {`"context":{`, `"context":null,"context":{`},
		{`"id":"W123AB456"`, `"id":"W123AB456","id":"W2"`},
		{`"date_create":1659021752`, `"date_create":1659021752,"date_create":1659021753`},
		{`"team":"E1701NCCA"`, `"team":"E1701NCCA","team":"E2"`},
	} {
		refused(t, slackText(t, c.old, c.new), Options{}, ReasonDuplicateKey)
	}
	if ev := slackEvent(t, `"ua":`, `"ua":"x","ua":`); ev.Client.UserAgent != "" || ev.Client.Ip == "" {
		t.Errorf("event %v", ev)
	}
}

// One line for operators; the example is somebody else's text.
func TestUnreadableLine(t *testing.T) {
	var u Unreadable
	for _, raw := range []string{with(`"client":{"ip":"x\u001b[1m","country":"Germany"}`), with(`"client":{"ip":"y"}`),
		`{"time":"never","org_id":"O","user_id":"U","bytes":"x"}`, minimal} {
		DecodeCounting([]byte(raw), Source{Name: "a.ndjson", Offset: "3"}, Options{}, &u)
	}
	if got, want := u.String(), `client.ip 2, client.country 1; first: client.ip "x\x1b[1m" (a.ndjson 3)`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	var sum, none Unreadable
	sum.Add(&none)
	sum.Add(&u)
	sum.Add(&u)
	if sum.Total() != 6 || sum.First != u.First || none.String() != "" {
		t.Errorf("sum %q, none %q", sum.String(), none.String())
	}
}
