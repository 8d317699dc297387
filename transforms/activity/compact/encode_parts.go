// SPDX-License-Identifier: Apache-2.0

package compact

import (
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
)

// What a facet says.
const (
	facetWhole    = 1 << iota // all events of the slice are of it
	facetDownload             // one
	facetRead                 // one
	facetCall                 // one
	facetPlace                // the client's AS or country is known
	facetLogin
	facetCookies
	facetCounts // other than one or none
	facetHosting
	facetNoClient
)

func (e *encoder) facets(s *aerv1.Slice) {
	e.uint(uint64(len(s.Facets)))
	e.n.facets += uint64(len(s.Facets))
	for _, f := range s.Facets {
		e.facet(f, s)
	}
}

func (e *encoder) facet(f *aerv1.Facet, s *aerv1.Slice) {
	flags := e.facetFlags(f, s)
	e.uint(flags)
	e.text(f.SessionId)
	if flags&facetWhole == 0 {
		e.ref(f.FirstEventId, f.FirstMs, s, len(e.named))
		e.ref(f.LastEventId, f.LastMs, s, len(e.named))
		e.uint(uint64(f.Events))
	}
	if flags&facetCookies != 0 {
		e.int(f.CookieMinMs - s.WindowStartMs)
		e.int(f.CookieMaxMs - s.WindowStartMs)
	}
	if flags&facetCounts != 0 {
		e.uint(uint64(f.Downloads))
		e.uint(uint64(f.Reads))
		e.uint(uint64(f.Calls))
	}
	if flags&facetNoClient == 0 {
		e.client(f.Client, flags)
	}
}

func (e *encoder) facetFlags(f *aerv1.Facet, s *aerv1.Slice) (flags uint64) {
	counts := f.Downloads > 1 || f.Reads > 1 || f.Calls > 1
	for flag, is := range [...]bool{
		e.whole(f, s), f.Downloads == 1 && !counts, f.Reads == 1 && !counts, f.Calls == 1 && !counts,
		f.Client.GetAsn() != 0 || f.Client.GetCountry() != "", f.Login, f.CookieMinMs != 0 || f.CookieMaxMs != 0,
		counts, f.Client.GetHosting(), f.Client == nil,
	} {
		if is {
			flags |= 1 << flag
		}
	}
	return flags
}

// whole says whether the facet begins and ends with its slice.
func (e *encoder) whole(f *aerv1.Facet, s *aerv1.Slice) bool {
	if len(s.Refs) == 0 || s.Last == nil || f.Events != s.Events {
		return false
	}
	first, last := s.Refs[0], s.Last
	return f.FirstMs == first.TimeMs && f.LastMs == last.TimeMs && f.FirstEventId == first.Id && f.LastEventId == last.Id
}

func (e *encoder) client(c *aerv1.FacetClient, flags uint64) {
	for _, t := range [...]string{c.Ip, c.UserAgent, c.DeviceId, c.Ja4, c.Class, c.Family, c.Version, c.Os} {
		e.text(t)
	}
	if flags&facetPlace != 0 {
		e.uint(uint64(c.Asn))
		e.text(c.Country)
	}
}

func (e *encoder) actions(s *aerv1.Slice) {
	e.uint(uint64(len(s.Actions)))
	e.n.actions += uint64(len(s.Actions))
	for _, a := range s.Actions {
		e.text(a.Action)
		e.text(a.Outcome)
		e.uint(uint64(a.Count))
	}
}

// methods writes calls; the hash of one whose event is named is not written.
func (e *encoder) methods(s *aerv1.Slice) {
	e.uint(uint64(len(s.Methods)))
	e.n.methods += uint64(len(s.Methods))
	for _, m := range s.Methods {
		e.text(m.Class)
		e.text(m.Method)
		odd := m.Errors != 0 || m.RateLimited != 0 || m.Sketched || uint64(m.Calls) != uint64(len(m.CallIds))
		e.uint(uint64(len(m.CallIds))<<1 | bit(odd))
		if odd {
			e.uint(uint64(m.Calls)<<1 | bit(m.Sketched))
			e.uint(uint64(m.Errors))
			e.uint(uint64(m.RateLimited))
		}
		e.calls(m.CallIds)
	}
}

func bit(is bool) uint64 {
	if is {
		return 1
	}
	return 0
}

func (e *encoder) calls(ids []uint64) {
	e.n.hashes += uint64(len(ids))
	if len(e.hashes) == 0 {
		for _, r := range e.named {
			e.hashes = append(e.hashes, activity.Hash(r.Id))
		}
	}
	for _, h := range ids {
		i := slices.Index(e.hashes, h)
		e.uint(uint64(i + 1))
		if i < 0 {
			e.fixed(h)
		}
	}
}

func (e *encoder) set(o *aerv1.ObjectSet) {
	e.n.sets++
	e.n.hashes += uint64(len(o.Hashes))
	e.uint(uint64(len(o.Hashes))<<1 | bit(o.Sketched))
	for _, h := range o.Hashes {
		e.fixed(h)
	}
}
