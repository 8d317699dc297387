// SPDX-License-Identifier: Apache-2.0

package event

import (
	"strings"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
)

// one decodes a message that must give exactly one event.
func one(t testing.TB, raw string, opt Options) *aerv1.Event {
	t.Helper()
	evs, dead := Decode([]byte(raw), Source{Name: "test", Offset: "7"}, opt)
	if len(evs) != 1 || len(dead) != 0 {
		t.Fatalf("%d events and dead letters %v, want one event", len(evs), dead)
	}
	return evs[0]
}

// refused decodes a message that must give exactly one dead letter, of the reason, with every part of detail in its
// detail.
func refused(t *testing.T, raw string, opt Options, reason string, detail ...string) *aerv1.DeadLetter {
	t.Helper()
	evs, dead := Decode([]byte(raw), Source{Name: "test", Offset: "7"}, opt)
	if len(evs) != 0 || len(dead) != 1 {
		t.Fatalf("events %v and %d dead letters, want one dead letter", evs, len(dead))
	}
	d := dead[0]
	if d.Reason != reason {
		t.Errorf("reason %s (%s), want %s", d.Reason, d.Detail, reason)
	}
	for _, part := range detail {
		if !strings.Contains(d.Detail, part) {
			t.Errorf("detail %q lacks %q", d.Detail, part)
		}
	}
	if d.Source != "test" || d.Offset != "7" || int(d.Size) != len(raw) {
		t.Errorf("source %q, offset %q, size %d: want test, 7, %d", d.Source, d.Offset, d.Size, len(raw))
	}
	return d
}

func equal(t *testing.T, got, want *aerv1.Event) {
	t.Helper()
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
}

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return t
}

const minimal = `{"id":"e-1","time":"2026-11-22T10:00:00Z","org_id":"O1","user_id":"U1","action":"api_call"}`

// with gives the minimal event with one more member.
func with(member string) string { return strings.TrimSuffix(minimal, "}") + "," + member + "}" }

// replaced gives the minimal event with a part replaced.
func replaced(part, by string) string { return strings.Replace(minimal, part, by, 1) }

func TestNativeWhole(t *testing.T) {
	got := one(t, `{"id":"e-1","time":"2026-11-22T10:00:00.1234567Z","org_id":"O1","user_id":"U1","session_id":"S1",
		"action":"api_call","api_method":"conversations.history","object":{"type":"channel","id":"C1"},"bytes":123,"outcome":"ok",
		"client":{"ip":"203.0.113.7","user_agent":"curl\/8.5 \u00e9","device_id":"d","ja4":"t13d1516h2_8daaf6152771_e5627efa2ab1","ja3":"0123456789abcdef0123456789abcdef","platform":"macos","asn":64500,"country":"DE"},
		"cookie_time":"2026-11-22T11:59:58+02:00","user_type":"member","app_id":"A1"}`, Options{})
	equal(t, got, &aerv1.Event{
		Id: "e-1", Time: aerv1.Time(at("2026-11-22T10:00:00.123456Z")), OrgId: "O1", UserId: "U1", SessionId: "S1",
		Action: "api_call", ApiMethod: "conversations.history", Object: &aerv1.Object{Type: "channel", Id: "C1"},
		Bytes: new(uint64(123)), Outcome: "ok",
		Client: &aerv1.Client{
			Ip: "203.0.113.7", UserAgent: "curl/8.5 é", DeviceId: "d", Ja4: "t13d1516h2_8daaf6152771_e5627efa2ab1",
			Ja3: "0123456789abcdef0123456789abcdef", Platform: "macos", Asn: 64500, Country: "DE",
		},
		CookieTime: aerv1.Time(at("2026-11-22T09:59:58Z")), UserType: "member", AppId: "A1", ActorKind: aerv1.ActorApp,
	})
}

