// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/sessions"
	stored "github.com/aer-project/aer/sinks/settings"
)

// TestScopeChosenByTheOrganisation: the organisation's choice goes before the responder's, and evidence without a
// session is answered by ending all.
func TestScopeChosenByTheOrganisation(t *testing.T) {
	for _, c := range []struct {
		name, chosen string
		otherwise    sessions.Scope
		sessions     []string
		want         []string
	}{
		{"nothing chosen", "", "", []string{"S2"}, nil},
		{"all", aerv1.ScopeAll, sessions.ScopeListed, []string{"S2"}, nil},
		{"session", aerv1.ScopeSession, "", []string{"S2"}, []string{"S1"}},
		{"session, and none is known", aerv1.ScopeSession, "", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			s, _ := orgOf("O1", "U1")
			s.Version, s.Response = "v2", &aerv1.ResponseSettings{Scope: c.chosen}
			if err := stored.New(f.store).Put(context.Background(), s, "v1"); err != nil {
				t.Fatal(err)
			}
			conf := f.config(f.store)
			conf.Scope = c.otherwise
			a, d := respondTo("O1", "U1", "D1")
			a.SessionIds, d.SessionIds = c.sessions, c.sessions
			if err := newResponder(t, conf).Respond(context.Background(), a, d); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, f.world.Alive("O1", "U1")); diff != "" {
				t.Errorf("alive (-want +got):\n%s", diff)
			}
		})
	}
}
