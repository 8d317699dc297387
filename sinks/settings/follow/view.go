// SPDX-License-Identifier: Apache-2.0

package follow

import (
	"context"
	"maps"
	"sync"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/directory"
	"github.com/aer-project/aer/sinks/kv"
	stored "github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/transforms/decision/settings"
)

// view is what was known at one moment. It is replaced, never changed, once it is in use.
type view struct {
	settings map[string]*aerv1.Settings
	people   map[string]people
	members  uint32
	defaults *defaults
}

// people are those of one organisation.
type people struct {
	directory *aerv1.Directory
	byID      map[string]*aerv1.Person
}

func newView() *view {
	return &view{settings: map[string]*aerv1.Settings{}, people: map[string]people{},
		defaults: &defaults{known: map[string]*aerv1.Settings{}}}
}

func (v *view) clone() *view {
	return &view{maps.Clone(v.settings), maps.Clone(v.people), v.members, v.defaults}
}

func (v *view) setPeople(d *aerv1.Directory) {
	p := people{d, make(map[string]*aerv1.Person, len(d.GetPeople()))}
	for _, one := range d.GetPeople() {
		p.byID[one.GetUserId()] = one
	}
	v.members += uint32(len(d.GetPeople())) - uint32(len(v.people[d.GetOrgId()].directory.GetPeople()))
	v.people[d.GetOrgId()] = p
}

// orgsRemembered bounds the memory of organisations without settings of their own, whose ids come from events.
const orgsRemembered = 100_000

// defaults keeps the default settings of organisations, because making them costs far more than judging a slice.
type defaults struct {
	mu    sync.RWMutex
	known map[string]*aerv1.Settings
}

func (d *defaults) of(orgID string) *aerv1.Settings {
	d.mu.RLock()
	s := d.known[orgID]
	d.mu.RUnlock()
	if s != nil {
		return s
	}
	s = settings.Default(orgID)
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.known) >= orgsRemembered {
		clear(d.known)
	}
	d.known[orgID] = s
	return s
}

// SettingsOf returns the complete settings of an organisation, or the defaults. They must not be changed.
func (f *Follower) SettingsOf(orgID string) *aerv1.Settings {
	v := f.view.Load()
	if s := v.settings[orgID]; s != nil {
		return s
	}
	return v.defaults.of(orgID)
}

// Person returns one person, or nil if the directory does not have them.
func (f *Follower) Person(org aerv1.OrgID, user aerv1.UserID) *aerv1.Person {
	return f.view.Load().people[string(org)].byID[string(user)]
}

// Members is how many people an organisation's directory has ("" = all directories together).
func (f *Follower) Members(orgID string) uint32 {
	v := f.view.Load()
	if orgID == "" {
		return v.members
	}
	return uint32(len(v.people[orgID].directory.GetPeople()))
}

// Settings answers with the last good answer: a response goes on when the store is down.
func (f *Follower) Settings() stored.Reader { return followedSettings{f} }

// Directory answers with the last good answer.
func (f *Follower) Directory() directory.Reader { return followedDirectory{f} }

type followedSettings struct{ f *Follower }

// Get implements stored.Reader.
func (s followedSettings) Get(ctx context.Context, org aerv1.OrgID) (*aerv1.Settings, error) {
	if one := s.f.view.Load().settings[string(org)]; one != nil {
		return one, ctx.Err()
	}
	return nil, kv.ErrNotFound
}

type followedDirectory struct{ f *Follower }

// Get implements directory.Reader.
func (d followedDirectory) Get(ctx context.Context, org aerv1.OrgID) (*aerv1.Directory, error) {
	if p, ok := d.f.view.Load().people[string(org)]; ok {
		return p.directory, ctx.Err()
	}
	return nil, kv.ErrNotFound
}
