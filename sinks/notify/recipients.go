// SPDX-License-Identifier: Apache-2.0

package notify

import (
	"cmp"
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Recipient is one person on one channel, with every role for which they are told.
type Recipient struct {
	UserID, Name string
	// In the order acting_user, org_primary_owner, security_admin.
	Roles    []string
	Channel  string
	Address  string // mail address or user id; empty if the directory has none
	Language string
}

// Recipients lists who is told about a response: the acting user by mail, always; owner and security admins as the
// settings say. A person with several roles is listed once per channel. The acting user comes first, then people by id.
//
// A directory or settings of another organisation than the decision's are not used. An acting user of whom no address
// is known is listed without one, so that the missing mail is seen.
func Recipients(d *aerv1.Decision, a *aerv1.Anomaly, dir *aerv1.Directory, s *aerv1.Settings) []Recipient {
	people := peopleOf(d, dir)
	acting := &aerv1.Person{UserId: a.GetUserId()}
	if i := slices.IndexFunc(people, func(p *aerv1.Person) bool { return p.GetUserId() == a.GetUserId() }); i >= 0 {
		acting = people[i]
	}
	list := []Recipient{recipient(acting, aerv1.RoleActingUser, ChannelEmail)}
	return order(a.GetUserId(), merge(append(list, admins(people, channelsOf(d, s))...)))
}

// Admins lists who is told about a decision that ends no session but needs a person: as Recipients, without the acting
// user.
func Admins(d *aerv1.Decision, dir *aerv1.Directory, s *aerv1.Settings) []Recipient {
	return order("", merge(admins(peopleOf(d, dir), channelsOf(d, s))))
}

func peopleOf(d *aerv1.Decision, dir *aerv1.Directory) []*aerv1.Person {
	if dir.GetOrgId() != d.GetOrgId() {
		return nil
	}
	return dir.GetPeople()
}

func channelsOf(d *aerv1.Decision, s *aerv1.Settings) *aerv1.NotifySettings {
	if s.GetOrgId() != d.GetOrgId() {
		return nil
	}
	return s.GetNotify()
}

func admins(people []*aerv1.Person, s *aerv1.NotifySettings) (list []Recipient) {
	roles := []struct {
		role string
		by   *aerv1.Channels
	}{{aerv1.RoleOrgPrimaryOwner, s.GetOrgPrimaryOwner()}, {aerv1.RoleSecurityAdmin, s.GetSecurityAdmins()}}
	for _, r := range roles {
		for _, p := range people {
			if !slices.Contains(p.GetRoles(), r.role) {
				continue
			}
			if r.by.GetEmail() {
				list = append(list, recipient(p, r.role, ChannelEmail))
			}
			if r.by.GetDm() {
				list = append(list, recipient(p, r.role, ChannelDM))
			}
		}
	}
	return list
}

func recipient(p *aerv1.Person, role, channel string) Recipient {
	r := Recipient{UserID: p.GetUserId(), Name: p.GetName(), Roles: []string{role}, Channel: channel,
		Language: p.GetLanguage()}
	r.Address = p.GetUserId()
	if channel == ChannelEmail {
		r.Address = p.GetEmail()
	}
	return r
}

// merge joins entries of one person and channel. Entries arrive by role, so the roles stay in order.
func merge(list []Recipient) (out []Recipient) {
	for _, r := range list {
		same := func(o Recipient) bool { return o.UserID == r.UserID && o.Channel == r.Channel }
		i := slices.IndexFunc(out, same)
		if i < 0 {
			out = append(out, r)
			continue
		}
		if !slices.Contains(out[i].Roles, r.Roles[0]) {
			out[i].Roles = append(out[i].Roles, r.Roles[0])
		}
		out[i].Address = cmp.Or(out[i].Address, r.Address)
	}
	return out
}

func order(acting string, list []Recipient) []Recipient {
	rank := func(r Recipient) int {
		if acting != "" && r.UserID == acting {
			return 0
		}
		return 1
	}
	slices.SortFunc(list, func(a, b Recipient) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.UserID, b.UserID), cmp.Compare(a.Channel, b.Channel))
	})
	return list
}
