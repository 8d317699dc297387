// SPDX-License-Identifier: Apache-2.0

package event

import (
	"fmt"
	"strings"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// slackDownload is an entry in the shape of Slack's documentation.
const slackDownload = `{"id":"0123a45b-6c7d-8900-e12f-3456789gh0i1","date_create":1659021752,"action":"file_downloaded",
	"actor":{"type":"user","user":{"id":"W123AB456","name":"Charlie Parker","email":"bird@birdland.example","team":"E1701NCCA"}},
	"entity":{"type":"file","file":{"id":"F123ABCDE","name":"set-list.pdf","filetype":"pdf","title":"Set list \u2013 final"}},
	"context":{"location":{"type":"enterprise","id":"E1701NCCA","name":"Birdland","domain":"birdland"},
		"ua":"Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0","ip_address":"198.51.100.7","session_id":"847288190092",
		"app":{"id":"A0APP","name":"Jukebox"}}}`

// slackEvent gives slackDownload with parts replaced, old and new in turn.
func slackEvent(t *testing.T, oldnew ...string) *aerv1.Event {
	t.Helper()
	return one(t, slackText(t, oldnew...), Options{})
}

func slackText(t *testing.T, oldnew ...string) string {
	t.Helper()
	text := slackDownload
	for i := 0; i < len(oldnew); i += 2 {
		if !strings.Contains(text, oldnew[i]) {
			t.Fatalf("the sample has no %q", oldnew[i])
		}
		text = strings.Replace(text, oldnew[i], oldnew[i+1], 1)
	}
	return text
}

func details(members string) string { return `,"details":{` + members + `}}` }

func TestSlackWhole(t *testing.T) {
	got := slackEvent(t, `"Jukebox"}}}`, `"Jukebox"}}`+details(
		`"device_id":"D1","ja3":"0123456789ABCDEF0123456789abcdef","ja4":"T13D1516H2_8daaf6152771_e5627efa2ab1","bytes":4711,"action_timestamp":1659021752123456,"reason":["asn","ip_address"],"previous_ua":""`))
	equal(t, got, &aerv1.Event{
		Id: "0123a45b-6c7d-8900-e12f-3456789gh0i1", Time: aerv1.Time(at("2022-07-28T15:22:32.123456Z")),
		OrgId: "E1701NCCA", UserId: "W123AB456", SessionId: "847288190092", Action: "file_downloaded",
		Object: &aerv1.Object{Type: "file", Id: "F123ABCDE"}, Bytes: new(uint64(4711)), AppId: "A0APP",
		ActorKind: aerv1.ActorApp,
		Client: &aerv1.Client{
			Ip: "198.51.100.7", UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0",
			DeviceId: "D1", Ja3: "0123456789abcdef0123456789abcdef", Ja4: "t13d1516h2_8daaf6152771_e5627efa2ab1",
		},
	})
}

func TestSlackSessionID(t *testing.T) {
	for written, want := range map[string]string{
		`"session_id":"847288190092"`:        "847288190092",
		`"session_id":847288190092`:          "847288190092",
		`"session_id":9223372036854775807`:   "9223372036854775807",
		`"session_id":8.47288190092e+11`:     "847288190092",
		`"session_id":null`:                  "",
		`"session_id":""`:                    "",
		`"session":1`:                        "",
		`"session_id":{"unexpected":"type"}`: "",
	} {
		t.Run(written, func(t *testing.T) {
			if got := slackEvent(t, `"session_id":"847288190092"`, written).SessionId; got != want {
				t.Errorf("session %q, want %q", got, want)
			}
		})
	}
}

func TestSlackTime(t *testing.T) {
	const second, micro = "2022-07-28T15:22:32Z", "2022-07-28T15:22:32.123456Z"
	for name, c := range map[string]struct{ created, stamp, want string }{
		"epoch":                 {`1659021752`, ``, second},
		"epoch as text":         {`"1659021752"`, ``, second},
		"epoch as float":        {`1659021752.0`, ``, second},
		"epoch with fraction":   {`"1659021752.123456"`, ``, micro},
		"epoch with exponent":   {`1.659021752e+09`, ``, second},
		"epoch in ms":           {`1659021752123`, ``, "2022-07-28T15:22:32.123Z"},
		"text":                  {`"2022-07-28 15:22:32"`, ``, second},
		"text with fraction":    {`"2022-07-28 15:22:32.123456"`, ``, micro},
		"RFC 3339":              {`"2022-07-28T17:22:32+02:00"`, ``, second},
		"ISO without zone":      {`"2022-07-28T15:22:32"`, ``, second},
		"text with UTC":         {`"2022-07-28 15:22:32 UTC"`, ``, second},
		"stamp in µs":           {`1659021752`, `1659021752123456`, micro},
		"stamp in ms":           {`1659021752`, `1659021752123`, "2022-07-28T15:22:32.123Z"},
		"stamp as text":         {`1659021752`, `"1659021752123456"`, micro},
		"stamp in RFC 3339":     {`1659021752`, `"` + micro + `"`, micro},
		"stamp a day off":       {`1659021752`, `1658935352000000`, second},
		"stamp null":            {`1659021752`, `null`, second},
		"stamp empty":           {`1659021752`, `""`, second},
		"stamp no time":         {`1659021752`, `"soon"`, second},
		"stamp of another type": {`1659021752`, `{"at":1}`, second},
		"stamp absurd":          {`1659021752`, `99999999999999999999`, second},
	} {
		for _, inside := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/details=%t", name, inside), func(t *testing.T) {
				tail := "}"
				switch {
				case c.stamp != "" && inside:
					tail = details(`"action_timestamp":` + c.stamp)
				case c.stamp != "":
					tail = `,"action_timestamp":` + c.stamp + `}`
				}
				ev := slackEvent(t, `1659021752`, c.created, `"Jukebox"}}}`, `"Jukebox"}}`+tail)
				if got := ev.Time.AsTime(); !got.Equal(at(c.want)) {
					t.Errorf("time %s, want %s", got, c.want)
				}
			})
		}
	}
}

