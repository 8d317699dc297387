// SPDX-License-Identifier: Apache-2.0

package event

// namesMax is how many names an object may have before the parser, which sorts them, must look for duplicates.
const namesMax = 64

// memberNames finds names that an object has twice. It keeps where the names of the open objects are, those of the
// innermost last, and a bit set of their hashes, which is nearly always enough.
type memberNames struct {
	at   []span
	from int // where the names of the innermost object begin in at
	seen uint64
}

// span is a piece of the text that is read.
type span struct{ start, end uint32 }

// enclosing is what a memberNames remembers of the object around the innermost.
type enclosing struct {
	from int
	seen uint64
}

func (l *memberNames) reset() { l.at, l.from, l.seen = l.at[:0], 0, 0 }

// begin goes into an object, end out of it again.
func (l *memberNames) begin() enclosing {
	outer := enclosing{l.from, l.seen}
	l.from, l.seen = len(l.at), 0
	return outer
}

func (l *memberNames) end(outer enclosing) {
	l.at = l.at[:l.from]
	l.from, l.seen = outer.from, outer.seen
}

// add takes the name raw[start:end]. False means that the object has it already, or too many to tell.
func (l *memberNames) add(raw []byte, start, end int) bool {
	bit := uint64(1) << nameHash(raw[start:end])
	if l.seen&bit != 0 && l.has(raw, raw[start:end]) || len(l.at)-l.from == namesMax {
		return false
	}
	l.seen |= bit
	l.at = append(l.at, span{uint32(start), uint32(end)})
	return true
}

func (l *memberNames) has(raw, name []byte) bool {
	for _, s := range l.at[l.from:] {
		if string(raw[s.start:s.end]) == string(name) {
			return true
		}
	}
	return false
}

// nameHash gives one of 64 numbers.
func nameHash(name []byte) uint {
	n := uint(len(name))
	if n == 0 {
		return 0
	}
	return (uint(name[0])*5 + uint(name[n-1])*3 + uint(name[n/2])*7 + n) % 64
}
