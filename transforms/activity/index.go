// SPDX-License-Identifier: Apache-2.0

package activity

import (
	"math/bits"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// scanned is up to how many slices are looked through one after the other: most windows of a shard hold fewer, and to
// look at so many hashes in a row takes no longer than one step into a table.
const scanned = 16

// index holds slices and finds one by whose it is and its window.
type index struct {
	slices []*aerv1.Slice
	hashes []uint64 // sliceHash of each
	// table holds places in slices, 0 for none and n+1 for n, from where their hashes say. It is empty until there are
	// more than scanned.
	table []int32
}

// sliceHash is what a slice is looked up by; user is UserHash of the user in who.
func sliceHash(user uint64, who aerv1.Principal, startMS int64) uint64 {
	const spread = 0x9e3779b97f4a7c15 // 2^64 by the golden ratio: neighbouring windows come to lie far apart
	if who.ActorKind != "" {
		user = user*spread + Hash(who.ActorKind)
		user = user*spread + Hash(who.AppID)
	}
	return user ^ uint64(startMS)*spread
}

// find gives the slice of who in the window from startMS, whose hash is h; nil if there is none.
func (x *index) find(h uint64, who aerv1.Principal, startMS int64) *aerv1.Slice {
	if len(x.table) == 0 {
		for i, have := range x.hashes {
			if have == h && holds(x.slices[i], who, startMS) {
				return x.slices[i]
			}
		}
		return nil
	}
	for at := x.slot(h); x.table[at] != 0; at = x.next(at) {
		if i := x.table[at] - 1; x.hashes[i] == h && holds(x.slices[i], who, startMS) {
			return x.slices[i]
		}
	}
	return nil
}

func holds(s *aerv1.Slice, who aerv1.Principal, startMS int64) bool {
	return s.WindowStartMs == startMS && aerv1.PrincipalOf(s) == who
}

// add takes in s, which find does not know.
func (x *index) add(h uint64, s *aerv1.Slice) {
	x.slices, x.hashes = append(x.slices, s), append(x.hashes, h)
	switch n := len(x.slices); {
	case n <= scanned:
	case 2*n > len(x.table):
		x.grow(n)
	default:
		x.enter(n - 1)
	}
}

// grow makes a table of four to eight times n places.
func (x *index) grow(n int) {
	size := 4 << bits.Len(uint(n))
	if cap(x.table) < size {
		x.table = make([]int32, size)
	} else {
		x.table = x.table[:size]
		clear(x.table)
	}
	for i := range x.slices {
		x.enter(i)
	}
}

func (x *index) enter(place int) {
	at := x.slot(x.hashes[place])
	for x.table[at] != 0 {
		at = x.next(at)
	}
	x.table[at] = int32(place) + 1
}

func (x *index) slot(h uint64) int { return int(h>>32) & (len(x.table) - 1) }

func (x *index) next(at int) int { return (at + 1) & (len(x.table) - 1) }

// reset forgets all; the memory stays.
func (x *index) reset() {
	clear(x.slices)
	x.slices, x.hashes, x.table = x.slices[:0], x.hashes[:0], x.table[:0]
}
