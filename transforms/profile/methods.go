// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"cmp"
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Calls by method are kept for an hour in stretches of five minutes, at most 256 entries.
const (
	stretchMS        = 5 * minuteMS
	stretchesKept    = 12
	maxRecentMethods = 256
)

func noteMethods(p *aerv1.Profile, s *aerv1.Slice) {
	at := uint32(s.WindowStartMs / stretchMS)
	for _, m := range s.Methods {
		b := &aerv1.MethodBucket{Index: at, Class: m.Class, Method: m.Method, Calls: m.Calls,
			Errors: m.Errors + m.RateLimited}
		i, found := slices.BinarySearchFunc(p.RecentMethods, b, compareMethodBuckets)
		if found {
			p.RecentMethods[i].Calls += b.Calls
			p.RecentMethods[i].Errors += b.Errors
			continue
		}
		p.RecentMethods = slices.Insert(p.RecentMethods, i, b)
	}
	first := max(0, len(p.RecentMethods)-maxRecentMethods)
	for first < len(p.RecentMethods) && uint64(p.RecentMethods[first].Index)+stretchesKept < uint64(at) {
		first++
	}
	p.RecentMethods = slices.Delete(p.RecentMethods, 0, first)
}

func compareMethodBuckets(a, b *aerv1.MethodBucket) int {
	return cmp.Or(cmp.Compare(a.Index, b.Index), strings.Compare(a.Class, b.Class), strings.Compare(a.Method, b.Method))
}

// RecentCalls is the calls by method in the stretches of five minutes that touch (endMS-horizonMS, endMS].
func RecentCalls(p *aerv1.Profile, endMS, horizonMS int64) map[string]uint32 {
	first, last := CallsFrom(endMS, horizonMS)/stretchMS, (endMS-1)/stretchMS
	calls := map[string]uint32{}
	for _, b := range p.GetRecentMethods() {
		if int64(b.Index) >= first && int64(b.Index) <= last {
			calls[b.Method] += b.Calls
		}
	}
	return calls
}

// CallsFrom is where the stretches that RecentCalls counts begin, Unix milliseconds.
func CallsFrom(endMS, horizonMS int64) int64 { return (endMS - horizonMS) / stretchMS * stretchMS }
