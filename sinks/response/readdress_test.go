// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/sinks/sinktest"
)

// people replaces the mail addresses of the organisation's two people.
func (f *fixture) people(ada, olu string) {
	f.t.Helper()
	_, d := orgOf("O1", "U1")
	d.People[0].Email, d.People[1].Email = ada, olu
	d.People = append(d.People, &aerv1.Person{UserId: "U9", Email: "new@acme.example",
		Roles: []string{aerv1.RoleSecurityAdmin}})
	if err := sinktest.PutPeople(context.Background(), f.store, d); err != nil {
		f.t.Fatal(err)
	}
}

// A retry tells those who were to be told and were not, at the address that they have now; nobody is told twice, and
// whoever has come since is not told.
func TestARetrySendsToTheAddressOfNow(t *testing.T) {
	f := newFixture(t)
	_, d := orgOf("O1", "U1")
	d.People[0].Email = "" // Ada has none: her mail fails for good
	if err := sinktest.PutPeople(context.Background(), f.store, d); err != nil {
		t.Fatal(err)
	}
	if res := f.mustRespond(); len(response.Failed(res.Response)) != 1 || len(f.world.Messages()) != 2 {
		t.Fatalf("result is %v", res.Response)
	}
	f.people("ada@acme.example", "olu@elsewhere.example")
	if err := f.retry(false); err != nil {
		t.Fatal(err)
	}
	f.mustResume()
	f.people("ada@later.example", "")
	res := f.mustRespond()
	var to []string
	for _, n := range res.Notifications {
		to = append(to, n.GetAddress())
	}
	if diff := cmp.Diff([]string{"U8", "olu@acme.example", "ada@acme.example"}, to); diff != "" {
		t.Errorf("messages in the warehouse (-want +got):\n%s", diff)
	}
	if len(f.world.Messages()) != 3 || len(response.Failed(res.Response)) != 0 {
		t.Errorf("%d messages; %v", len(f.world.Messages()), res.Response)
	}
	s, err := response.Show(context.Background(), ledger.New(f.store), "O1", "D1")
	if err != nil || len(s.Notifications) != 3 || s.Notifications[0].GetAddress() != "ada@acme.example" || s.Audit == nil {
		t.Errorf("shown: %v, %v", s, err)
	}
}
