// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"cmp"
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// minutesKept is how many minutes back calls are counted, the longest horizon they are judged over.
const minutesKept = 60

// Minute counts the calls of one minute (Unix minutes).
type Minute struct{ Index, Calls uint32 }

func compareMinutes(m Minute, index uint32) int { return cmp.Compare(m.Index, index) }

// noteCalls adds the calls of a slice to its minute, and drops what is older than minutesKept before the latest minute
// in which the user did anything.
func (p *Profile) noteCalls(s *aerv1.Slice) {
	calls := uint32(0)
	for _, m := range s.Methods {
		calls += m.Calls
	}
	if at := uint32(s.WindowStartMs / minuteMS); calls > 0 {
		i, found := slices.BinarySearchFunc(p.Minutes, at, compareMinutes)
		if !found {
			p.Minutes = slices.Insert(p.Minutes, i, Minute{Index: at})
		}
		p.Minutes[i].Calls += calls
	}
	newest, old := uint64(uint32(p.LastMS/minuteMS)), 0 // 64 bits: the sum must not wrap
	for old < len(p.Minutes) && uint64(p.Minutes[old].Index)+minutesKept < newest {
		old++
	}
	if old > 0 {
		p.Minutes = slices.Delete(p.Minutes, 0, old)
	}
}

// callsUntil adds up the calls of the last n minutes up to and including the one with the index end.
func (p *Profile) callsUntil(end, n uint32) (sum uint32) {
	for i := len(p.Minutes) - 1; i >= 0; i-- {
		m := p.Minutes[i]
		if uint64(m.Index)+uint64(n) <= uint64(end) {
			break
		}
		if m.Index <= end {
			sum += m.Calls
		}
	}
	return sum
}
