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

// MethodCalls counts the calls of one method in one stretch of 5 minutes (Unix time in units of 5 minutes).
type MethodCalls struct {
	Method         string
	Stretch, Calls uint32
}

func (p *Profile) noteMethods(s *aerv1.Slice) {
	at := uint32(s.WindowStartMs / stretchMS)
	for _, m := range s.Methods {
		i, found := slices.BinarySearchFunc(p.Recent, MethodCalls{Stretch: at, Method: m.Method}, compareMethodCalls)
		if !found {
			p.Recent = slices.Insert(p.Recent, i, MethodCalls{Stretch: at, Method: intern(m.Method)})
		}
		p.Recent[i].Calls += m.Calls
	}
	first := max(0, len(p.Recent)-maxRecentMethods)
	for first < len(p.Recent) && uint64(p.Recent[first].Stretch)+stretchesKept < uint64(at) {
		first++
	}
	if first > 0 {
		p.Recent = slices.Delete(p.Recent, 0, first)
	}
}

func compareMethodCalls(a, b MethodCalls) int {
	return cmp.Or(cmp.Compare(a.Stretch, b.Stretch), strings.Compare(a.Method, b.Method))
}

// RecentCalls is the calls by method in the stretches of five minutes that touch (endMS-horizonMS, endMS].
func RecentCalls(p *Profile, endMS, horizonMS int64) map[string]uint32 {
	first, last := CallsFrom(endMS, horizonMS)/stretchMS, (endMS-1)/stretchMS
	calls := map[string]uint32{}
	for _, m := range p.Recent {
		if int64(m.Stretch) >= first && int64(m.Stretch) <= last {
			calls[m.Method] += m.Calls
		}
	}
	return calls
}

// CallsFrom is where the stretches that RecentCalls counts begin, Unix milliseconds.
func CallsFrom(endMS, horizonMS int64) int64 { return (endMS - horizonMS) / stretchMS * stretchMS }