func TestSlackOddContext(t *testing.T) {
	for name, c := range map[string]struct {
		old, new string
		check    func(*aerv1.Event) bool
	}{
		"invalid address": {`198.51.100.7`, `1.23.45.678`, func(e *aerv1.Event) bool { return e.Client.Ip == "1.23.45.678" }},
		"no address":      {`"ip_address":"198.51.100.7",`, ``, func(e *aerv1.Event) bool { return e.Client.Ip == "" }},
		"null address":    {`"198.51.100.7"`, `null`, func(e *aerv1.Event) bool { return e.Client.Ip == "" }},
		"empty agent": {`"Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0"`, `""`,
			func(e *aerv1.Event) bool { return e.Client.UserAgent == "" }},
		"null agent": {`"Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0"`, `null`,
			func(e *aerv1.Event) bool { return e.Client.UserAgent == "" }},
		"no email":    {`"email":"bird@birdland.example",`, ``, nil},
		"empty email": {`bird@birdland.example`, ``, nil},
		"null email":  {`"bird@birdland.example"`, `null`, nil},
		"no team":     {`,"team":"E1701NCCA"`, ``, func(e *aerv1.Event) bool { return e.OrgId == "E1701NCCA" }},
		"empty app":   {`{"id":"A0APP","name":"Jukebox"}`, `[]`, func(e *aerv1.Event) bool { return e.AppId == "" }},
		"null domain": {`"domain":"birdland"}`, `"domain":null}`, nil},
		"unknown action": {`file_downloaded`, `hologram_projected`, func(e *aerv1.Event) bool {
			return e.Action == "hologram_projected" && ActionClass(e.Action) == ClassOther
		}},
		"escaped agent": {`Mozilla/5.0 (X11`, `a\/\"\u00e9`,
			func(e *aerv1.Event) bool { return strings.HasPrefix(e.Client.UserAgent, `a/"é;`) }},
		"own action": {`file_downloaded`, aerv1.ActionSessionsReset,
			func(e *aerv1.Event) bool { return e.Action == aerv1.ActionSessionsReset }},
	} {
		t.Run(name, func(t *testing.T) {
			ev := slackEvent(t, c.old, c.new)
			if c.check != nil && !c.check(ev) {
				t.Errorf("event %v", ev)
			}
		})
	}
}

// Prints go by two names; one that is empty takes nothing from the other.
func TestSlackPrintsByEitherName(t *testing.T) {
	const print = "t13d1516h2_8daaf6152771_e5627efa2ab1"
	for _, members := range []string{
		`"ja4":"` + print + `"`, `"client_ja4_fingerprint":"` + print + `","ja4":""`, `"ja4":"` + print +
			`","client_ja4_fingerprint":null`,
		`"ja4":"-","client_ja4_fingerprint":"` + print + `"`, `"client_ja4_fingerprint":"` + print + `","ja4":"unknown"`,
	} {
		if ev := slackEvent(t, `"Jukebox"}}}`, `"Jukebox"}}`+details(members)); ev.Client.Ja4 != print {
			t.Errorf("%s is the print %q", members, ev.Client.Ja4)
		}
	}
}

