// SPDX-License-Identifier: Apache-2.0

package ocsf_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit/ocsf"
	"github.com/aer-project/aer/sinks/audit/ocsf/ocsftest"
)

// TestFindingsAreValid: each type of finding about each type of user, complete and with each part missing or
// unreadable.
func TestFindingsAreValid(t *testing.T) {
	schema := published(t)
	for name, change := range map[string]func(*aerv1.Anomaly){
		"complete":            func(*aerv1.Anomaly) {},
		"no session":          func(a *aerv1.Anomaly) { a.SessionIds, a.SessionStartedAt = nil, nil },
		"empty session":       func(a *aerv1.Anomaly) { a.SessionIds = []string{""} },
		"no address":          func(a *aerv1.Anomaly) { a.Evidence.Client.Ip = "" },
		"unreadable address":  func(a *aerv1.Anomaly) { a.Evidence.Client.Ip = "1.23.45.678" },
		"address with a zone": func(a *aerv1.Anomaly) { a.Evidence.Client.Ip = "fe80::1%eth0" },
		"mapped address":      func(a *aerv1.Anomaly) { a.Evidence.Client.Ip = "::ffff:198.51.100.9" },
		"IPv6":                func(a *aerv1.Anomaly) { a.Evidence.Client.Ip = "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff" },
		"no agent":            func(a *aerv1.Anomaly) { a.Evidence.Client.UserAgent = "" },
		"no print":            func(a *aerv1.Anomaly) { a.Evidence.Client.Ja4 = "" },
		"no client":           func(a *aerv1.Anomaly) { a.Evidence.Client = nil },
		"no evidence":         func(a *aerv1.Anomaly) { a.Evidence = nil },
		"no measurement":      func(a *aerv1.Anomaly) { a.Evidence.Signal = "" },
		"not a number":        func(a *aerv1.Anomaly) { a.Evidence.Observed, a.Confidence = math.Inf(1), math.NaN() },
		"no times":            func(a *aerv1.Anomaly) { a.Time, a.KnownAt, a.Window = nil, nil, nil },
		"nothing that names": func(a *aerv1.Anomaly) {
			a.Id, a.UserId, a.OrgId, a.Type, a.Summary, a.Reasons, a.EventIds = "", "", "", "", "", nil, nil
		},
		"several sessions":     func(a *aerv1.Anomaly) { a.SessionIds = []string{"S1", "S2"} },
		"logs only":            func(a *aerv1.Anomaly) { a.LogOnly, a.Hint = true, true },
		"a type yet to come":   func(a *aerv1.Anomaly) { a.Type, a.Severity, a.UserType = "common_cause", "urgent", "app" },
		"an empty row, and id": func(a *aerv1.Anomaly) { a.Evidence.BaselineRows, a.EventIds = []string{""}, []string{""} },
	} {
		t.Run(name, func(t *testing.T) {
			for _, typ := range aerv1.AnomalyTypes {
				for _, kind := range []string{"", aerv1.UserMember, aerv1.UserGuest, aerv1.UserExternal, aerv1.UserBot} {
					a := anomaly()
					a.Type, a.UserType = typ, kind
					change(a)
					checkFinding(t, schema, a)
				}
			}
		})
	}
}

func checkFinding(t *testing.T, schema *ocsftest.Schema, a *aerv1.Anomaly) {
	t.Helper()
	line, err := ocsf.Finding(a)
	if err != nil {
		t.Fatal(err)
	}
	checkValid(t, schema, line)
}

// TestUserTypes: the schema has three kinds of user, and the caption of the fourth says which it is.
func TestUserTypes(t *testing.T) {
	for kind, want := range map[string]struct {
		id      int
		caption string
	}{"": {0, "Unknown"}, aerv1.UserMember: {1, "User"}, aerv1.UserGuest: {99, "Guest"},
		aerv1.UserExternal: {99, "External"}, aerv1.UserBot: {99, "Bot"}, "robot": {99, "robot"}} {
		a := anomaly()
		a.UserType = kind
		e := decode(t, a).Evidences[0]
		if e.Actor.User.TypeID != want.id || e.Actor.User.Type != want.caption {
			t.Errorf("%q is %d %q, want %v", kind, e.Actor.User.TypeID, e.Actor.User.Type, want)
		}
	}
}

