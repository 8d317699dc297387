// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"hash/maphash"
	"iter"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// table finds the profile of a principal by the hash of its name: where names are the keys of a map, half of the time
// goes into fetching texts from memory. Profiles of one hash, which hardly ever come, are linked.
type table struct {
	byHash map[uint64]*Profile
	n      int
	// hash is hashOf, but for tests.
	hash func(aerv1.Principal) uint64
}

func newTable() table { return table{byHash: map[uint64]*Profile{}, hash: hashOf} }

func hashOf(who aerv1.Principal) uint64 {
	h := maphash.String(seed, string(who.UserID)) ^ 31*maphash.String(seed, string(who.OrgID))
	if !who.Person() {
		h ^= 37*maphash.String(seed, who.ActorKind) ^ 41*maphash.String(seed, who.AppID)
	}
	return h
}

func (p *Profile) is(who aerv1.Principal) bool {
	return p.UserID == string(who.UserID) && p.OrgID == string(who.OrgID) && p.ActorKind == who.ActorKind &&
		p.AppID == who.AppID
}

// find is the profile of a principal, or nil.
func (t *table) find(who aerv1.Principal) *Profile { return t.first(who).of(who) }

// first is the first of the profiles with the hash of a principal, of whom one may be the principal's; nil for none.
func (t *table) first(who aerv1.Principal) *Profile { return t.byHash[t.hash(who)] }

// of is the principal's among a profile and those linked to it, or nil.
func (p *Profile) of(who aerv1.Principal) *Profile {
	for p != nil && !p.is(who) {
		p = p.next
	}
	return p
}

// put keeps a profile in place of the one that the principal has.
func (t *table) put(p *Profile) {
	who := aerv1.PrincipalOf(p)
	t.remove(who)
	h := t.hash(who)
	p.next = t.byHash[h]
	t.byHash[h] = p
	t.n++
}

func (t *table) remove(who aerv1.Principal) {
	h := t.hash(who)
	first := t.byHash[h]
	at := &first
	for *at != nil && !(*at).is(who) {
		at = &(*at).next
	}
	if *at == nil {
		return
	}
	*at = (*at).next
	t.n--
	if first == nil {
		delete(t.byHash, h)
	} else {
		t.byHash[h] = first
	}
}

// all are the profiles, in no order. The table must not be changed meanwhile.
func (t *table) all() iter.Seq[*Profile] {
	return func(yield func(*Profile) bool) {
		for _, p := range t.byHash {
			for ; p != nil; p = p.next {
				if !yield(p) {
					return
				}
			}
		}
	}
}