func TestSlackOddDetails(t *testing.T) {
	for _, d := range []string{
		`"reason":"asn"`, `"reason":["asn","ip_address"]`, `"reason":[]`, `"reason":null`, `"previous_ua":""`,
		`"previous_ua":null`,
		`"bytes":-1`, `"bytes":"many"`, `"bytes":[1]`, `"bytes":null`, `"device_id":{}`, `"ja3":["x"]`, `"location":"Berlin"`,
		`"location":{"a":1}`,
		`"ip_address_details":["new-asn","cloud-asn"],"mobile_only":false`,
	} {
		t.Run(d, func(t *testing.T) {
			if ev := slackEvent(t, `"Jukebox"}}}`, `"Jukebox"}}`+details(d)); ev.Bytes != nil || ev.Client.DeviceId != "" ||
				ev.Client.Ja3 != "" {
				t.Errorf("event %v", ev)
			}
		})
	}
	for _, d := range []string{`null`, `[]`, `"none"`, `{}`} {
		t.Run("details "+d, func(t *testing.T) { slackEvent(t, `"Jukebox"}}}`, `"Jukebox"}},"details":`+d+`}`) })
	}
	ev := slackEvent(t, `"Jukebox"}}}`,
		`"Jukebox"}}`+
			details(
				`"client_ja3_fingerprint":"0123456789abcdef0123456789abcdef","client_ja4_fingerprint":"t13d1516h2_8daaf6152771_e5627efa2ab1","api_call_method":"files.list","bytes":"12"`))
	if ev.Client.Ja3 != "0123456789abcdef0123456789abcdef" || ev.Client.Ja4 != "t13d1516h2_8daaf6152771_e5627efa2ab1" ||
		ev.ApiMethod != "files.list" || ev.GetBytes() != 12 {
		t.Errorf("event %v", ev)
	}
}

func TestSlackEntities(t *testing.T) {
	const file = `{"type":"file","file":{"id":"F123ABCDE","name":"set-list.pdf","filetype":"pdf","title":"Set list \u2013 final"}}`
	for name, c := range map[string]struct {
		entity string
		want   *aerv1.Object
		method string
	}{
		"channel": {
			`{"type":"channel","channel":{"id":"C1","privacy":"public","name":"general","is_shared":false}}`,
			&aerv1.Object{Type: "channel", Id: "C1"}, ""},
		"type comes last": {`{"channel":{"id":"C1"},"type":"channel"}`, &aerv1.Object{Type: "channel", Id: "C1"}, ""},
		"another user": {`{"type":"user","user":{"id":"W9","name":"x","email":"","team":"E1"}}`,
			&aerv1.Object{Type: "user", Id: "W9"}, ""},
		"the actor": {`{"type":"user","user":{"id":"W123AB456"}}`, nil, ""},
		"message": {`{"type":"message","message":{"team":"T1","channel":"C1","timestamp":"1659021752.000100"}}`,
			&aerv1.Object{Type: "message", Id: "C1:1659021752.000100"}, ""},
		"api method": {`{"type":"api_method","api_method":{"id":"M1","name":"conversations.history"}}`, nil,
			"conversations.history"},
		"unknown type":      {`{"type":"hologram","hologram":{"id":"H1"}}`, &aerv1.Object{Type: "hologram", Id: "H1"}, ""},
		"member left out":   {`{"type":"workspace"}`, nil, ""},
		"number for an id":  {`{"type":"huddle","huddle":{"id":12}}`, &aerv1.Object{Type: "huddle", Id: "12"}, ""},
		"null":              {`null`, nil, ""},
		"text":              {`"none"`, nil, ""},
		"text in the place": {`{"type":"file","file":"F1"}`, &aerv1.Object{Type: "file", Id: "F1"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			ev := slackEvent(t, file, c.entity)
			if ev.ApiMethod != c.method || ev.GetObject().GetId() != c.want.GetId() ||
				ev.GetObject().GetType() != c.want.GetType() {
				t.Errorf("object %v and method %q", ev.Object, ev.ApiMethod)
			}
		})
	}
}

func TestSlackAPICall(t *testing.T) {
	ev := slackEvent(t, `file_downloaded`, `api_method_called`,
		`"type":"file","file":{"id":"F123ABCDE","name":"set-list.pdf"`,
		`"type":"api_method","api_method":{"id":"M1","name":"users.list"`)
	if ev.Action != "api_call" || ev.ApiMethod != "users.list" || ActionClass(ev.Action) != ClassAPI {
		t.Errorf("event %v", ev)
	}
}