func TestNativeAbsentIsUnknown(t *testing.T) {
	want := &aerv1.Event{
		Id: "e-1", Time: aerv1.Time(at("2026-11-22T10:00:00Z")), OrgId: "O1", UserId: "U1", Action: "api_call",
		Client: &aerv1.Client{}, ActorKind: aerv1.ActorSignedIn,
	}
	for name, raw := range map[string]string{
		"absent": minimal,
		"null": with(
			`"session_id":null,"object":null,"bytes":null,"client":null,"cookie_time":null,"outcome":null,"user_type":null`),
		"empty": with(`"session_id":"","object":{},"client":{},"cookie_time":"","outcome":"","user_type":""`),
		"unknown members": with(
			`"x":{"y":[1,{"z":null}]},"client":{"facts":{"tor":true},"new":[]},"object":{"type":"file"}`),
		"no known client": with(`"client":{"asn":null,"ip":null}`),
		"order and space": " \r\n{ \"action\" : \"api_call\",\n\t\"user_id\":\"U1\" , " +
			"\"org_id\":\"O1\",\"time\":\"2026-11-22T10:00:00Z\",\"id\":\"e-1\" }\n",
		"byte order mark":   "\xef\xbb\xbf" + minimal,
		"impossible cookie": with(`"cookie_time":"0001-01-01T00:00:00Z"`),
		"escaped names":     replaced(`"user_id"`, `"user\u005fid"`),
	} {
		t.Run(name, func(t *testing.T) { equal(t, one(t, raw, Options{}), want) })
	}
}

func TestNativeKeepsOddButHarmlessValues(t *testing.T) {
	ev := one(t, with(`"bytes":0,"client":{"ip":"1.23.45.678","asn":"64500"}`), Options{})
	if ev.Bytes == nil || *ev.Bytes != 0 {
		t.Errorf("bytes %v, want a known zero", ev.Bytes)
	}
	if ev.Client.Ip != "1.23.45.678" || ev.Client.Asn != 64500 {
		t.Errorf("client %v", ev.Client)
	}
	for text, want := range map[string]uint64{`"18446744073709551615"`: 1<<64 - 1, `18446744073709551615`: 1<<64 - 1,
		`12.0`: 12, `1.5e3`: 1500} {
		if ev := one(t, with(`"bytes":`+text), Options{}); ev.GetBytes() != want {
			t.Errorf("bytes %s gives %d", text, ev.GetBytes())
		}
	}
}

func TestNativeLongValuesAreShortened(t *testing.T) {
	a, b := strings.Repeat("a", 100_000), strings.Repeat("a", 99_999)+"b"
	first := one(t, with(`"object":{"type":"file","id":"`+a+`"},"client":{"user_agent":"`+a+`"}`), Options{})
	second := one(t, with(`"object":{"type":"file","id":"`+b+`"},"client":{"user_agent":"`+strings.Repeat("é", 5000)+`"}`),
		Options{})
	if len(first.Object.Id) > wordMax || len(first.Client.UserAgent) > userAgentMax ||
		len(second.Client.UserAgent) > userAgentMax {
		t.Errorf("lengths %d, %d, %d", len(first.Object.Id), len(first.Client.UserAgent), len(second.Client.UserAgent))
	}
	if first.Object.Id == second.Object.Id {
		t.Error("two long ids became one")
	}
	if _, err := proto.Marshal(second); err != nil {
		t.Errorf("a character was split: %v", err)
	}
}

