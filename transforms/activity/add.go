// SPDX-License-Identifier: Apache-2.0

package activity

import (
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// add adds an event to the slice of its principal and window: what Merge does with the event's own slice, without
// making one.
func (m *memory) add(s *aerv1.Slice, e *Entry) {
	s.UserType = guarded(s.UserType, e.userType)
	s.Events++
	s.Bytes += e.bytes
	m.addRef(s, e)
	m.addFacet(s, e)
	m.addMethod(s, e)
	m.addAction(s, e)
	switch {
	case e.download:
		s.DownloadBytes += e.bytes
		s.Downloads = m.addObject(s.Downloads, e)
	case e.read:
		s.Reads = m.addObject(s.Reads, e)
	}
	pace(s, e)
	if e.exit {
		s.TorAddresses = first(merge(s.TorAddresses, []string{e.ip}, strings.Compare, nil), maxTorAddresses)
	}
}

func (m *memory) addRef(s *aerv1.Slice, e *Entry) {
	ref, _ := m.refs.take()
	*ref = aerv1.EventRef{Id: e.id, TimeMs: e.ms}
	if compareRefs(ref, s.Last) > 0 {
		if s.Last == nil { // what came over the wire may be incomplete
			s.Last = &aerv1.EventRef{}
		}
		*s.Last = aerv1.EventRef{Id: e.id, TimeMs: e.ms}
	}
	s.Refs = put(&m.refs, s.Refs, ref, compareRefs, nil, maxRefs)
}

func (m *memory) addAction(s *aerv1.Slice, e *Entry) {
	action, _ := m.actions.take()
	*action = aerv1.ActionCount{Action: string(e.class), Outcome: e.outcome, Count: 1}
	s.Actions = put(&m.actions, s.Actions, action, compareActions, addAction, maxActions)
}

func (m *memory) addMethod(s *aerv1.Slice, e *Entry) {
	if !e.called() {
		return
	}
	method, _ := m.methods.take()
	setMethod(method, e)
	s.Methods = foldMethods(put(&m.methods, s.Methods, method, compareMethods, mergeMethod, len(s.Methods)+1))
}

// put adds x, which from gave out last, to a list sorted by compare of which the first most are kept. If the list has
// its like, they are joined, if there is anything to join. What is not used goes back.
func put[T any](from *arena[T], list []*T, x *T, compare func(a, b *T) int, join func(dst, src *T), most int) []*T {
	i, found := slices.BinarySearchFunc(list, x, compare)
	if found || i == most {
		if found && join != nil {
			join(list[i], x)
		}
		from.back()
		return list
	}
	return first(slices.Insert(list, i, x), most)
}

func (m *memory) addFacet(s *aerv1.Slice, e *Entry) {
	f, _ := m.facets.take()
	f.set(e)
	i, found := slices.BinarySearchFunc(s.Facets, &f.of, compareFacets)
	switch {
	case found:
		mergeFacet(s.Facets[i], &f.of)
		m.facets.back()
	case i == maxFacets:
		s.FacetsDropped++
		m.facets.back()
	default:
		s.Facets = keepFacets(s, slices.Insert(s.Facets, i, &f.of))
	}
}

// addObject adds the event's object to a set; nil is the empty one.
func (m *memory) addObject(set *aerv1.ObjectSet, e *Entry) *aerv1.ObjectSet {
	if set == nil {
		set, _ = m.objects.take()
		return objectSet(set, e)
	}
	var dropped bool
	set.Hashes, dropped = insertHash(set.Hashes, e.object, maxObjects)
	set.Sketched = set.Sketched || dropped
	return set
}
