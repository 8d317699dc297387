// SPDX-License-Identifier: Apache-2.0

package settings

import (
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Set finds an organisation's settings. The zero value gives everyone the defaults. It is not changed after NewSet and
// may be read from several goroutines.
type Set struct{ byOrg map[string]*aerv1.Settings }

// NewSet returns a set of completed settings. If an organisation occurs twice, the later one counts.
func NewSet(all []*aerv1.Settings) *Set {
	s := &Set{byOrg: make(map[string]*aerv1.Settings, len(all))}
	for _, one := range all {
		s.byOrg[one.GetOrgId()] = Complete(one)
	}
	return s
}

// For returns the settings of an organisation, or the defaults if it has none. The result must not be changed.
func (s *Set) For(orgID string) *aerv1.Settings {
	if s != nil {
		if one := s.byOrg[orgID]; one != nil {
			return one
		}
	}
	return Default(orgID)
}

// People finds persons of all organisations. The zero value knows nobody. It is not changed after NewPeople.
type People struct {
	orgs    map[string]*aerv1.Directory
	persons map[personKey]*aerv1.Person
}

type personKey struct {
	org  aerv1.OrgID
	user aerv1.UserID
}

// NewPeople indexes directories. If a person occurs twice in an organisation, the later entry counts.
func NewPeople(dirs []*aerv1.Directory) *People {
	p := &People{orgs: map[string]*aerv1.Directory{}, persons: map[personKey]*aerv1.Person{}}
	for _, d := range dirs {
		p.orgs[d.GetOrgId()] = d
		for _, person := range d.GetPeople() {
			p.persons[personKey{aerv1.OrgID(d.GetOrgId()), aerv1.UserID(person.GetUserId())}] = person
		}
	}
	return p
}

// Person returns one person, or nil if the directory does not have them.
func (p *People) Person(org aerv1.OrgID, user aerv1.UserID) *aerv1.Person {
	if p == nil {
		return nil
	}
	return p.persons[personKey{org, user}]
}

// Directory returns an organisation's directory, or nil.
func (p *People) Directory(orgID string) *aerv1.Directory {
	if p == nil {
		return nil
	}
	return p.orgs[orgID]
}
