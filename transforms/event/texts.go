// SPDX-License-Identifier: Apache-2.0

package event

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"strings"
)

const (
	// wordSlots is how many texts are kept that may come again: agents, actions, organisations, types, countries.
	wordSlots = 1 << 10
	// slabSize is how many bytes of texts are one allocation. Who keeps one of the texts keeps the slab, so it is small.
	slabSize = 4 << 10
)

var wordSeed = maphash.MakeSeed()

// texts makes strings of what is read, which is only lent.
type texts struct {
	// words holds texts seen lately, by hash: events that share them are smaller in memory, and comparing them is quicker.
	words [wordSlots]string
	slab  strings.Builder
}

// word makes a string of b, the same one if b was seen lately.
func (t *texts) word(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > userAgentMax {
		return string(b)
	}
	slot := &t.words[wordHash(b)%wordSlots]
	if *slot != string(b) {
		*slot = string(b)
	}
	return *slot
}

// wordHash hashes a text; most are short, which needs no call.
func wordHash(b []byte) uint64 {
	var start, end uint64
	switch n := len(b); {
	case n > 16:
		return maphash.Bytes(wordSeed, b)
	case n >= 8:
		start, end = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[n-8:])
	case n >= 4:
		start, end = uint64(binary.LittleEndian.Uint32(b)), uint64(binary.LittleEndian.Uint32(b[n-4:]))
	default:
		start, end = uint64(b[0])|uint64(b[n/2])<<8, uint64(b[n-1])
	}
	return (start ^ bits.RotateLeft64(end, 23)) * golden >> 32
}

// unique makes a string of b, which will hardly come again: a piece of a slab.
func (t *texts) unique(b []byte) string {
	if len(b) > wordMax {
		return string(b)
	}
	if t.slab.Cap()-t.slab.Len() < len(b) {
		t.slab.Reset()
		t.slab.Grow(slabSize)
	}
	start := t.slab.Len()
	t.slab.Write(b)
	return t.slab.String()[start:]
}
