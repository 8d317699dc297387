// SPDX-License-Identifier: Apache-2.0

package event

import (
	"encoding/binary"
	"math/bits"
)

// namesMax is how many names an object may have before the parser, which sorts them, must look for duplicates.
const namesMax = 64

// memberNames finds names that an object may have twice. It keeps the keys of the names of the open objects, those of
// the innermost last, and for that a bit set of their hashes, which is nearly always enough.
type memberNames struct {
	keys []uint64
	from int // where those of the innermost object begin
	seen uint64
}

// enclosing is what memberNames remembers of the object around the innermost.
type enclosing struct {
	from int
	seen uint64
}

func (m *memberNames) reset() { m.keys, m.from, m.seen = m.keys[:0], 0, 0 }

// begin goes into an object, end out of it again.
func (m *memberNames) begin() enclosing {
	outer := enclosing{m.from, m.seen}
	m.from, m.seen = len(m.keys), 0
	return outer
}

func (m *memberNames) end(outer enclosing) {
	m.keys = m.keys[:m.from]
	m.from, m.seen = outer.from, outer.seen
}

// add takes a name by its key. False means that the object may have it already, or has too many to tell.
func (m *memberNames) add(key uint64) bool {
	bit := uint64(1) << (key * golden >> 58)
	if m.seen&bit != 0 && m.has(key) || len(m.keys)-m.from == namesMax {
		return false
	}
	m.seen |= bit
	m.keys = append(m.keys, key)
	return true
}

func (m *memberNames) has(key uint64) bool {
	for _, k := range m.keys[m.from:] {
		if k == key {
			return true
		}
	}
	return false
}

// golden spreads what differs between numbers over the upper bits of their product: 2^64 by the golden ratio.
const golden = 0x9e3779b97f4a7c15

// nameKey is different for different names of less than eight bytes, and hardly ever the same for longer ones, of which
// the highest bit tells them from the short.
func nameKey(name []byte) uint64 {
	n := len(name)
	if n >= 8 {
		key := uint64(n)
		for ; n > 8; n -= 8 {
			key = bits.RotateLeft64(key^binary.LittleEndian.Uint64(name[n-8:]), 29) * golden
		}
		return key ^ binary.LittleEndian.Uint64(name) | 1<<63
	}
	var key uint64
	for i, c := range name {
		key |= uint64(c) << (8 * i)
	}
	return key
}
