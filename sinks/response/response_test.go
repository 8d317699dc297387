// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/sinktest"
)

const allDone = `revoke U1: done (1)
audit audit: done (1)
notify U1 email: done (1)
notify U8 dm: done (1)
notify U8 email: done (1)
`

func TestRespond(t *testing.T) {
	f := newFixture(t)
	res := f.mustRespond()
	f.wantOnce()
	if got := steps(res.Response); got != allDone {
		t.Errorf("steps are\n%s", got)
	}
	want := &aerv1.Response{Id: "D1", DecisionId: "D1", AnomalyId: "anomaly-D1", OrgId: "O1", UserId: "U1",
		SessionsReset: 2, DoneAt: aerv1.Time(sinktest.T0)}
	if diff := cmp.Diff(want, res.Response, protocmp.Transform(),
		protocmp.IgnoreFields(&aerv1.Response{}, "steps")); diff != "" {
		t.Errorf("response (-want +got):\n%s", diff)
	}
	entry := &aerv1.AuditEntry{
		Id: aerv1.NewID("audit", "O1", "D1", aerv1.ActionSessionsReset), DateCreate: uint32(sinktest.T0.Unix()),
		Action: "user_sessions_reset_by_anomaly_event_response",
		Actor:  &aerv1.AuditActor{Type: "user", User: &aerv1.AuditUser{Id: "AER", Name: "Anomaly Event Response"}},
		Entity: &aerv1.AuditEntity{Type: "user",
			User: &aerv1.AuditUser{Id: "U1", Name: "Ada", Email: "ada@acme.example", Team: "O1"}},
		Context: &aerv1.AuditContext{Location: &aerv1.AuditLocation{Type: "workspace", Id: "O1", Name: "Acme",
			Domain: "acme.example"},
			Ua: "Mozilla/5.0", IpAddress: "203.0.113.7", SessionId: "S2"},
		Details: &aerv1.AuditDetails{Reason: []string{"tor"}, AnomalyId: "anomaly-D1", DecisionId: "D1",
			ActionTimestamp: aerv1.Time(sinktest.T0.Add(-time.Hour)), SessionId: "S2", SessionsReset: proto.Uint32(2),
			SettingsVersion: "v1"},
	}
	for _, got := range []*aerv1.AuditEntry{res.Audit, f.world.Audit()[0]} {
		if diff := cmp.Diff(entry, got, protocmp.Transform()); diff != "" {
			t.Errorf("audit entry (-want +got):\n%s", diff)
		}
	}
	if diff := cmp.Diff(f.world.Messages(), res.Notifications, protocmp.Transform()); diff != "" {
		t.Errorf("messages (-delivered +returned):\n%s", diff)
	}
}

func TestPersistingActsToo(t *testing.T) {
	f := newFixture(t)
	a, d := respondTo("O1", "U1", "D1")
	d.Outcome = aerv1.Decision_PERSISTING
	if err := f.Respond(context.Background(), a, d); err != nil {
		t.Fatal(err)
	}
	f.wantOnce()
	if !strings.Contains(f.world.Messages()[1].GetText(), "again") {
		t.Errorf("the admins are not told that it goes on:\n%s", f.world.Messages()[1].GetText())
	}
}

func TestRefusesWhatMustNotBeCarriedOut(t *testing.T) {
	type change func(*aerv1.Anomaly, *aerv1.Decision)
	cases := map[string]change{
		"observe":           func(_ *aerv1.Anomaly, d *aerv1.Decision) { d.Mode = aerv1.ModeObserve },
		"replay":            func(_ *aerv1.Anomaly, d *aerv1.Decision) { d.Mode = aerv1.ModeReplay },
		"no mode":           func(_ *aerv1.Anomaly, d *aerv1.Decision) { d.Mode = "" },
		"unknown mode":      func(_ *aerv1.Anomaly, d *aerv1.Decision) { d.Mode = "ENFORCE" },
		"log-only finding":  func(a *aerv1.Anomaly, _ *aerv1.Decision) { a.LogOnly = true },
		"external user":     func(a *aerv1.Anomaly, _ *aerv1.Decision) { a.UserType = aerv1.UserExternal },
		"other user":        func(a *aerv1.Anomaly, _ *aerv1.Decision) { a.UserId = "U2" },
		"other org":         func(a *aerv1.Anomaly, _ *aerv1.Decision) { a.OrgId = "O2" },
		"other anomaly":     func(a *aerv1.Anomaly, _ *aerv1.Decision) { a.Id = "A9" },
		"no id":             func(_ *aerv1.Anomaly, d *aerv1.Decision) { d.Id = "" },
		"no user":           func(a *aerv1.Anomaly, d *aerv1.Decision) { a.UserId, d.UserId = "", "" },
		"no org":            func(a *aerv1.Anomaly, d *aerv1.Decision) { a.OrgId, d.OrgId = "", "" },
		"no anomaly id":     func(a *aerv1.Anomaly, d *aerv1.Decision) { a.Id, d.AnomalyId = "", "" },
		"an outcome beyond": func(_ *aerv1.Anomaly, d *aerv1.Decision) { d.Outcome = 99 },
	}
	for n, name := range aerv1.Decision_Outcome_name {
		if o := aerv1.Decision_Outcome(n); o != aerv1.Decision_RESPOND && o != aerv1.Decision_PERSISTING {
			cases[name] = func(_ *aerv1.Anomaly, d *aerv1.Decision) { d.Outcome = o }
		}
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			a, d := respondTo("O1", "U1", "D1")
			change(a, d)
			if err := f.Respond(context.Background(), a, d); !errors.Is(err, response.ErrRefused) {
				t.Errorf("error is %v", err)
			}
			f.wantNothing()
		})
	}
	f := newFixture(t)
	if err := f.Respond(context.Background(), nil, nil); !errors.Is(err, response.ErrRefused) {
		t.Errorf("nothing at all: error is %v", err)
	}
}

