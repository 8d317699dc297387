// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/response"
	stored "github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/sinks/sinktest"
)

// TestOrganisationsAreApart: many organisations whose ids are made to collide, each with the same user, session and
// even decision ids. Each gets its own response, and nothing of another's in any of it.
func TestOrganisationsAreApart(t *testing.T) {
	f := newFixture(t)
	ctx := context.Background()
	for i, org := range sinktest.HostileIDs {
		user := sinktest.HostileIDs[(i+7)%len(sinktest.HostileIDs)]
		f.world.SignIn(org, user, "S1")
		s, d := orgOf(org, user)
		d.Name = marker(i)
		d.People[0].Email = marker(i) + "@user.example"
		d.People[1].Email = marker(i) + "@owner.example"
		if _, err := stored.Import(ctx, f.store, []*aerv1.Settings{s}, []*aerv1.Directory{d}); err != nil {
			t.Fatal(err)
		}
	}
	for i, org := range sinktest.HostileIDs {
		user := sinktest.HostileIDs[(i+7)%len(sinktest.HostileIDs)]
		before := len(f.world.Effects())
		a, d := respondTo(org, user, "same-id")
		if err := f.Respond(ctx, a, d); err != nil {
			t.Fatalf("org %.40q: %v", org, err)
		}
		res := f.result(aerv1.OrgID(org), "same-id")
		if got := len(f.world.Effects()) - before; got != 5 || len(response.Failed(res.Response)) != 0 {
			t.Errorf("org %.40q, user %.40q: %d things happened, response %.2000v", org, user, got, res.Response)
		}
		if alive := f.world.Alive(org, user); len(alive) != 0 {
			t.Errorf("org %.40q: sessions %q are alive", org, alive)
		}
		for _, n := range res.Notifications {
			wantOnlyMarker(t, i, n.GetAddress()+n.GetSubject()+n.GetText()+n.GetHtml())
		}
		line, err := aerv1.MarshalJSONLine(res.Audit)
		if err != nil {
			t.Fatal(err)
		}
		wantOnlyMarker(t, i, string(line))
	}
	for _, org := range sinktest.HostileIDs {
		own, err := response.List(ctx, ledger.New(f.store), aerv1.OrgID(org))
		if err != nil || len(own) != 1 || own[0].Decision.GetOrgId() != org {
			t.Errorf("org %.40q lists %d responses, %v", org, len(own), err)
		}
	}
	if diff := cmp.Diff([]string{"S1", "S2"}, f.world.Alive("O1", "U1")); diff != "" {
		t.Errorf("a bystander's sessions changed:\n%s", diff)
	}
}

// marker is a word that only the data of one organisation holds.
func marker(i int) string { return "org" + strings.Repeat("q", i+1) + "z" }

func wantOnlyMarker(t *testing.T, own int, text string) {
	t.Helper()
	for i := range sinktest.HostileIDs {
		if i != own && strings.Contains(text, marker(i)) {
			t.Errorf("output of organisation %d holds data of organisation %d:\n%.500s", own, i, text)
		}
	}
}
