// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/sinks/sessions"
)

func respondToApp() (*aerv1.Anomaly, *aerv1.Decision) {
	a, d := respondTo("O1", "U1", "D1")
	a.ActorKind, a.AppId = aerv1.ActorApp, "A1"
	d.ActorKind, d.AppId = aerv1.ActorApp, "A1"
	return a, d
}

// TestTheAccessOfAnAppIsEnded, and no session, whatever scope the organisation has chosen for people; audit entry and
// messages say so.
func TestTheAccessOfAnAppIsEnded(t *testing.T) {
	f := newFixture(t)
	f.world.Grant("O1", "U1", "A1")
	f.world.Grant("O1", "U1", "A2")
	before := f.world.Alive("O1", "U1")
	a, d := respondToApp()
	if err := newResponder(t, f.config(f.store)).Respond(context.Background(), a, d); err != nil {
		t.Fatal(err)
	}
	res := f.result("O1", "D1")
	if f.world.Granted("O1", "U1", "A1") || !f.world.Granted("O1", "U1", "A2") {
		t.Error("want the access of A1 ended, and that of A2 not")
	}
	if diff := cmp.Diff(before, f.world.Alive("O1", "U1")); diff != "" || len(before) == 0 {
		t.Errorf("sessions of the person (-before +after):\n%s", diff)
	}
	if r := res.Response; r.GetAppId() != "A1" || r.GetActorKind() != aerv1.ActorApp || r.GetSessionsReset() != 0 {
		t.Errorf("response: %v", r)
	}
	if e := res.Audit; e.GetAction() != aerv1.ActionAppAccessEnded || e.GetDetails().GetAppId() != "A1" ||
		e.GetDetails().SessionsReset != nil {
		t.Errorf("audit entry: %v", e)
	}
	if len(res.Notifications) == 0 {
		t.Fatal("nobody was told")
	}
	for _, n := range res.Notifications {
		if strings.Contains(n.GetSubject()+n.GetText(), "signed out") || !strings.Contains(n.GetText(), "A1") {
			t.Errorf("message to %s:\n%s\n%s", n.GetUserId(), n.GetSubject(), n.GetText())
		}
	}
}

// TestAnAppThatCannotBeEnded: an adapter that cannot refuses for good, the people are told to act, and no session is
// ended.
func TestAnAppThatCannotBeEnded(t *testing.T) {
	f := newFixture(t)
	conf := f.config(f.store)
	conf.Sessions = sessions.NewEmbedded(sessions.NewTable(f.store), conf.Now)
	before := f.world.Alive("O1", "U1")
	a, d := respondToApp()
	if err := newResponder(t, conf).Respond(context.Background(), a, d); err != nil {
		t.Fatal(err)
	}
	res := f.result("O1", "D1")
	failed := response.Failed(res.Response)
	if len(failed) != 1 || !strings.Contains(failed[0].GetDetail(), "unsupported") || res.Audit != nil {
		t.Errorf("failed steps %v, audit entry %v", failed, res.Audit)
	}
	if diff := cmp.Diff(before, f.world.Alive("O1", "U1")); diff != "" {
		t.Errorf("sessions of the person (-before +after):\n%s", diff)
	}
	for _, n := range res.Notifications {
		if !strings.Contains(n.GetText(), "could not be ended") {
			t.Errorf("message to %s:\n%s", n.GetUserId(), n.GetText())
		}
	}
}

// TestNobodyElseIsActedUpon: the last line of defence against attempts, and against an app without a name.
func TestNobodyElseIsActedUpon(t *testing.T) {
	for _, kind := range []string{aerv1.ActorAttempt, aerv1.ActorSystem, aerv1.ActorRecord, aerv1.ActorApp, "ghost"} {
		f := newFixture(t)
		a, d := respondTo("O1", "U1", "D1")
		a.ActorKind, d.ActorKind = kind, kind
		if err := newResponder(t, f.config(f.store)).Respond(context.Background(), a, d); !errors.Is(err,
			response.ErrRefused) {
			t.Errorf("%s: %v", kind, err)
		}
		a, d = respondTo("O1", "U1", "D1")
		a.ActorKind, a.AppId = aerv1.ActorApp, "A1" // a wrong wire: the finding is an app's, the decision a person's
		if err := newResponder(t, f.config(f.store)).Respond(context.Background(), a, d); !errors.Is(err,
			response.ErrRefused) {
			t.Errorf("an app's finding, a person's decision: %v", err)
		}
		if n := len(f.world.Effects()); n != 0 {
			t.Errorf("%s: %d things happened", kind, n)
		}
	}
}