func TestSameIDForAnotherUserIsRefused(t *testing.T) {
	f := newFixture(t)
	f.mustRespond()
	a, d := respondTo("O1", "U2", "D1")
	if err := f.Respond(context.Background(), a, d); !errors.Is(err, response.ErrRefused) {
		t.Errorf("error is %v", err)
	}
	f.wantOnce()
}

func TestUnknownPeople(t *testing.T) {
	f := newFixture(t)
	f.world.SignIn("O9", "U1", "S1")
	a, d := respondTo("O9", "U1", "D1")
	if err := f.Respond(context.Background(), a, d); err != nil {
		t.Fatal(err)
	}
	res := f.result("O9", "D1")
	if got := steps(res.Response); got != "revoke U1: done (1)\naudit audit: done (1)\nnotify U1 email: failed (1)\n" {
		t.Errorf("steps are\n%s", got)
	}
	if detail := res.Response.GetSteps()[2].GetDetail(); !strings.Contains(detail, "address is empty") {
		t.Errorf("detail is %q", detail)
	}
}

func TestDefaultsTellAdminsOfOrganisationsWithoutSettings(t *testing.T) {
	f := newFixture(t)
	_, d9 := orgOf("O9", "U1")
	if err := sinktest.PutPeople(context.Background(), f.store, d9); err != nil {
		t.Fatal(err)
	}
	c := f.config(f.store)
	c.Defaults = func(org string) *aerv1.Settings { s, _ := orgOf(org, "U1"); return s }
	a, d := respondTo("O9", "U1", "D1")
	err := newResponder(t, c).Respond(context.Background(), a, d)
	if n := len(f.world.Messages()); err != nil || n != 3 {
		t.Errorf("%d messages, %v", n, err)
	}
}

func TestScopeListed(t *testing.T) {
	f := newFixture(t)
	c := f.config(f.store)
	c.Scope = sessions.ScopeListed
	a, d := respondTo("O1", "U1", "D1")
	if err := newResponder(t, c).Respond(context.Background(), a, d); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"S1"}, f.world.Alive("O1", "U1")); diff != "" {
		t.Errorf("alive (-want +got):\n%s", diff)
	}
}

func TestListAndShow(t *testing.T) {
	ctx := context.Background()
	f := newFixture(t)
	f.point = failing("before notify dm", 1<<30, errServer)
	_ = f.respond()
	one, err := response.Show(ctx, ledger.New(f.store), "O1", "D1")
	if err != nil || !one.Open || len(one.Notifications) != 3 || len(one.Response.GetSteps()) != 5 ||
		one.Decision.GetId() != "D1" {
		t.Errorf("open response is %+v, %v", one, err)
	}
	f.point = failing("", 0, nil)
	done := f.mustRespond()
	all, err := response.List(ctx, ledger.New(f.store), "")
	if err != nil || len(all) != 1 || all[0].Open || !proto.Equal(all[0].Response, done.Response) {
		t.Errorf("responses are %+v, %v", all, err)
	}
	if _, err := response.Show(ctx, ledger.New(f.store), "O2", "D1"); !errors.Is(err, kv.ErrNotFound) {
		t.Errorf("another organisation sees it: %v", err)
	}
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	if _, err := response.New(response.Config{}); err == nil || !strings.Contains(err.Error(), "Ledger is missing") {
		t.Errorf("error is %v", err)
	}
}