// TestCountries: codes in any spelling become the code that the schema asks for; what is no country is left out.
func TestCountries(t *testing.T) {
	for country, want := range map[string]string{"NL": "NL", "nl": "NL", " nl ": "NL", "NLD": "NL", "uk": "GB",
		"528": "NL", "xx": "", "ZZ": "", "EU": "", "-": "", "Netherlands": "", "": "", "\xff": ""} {
		a := anomaly()
		a.Evidence.Client.Country = country
		if got := decode(t, a).Evidences[0].SrcEndpoint.Location.Country; got != want {
			t.Errorf("%q is %q, want %q", country, got, want)
		}
	}
}

type decoded struct {
	Evidences []struct {
		Actor struct {
			User struct {
				TypeID int `json:"type_id"`
				Type   string
			}
		}
		SrcEndpoint struct {
			IP       string
			Location struct{ Country string }
		} `json:"src_endpoint"`
	}
}

func decode(t *testing.T, a *aerv1.Anomaly) (d decoded) {
	t.Helper()
	line, err := ocsf.Finding(a)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(line, &d); err != nil || len(d.Evidences) == 0 {
		t.Fatal(err)
	}
	return d
}

// TestEntriesAreValid: what was done and what was chosen, complete and with each part missing.
func TestEntriesAreValid(t *testing.T) {
	schema := published(t)
	for name, without := range map[string]func(*aerv1.AuditEntry){
		"complete":           func(*aerv1.AuditEntry) {},
		"no session":         func(e *aerv1.AuditEntry) { e.Context.SessionId, e.Details.SessionId = "", "" },
		"no address":         func(e *aerv1.AuditEntry) { e.Context.IpAddress = "" },
		"unreadable address": func(e *aerv1.AuditEntry) { e.Context.IpAddress = "203.0.113.7:443" },
		"no agent":           func(e *aerv1.AuditEntry) { e.Context.Ua = "" },
		"no count":           func(e *aerv1.AuditEntry) { e.Details.SessionsReset = nil },
		"only a name":        func(e *aerv1.AuditEntry) { e.Context.Location.Id, e.Context.Location.Domain = "", "" },
		"address that is no mail": func(e *aerv1.AuditEntry) {
			e.Entity = &aerv1.AuditEntity{User: &aerv1.AuditUser{Id: "U1", Email: "Jörg <jörg@bücher.example>"}}
		},
		"nobody":  func(e *aerv1.AuditEntry) { e.Entity, e.Actor = nil, nil },
		"nothing": func(e *aerv1.AuditEntry) { e.Id, e.Actor, e.Entity, e.Context, e.Details = "", nil, nil, nil, nil },
	} {
		for _, whole := range []*aerv1.AuditEntry{reset(), change()} {
			e := proto.Clone(whole).(*aerv1.AuditEntry)
			without(e)
			line, err := ocsf.Entry(e)
			if err != nil {
				t.Fatal(err)
			}
			t.Run(name, func(t *testing.T) { checkValid(t, schema, line) })
		}
	}
}

// TestAnythingIsValid: whatever a detector finds and a response writes down.
func TestAnythingIsValid(t *testing.T) {
	schema := published(t)
	rapid.Check(t, func(t *rapid.T) {
		line, err := ocsf.Finding(anyAnomaly(t))
		if err != nil {
			t.Fatal(err)
		}
		checkValid(t, schema, line)
		if line, err = ocsf.Entry(anyEntry(t)); err != nil {
			t.Fatal(err)
		}
		checkValid(t, schema, line)
	})
}