func TestSlackWhoAndWhere(t *testing.T) {
	const location = `{"type":"enterprise","id":"E1701NCCA","name":"Birdland","domain":"birdland"}`
	const team, user = `"team":"E1701NCCA"`,
		`{"type":"user","user":{"id":"W123AB456","name":"Charlie Parker","email":"bird@birdland.example",`
	for name, c := range map[string]struct {
		edit                []string
		org, user, userType string
	}{
		"workspace": {[]string{location, `{"type":"workspace","id":"T1"}`}, "E1701NCCA", "W123AB456", ""},
		"plain workspace": {[]string{location, `{"type":"workspace","id":"T1"}`, team, `"team":"T1"`},
			"T1", "W123AB456", ""},
		"no location":        {[]string{location, `null`, team, `"team":"T7"`}, "T7", "W123AB456", ""},
		"another enterprise": {[]string{team, `"team":"E999"`}, "E1701NCCA", "W123AB456", aerv1.UserExternal},
		"team is workspace":  {[]string{team, `"team":"T7"`}, "E1701NCCA", "W123AB456", ""},
		"an app acts":        {[]string{user, `{"type":"app","app":{"id":"A7",`}, "E1701NCCA", "A7", aerv1.UserBot},
	} {
		t.Run(name, func(t *testing.T) {
			ev := slackEvent(t, c.edit...)
			if ev.OrgId != c.org || ev.UserId != c.user || ev.UserType != c.userType {
				t.Errorf("org %s, user %s, type %q", ev.OrgId, ev.UserId, ev.UserType)
			}
		})
	}
	if ev := one(t, slackDownload, Options{OrgID: "mine"}); ev.OrgId != "mine" {
		t.Errorf("org %s, want the one that was set", ev.OrgId)
	}
}

func TestSlackOutcomes(t *testing.T) {
	for action, want := range map[string]string{"user_login_failed": aerv1.OutcomeDenied,
		"file_download_blocked": aerv1.OutcomeDenied, "user_login": ""} {
		if ev := slackEvent(t, "file_downloaded", action); ev.Outcome != want || ev.Action != action {
			t.Errorf("%s: outcome %q", action, ev.Outcome)
		}
	}
}

func TestSlackRefuses(t *testing.T) {
	const actor = `{"type":"user","user":{"id":"W123AB456","name":"Charlie Parker","email":"bird@birdland.example","team":"E1701NCCA"}}`
	for name, c := range map[string]struct {
		edit           []string
		reason, detail string
	}{
		"no id": {[]string{`"id":"0123a45b-6c7d-8900-e12f-3456789gh0i1",`, ``},
			ReasonMissingField, "id is missing"},
		"no time":          {[]string{`"date_create":1659021752,`, ``}, ReasonMissingField, "date_create is missing"},
		"no action":        {[]string{`"action":"file_downloaded",`, ``}, ReasonMissingField, "action is missing"},
		"no actor":         {[]string{actor, `null`}, ReasonMissingField, "actor.user.id is missing"},
		"no actor id":      {[]string{`"W123AB456"`, `null`}, ReasonMissingField, "actor.user.id is missing"},
		"actor is text":    {[]string{actor, `"W1"`}, ReasonBadField, "actor is a string"},
		"actor id number":  {[]string{`"W123AB456"`, `5`}, ReasonBadField, "actor.user.id is a number"},
		"actor id a list":  {[]string{`"W123AB456"`, `[5]`}, ReasonBadField, "actor.user.id is an array"},
		"time is a list":   {[]string{`1659021752`, `[1]`}, ReasonBadField, "date_create is an array"},
		"time is no time":  {[]string{`1659021752`, `"soon"`}, ReasonBadField, `date_create is "soon"`},
		"time is zero":     {[]string{`1659021752`, `0`}, ReasonBadField, "date_create is 1970"},
		"time is negative": {[]string{`1659021752`, `-1659021752`}, ReasonBadField, "date_create is 1917"},
		"time is far":      {[]string{`1659021752`, `99999999999`}, ReasonBadField, "date_create is 5138"},
		"duplicate name":   {[]string{`"domain":"birdland"`, `"id":"E2"`}, ReasonDuplicateKey, "/context/location"},
		"NaN":              {[]string{`1659021752`, `NaN`}, ReasonBadField, `date_create is "NaN"`},
		"invalid UTF-8":    {[]string{`W123`, "W\xef123"}, ReasonBadEncoding, ""},
	} {
		t.Run(name, func(t *testing.T) { refused(t, slackText(t, c.edit...), Options{}, c.reason, c.detail) })
	}
}
