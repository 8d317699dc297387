// SPDX-License-Identifier: Apache-2.0

package kv

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// maxPart is the longest part of a key that is kept literally, in bytes. Longer ones are hashed, because the engines
// limit a key and ids are untrusted. It must stay below longPart.
const maxPart = 200

// longPart marks a hashed part where a literal one has its length.
const longPart = 0xFF

// Key encodes parts so that different lists of parts have different keys (up to a collision of SHA-256) and the key of
// the first parts of a list is a prefix of the key of the list, and of no other list's.
func Key(parts ...string) []byte {
	var k []byte
	for _, p := range parts {
		if len(p) <= maxPart {
			k = append(append(k, byte(len(p))), p...)
			continue
		}
		sum := sha256.Sum256([]byte(p))
		k = append(append(k, longPart), sum[:]...)
	}
	return k
}

// SeqKey appends a sequence number to a prefix so that keys sort by it.
func SeqKey(prefix []byte, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(append([]byte(nil), prefix...), seq)
}

// Seq reads a sequence number that SeqKey has written without a prefix; 0 if it is none.
func Seq(b []byte) uint64 {
	if len(b) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

// Meta is the bucket of what a store knows of itself: counters, and how far something has come.
const Meta = "meta"

// CounterKey is the key in Meta of the last number that NextSeq gave for a counter.
func CounterKey(counter string) []byte { return Key("seq", counter) }

// NextSeq returns a number greater than any given before for the counter, starting at 1.
func NextSeq(t Tx, counter string) (uint64, error) {
	n := Seq(t.Get(Meta, CounterKey(counter))) + 1
	return n, t.Put(Meta, CounterKey(counter), SeqKey(nil, n))
}

// CheckID refuses ids that cannot be written down faithfully.
func CheckID[ID ~string](name string, id ID) error {
	switch {
	case id == "":
		return fmt.Errorf("%s is empty", name)
	case !utf8.ValidString(string(id)):
		return fmt.Errorf("%s %q is not valid UTF-8", name, id)
	}
	return nil
}