func word(t *rapid.T, label string, usual ...string) string {
	return rapid.OneOf(rapid.SampledFrom(append(slices.Clone(usual), "")), rapid.String(),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 8), func(b []byte) string { return string(b) })).Draw(t, label)
}

func words(t *rapid.T, label string) []string {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string { return word(t, label, "S1", "S2") }), 0, 3).Draw(t, label)
}

func moment(t *rapid.T, label string) *timestamppb.Timestamp {
	if rapid.Bool().Draw(t, label+" given") {
		return aerv1.Time(time.Unix(rapid.Int64Range(-1<<33, 1<<36).Draw(t, label), 0))
	}
	return nil
}

func anyAnomaly(t *rapid.T) *aerv1.Anomaly {
	a := &aerv1.Anomaly{
		Id: word(t, "id", "A1"), Type: word(t, "type", aerv1.AnomalyTypes...), OrgId: word(t, "org", "O1"),
		UserId:     word(t, "user", "U1"),
		UserType:   word(t, "user type", aerv1.UserMember, aerv1.UserGuest, aerv1.UserExternal, aerv1.UserBot),
		SessionIds: words(t, "sessions"), EventIds: words(t, "events"), Reasons: words(t, "reasons"),
		Severity: word(t, "severity", "low", "medium", "high", "critical"), Confidence: rapid.Float64().Draw(t, "confidence"),
		Time: moment(t, "time"), KnownAt: moment(t, "known"), SessionStartedAt: moment(t, "started"),
		Summary: word(t, "summary"),
		Count:   rapid.Uint32().Draw(t, "count"), LogOnly: rapid.Bool().Draw(t, "log only"),
	}
	if rapid.Bool().Draw(t, "window") {
		a.Window = &aerv1.Window{Start: moment(t, "start"), End: moment(t, "end")}
	}
	if rapid.Bool().Draw(t, "evidence") {
		a.Evidence = &aerv1.Evidence{Signal: word(t, "signal", "reads_1h"), Observed: rapid.Float64().Draw(t, "observed"),
			Threshold: rapid.Float64().Draw(t, "threshold"), BaselineRows: words(t, "rows"),
			BaselineN: rapid.Uint32().Draw(t, "n"),
			Client: &aerv1.Client{Ip: word(t, "ip", "203.0.113.7", "::1", "fe80::1%0"), UserAgent: word(t, "agent"),
				Country: word(t, "country", "de", "xx"),
				Ja4:     word(t, "ja4"), Asn: rapid.Uint32().Draw(t, "asn")}}
	}
	return a
}

func anyEntry(t *rapid.T) *aerv1.AuditEntry {
	person := func(label string) *aerv1.AuditUser {
		if !rapid.Bool().Draw(t, label+" given") {
			return nil
		}
		return &aerv1.AuditUser{Id: word(t, label, "U1"), Name: word(t, label+" name"),
			Email: word(t, label+" mail", "a@b.example")}
	}
	return &aerv1.AuditEntry{
		Id: word(t, "id"), DateCreate: rapid.Uint32().Draw(t, "date"),
		Action: rapid.SampledFrom([]string{aerv1.ActionSessionsReset, aerv1.ActionSettingsChanged}).Draw(t, "action"),
		Actor:  &aerv1.AuditActor{User: person("actor")}, Entity: &aerv1.AuditEntity{User: person("entity")},
		Context: &aerv1.AuditContext{Location: &aerv1.AuditLocation{Id: word(t, "org", "O1"), Name: word(t, "org name"),
			Domain: word(t, "domain")},
			Ua: word(t, "agent"), IpAddress: word(t, "ip", "203.0.113.7"), SessionId: word(t, "session", "S1")},
		Details: &aerv1.AuditDetails{Reason: words(t, "reasons"), AnomalyId: word(t, "anomaly"),
			DecisionId: word(t, "decision"), SettingsVersion: word(t, "version"),
			PreviousValue: word(t, "previous"), NewValue: word(t, "new")},
	}
}
