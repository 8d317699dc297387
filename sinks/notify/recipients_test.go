// SPDX-License-Identifier: Apache-2.0

package notify_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
)

func TestRecipients(t *testing.T) {
	both := &aerv1.Channels{Email: true, Dm: true}
	mail, dm := &aerv1.Channels{Email: true}, &aerv1.Channels{Dm: true}
	notifies := func(owner, admins *aerv1.Channels) *aerv1.Settings {
		return &aerv1.Settings{OrgId: "O1", Notify: &aerv1.NotifySettings{OrgPrimaryOwner: owner, SecurityAdmins: admins}}
	}
	twice := directory()
	twice.People = append(twice.People, &aerv1.Person{UserId: "U9", Name: "Sam again", Email: "sam2@acme.example",
		Roles: []string{aerv1.RoleSecurityAdmin}})
	foreign := directory()
	foreign.OrgId = "O2"
	actor := "U1 email ada@acme.example acting_user"
	for _, c := range []struct {
		name     string
		user     string
		dir      *aerv1.Directory
		settings *aerv1.Settings
		want     []string
	}{
		{"nobody chosen", "U1", directory(), notifies(nil, nil), []string{actor}},
		{"no settings", "U1", directory(), nil, []string{actor}},
		{"owner by mail", "U1", directory(), notifies(mail, nil),
			[]string{actor, "U8 email olu@acme.example org_primary_owner"}},
		{"admins by dm", "U1", directory(), notifies(nil, dm),
			[]string{actor, "U8 dm U8 security_admin", "U9 dm U9 security_admin"}},
		{"two roles, one message a channel", "U1", directory(), notifies(both, both), []string{
			actor, "U8 dm U8 org_primary_owner security_admin", "U8 email olu@acme.example org_primary_owner security_admin",
			"U9 dm U9 security_admin", "U9 email sam@acme.example security_admin"}},
		{"two roles, one channel each", "U1", directory(), notifies(mail, dm), []string{
			actor, "U8 dm U8 security_admin", "U8 email olu@acme.example org_primary_owner", "U9 dm U9 security_admin"}},
		{"the acting user is an admin", "U9", directory(), notifies(nil, both), []string{
			"U9 dm U9 security_admin", "U9 email sam@acme.example acting_user security_admin",
			"U8 dm U8 security_admin", "U8 email olu@acme.example security_admin"}},
		{"listed twice", "U1", twice, notifies(nil, mail), []string{
			actor, "U8 email olu@acme.example security_admin", "U9 email sam@acme.example security_admin"}},
		{"unknown user", "U7", directory(), notifies(nil, nil), []string{"U7 email  acting_user"}},
		{"no directory", "U1", nil, notifies(both, both), []string{"U1 email  acting_user"}},
		{"another organisation's directory", "U1", foreign, notifies(both, both), []string{"U1 email  acting_user"}},
		{"another organisation's settings", "U1", directory(),
			&aerv1.Settings{OrgId: "O2", Notify: notifies(both, both).GetNotify()}, []string{actor}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &aerv1.Decision{OrgId: "O1", UserId: c.user}
			got := describe(notify.Recipients(d, &aerv1.Anomaly{OrgId: "O1", UserId: c.user}, c.dir, c.settings))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("recipients (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAdminsLeavesTheActingUserOut(t *testing.T) {
	s := &aerv1.Settings{OrgId: "O1", Notify: &aerv1.NotifySettings{SecurityAdmins: &aerv1.Channels{Email: true}}}
	got := describe(notify.Admins(&aerv1.Decision{OrgId: "O1", UserId: "U1"}, directory(), s))
	want := []string{"U8 email olu@acme.example security_admin", "U9 email sam@acme.example security_admin"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("admins (-want +got):\n%s", diff)
	}
}

func describe(all []notify.Recipient) (out []string) {
	for _, r := range all {
		s := r.UserID + " " + r.Channel + " " + r.Address
		for _, role := range r.Roles {
			s += " " + role
		}
		out = append(out, s)
	}
	return out
}