func TestNativeRefuses(t *testing.T) {
	long := strings.Repeat("x", 257)
	for name, c := range map[string]struct {
		raw, reason string
		detail      []string
	}{
		"no id":             {replaced(`"id":"e-1",`, ``), ReasonMissingField, []string{"id is missing"}},
		"empty id":          {replaced(`e-1`, ``), ReasonMissingField, []string{"id is missing"}},
		"id is a number":    {replaced(`"e-1"`, `1`), ReasonBadField, []string{"id is a number", "want a string"}},
		"time without zone": {replaced(`00:00Z`, `00:00`), ReasonBadField, []string{"RFC 3339"}},
		"id is a list":      {replaced(`"e-1"`, `["e-1"]`), ReasonBadField, []string{"id is an array", "want a string"}},
		"user is true":      {replaced(`"U1"`, `true`), ReasonBadField, []string{"user_id is a boolean"}},
		"time is 0":         {replaced(`"2026-11-22T10:00:00Z"`, `0`), ReasonBadField, []string{"time is 1970", "2000"}},
		"time is a list": {replaced(`"2026-11-22T10:00:00Z"`, `[1]`), ReasonBadField,
			[]string{"time is an array", "2026-11-22T"}},
		"null time": {replaced(`"2026-11-22T10:00:00Z"`, `null`), ReasonMissingField,
			[]string{"time is missing", "2026-11-22T"}},
		"no org":    {replaced(`"org_id":"O1",`, ``), ReasonMissingField, []string{"org_id"}},
		"no user":   {replaced(`"user_id":"U1",`, ``), ReasonMissingField, []string{"user_id"}},
		"no action": {replaced(`,"action":"api_call"`, ``), ReasonMissingField, []string{"action"}},
		"long id":   {replaced(`e-1`, long), ReasonBadField, []string{"id has 257 bytes", "256"}},
		"long user": {replaced(`U1`, long), ReasonBadField, []string{"user_id has 257 bytes"}},
		"time is no time": {replaced(`2026-11-22T10:00:00Z`, `yesterday`), ReasonBadField,
			[]string{`"yesterday"`, "RFC 3339"}},
		"time in 1999": {replaced(`2026-11-22T10`, `1999-12-31T23`), ReasonBadField, []string{"time is 1999", "2000"}},
		"time in 2200": {replaced(`2026-11-22T10`, `2200-01-01T00`), ReasonBadField, []string{"time is 2200"}},

		"duplicate name":    {with(`"id":"e-2"`), ReasonDuplicateKey, []string{`"id"`}},
		"duplicate user":    {with(`"x":1,"user_id":"U2"`), ReasonDuplicateKey, []string{`"user_id"`}},
		"NaN as time":       {replaced(`"2026-11-22T10:00:00Z"`, `NaN`), ReasonBadField, []string{"time is \"NaN\""}},
		"invalid UTF-8":     {replaced(`U1`, "U\xff"), ReasonBadEncoding, []string{"UTF-8"}},
		"lone surrogate":    {replaced(`U1`, `U\ud800`), ReasonBadEncoding, []string{"surrogate"}},
		"single quotes":     {strings.ReplaceAll(minimal, `"`, `'`), ReasonBadJSON, nil},
		"trailing comma":    {strings.TrimSuffix(minimal, "}") + ",}", ReasonBadJSON, nil},
		"leading zero":      {with(`"bytes":01`), ReasonBadJSON, nil},
		"comment":           {with(`/* x */"x":1`), ReasonBadJSON, nil},
		"control character": {replaced(`U1`, "U\x01"), ReasonBadJSON, nil},
		"cut off":           {minimal[:60], ReasonBadJSON, []string{"cut off after 60 bytes"}},
		"cut off at once":   {`{`, ReasonBadJSON, nil},
		"wrong bracket":     {with(`"x":[1}`), ReasonBadJSON, nil},

		"empty object":     {`{}`, ReasonUnknownFormat, []string{"time, org_id and user_id", "date_create"}},
		"foreign object":   {`{"ok":false,"error":"ratelimited"}`, ReasonUnknownFormat, nil},
		"number":           {`12`, ReasonUnknownFormat, []string{"a number", "want an object"}},
		"words":            {`hello world`, ReasonUnknownFormat, []string{`"hello world"`}},
		"random bytes":     {"\x8f\x00\xfe\n\x01{\n[", ReasonUnknownFormat, nil},
		"empty":            {``, ReasonUnknownFormat, []string{"empty"}},
		"only white space": {" \n", ReasonUnknownFormat, []string{"empty"}},
	} {
		t.Run(name, func(t *testing.T) { refused(t, c.raw, Options{}, c.reason, c.detail...) })
	}
}

func TestNativeLimits(t *testing.T) {
	nested := func(n int) string { return with(`"x":` + strings.Repeat("[", n-1) + strings.Repeat("]", n-1)) }
	one(t, nested(DefaultMaxDepth), Options{})
	refused(t, nested(DefaultMaxDepth+1), Options{}, ReasonTooDeep, "33 levels", "at most 32")
	refused(t, nested(1_000_000), Options{MaxBytes: 16 << 20}, ReasonTooDeep)
	if _, dead := Decode([]byte(strings.Repeat("[", 1_000_000)), Source{}, Options{}); len(dead) != 1 ||
		dead[0].Reason != ReasonTooDeep {
		t.Errorf("a million brackets give %d dead letters", len(dead))
	}
	refused(t, nested(6), Options{MaxDepth: 5}, ReasonTooDeep)

	padded := with(`"x":"` + strings.Repeat("x", DefaultMaxBytes) + `"`)
	refused(t, padded, Options{}, ReasonTooLarge, "want at most 1048576")
	one(t, padded, Options{MaxBytes: 2 << 20})
	refused(t, padded, Options{MaxMessageBytes: 1000}, ReasonTooLarge, "at most 1000")
}
