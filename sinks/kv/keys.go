package store

import (
	"crypto/sha256"
	"encoding/binary"
)

// maxPart is the longest part of a key that is kept literally, in bytes. Longer ones are hashed, because the engine limits
// a key to 32 KiB and ids are untrusted. It must stay below longPart.
const maxPart = 200

// longPart marks a hashed part where a literal one has its length.
const longPart = 0xFF

// key encodes parts so that different lists of parts have different keys (up to a collision of SHA-256) and the key of
// the first parts of a list is a prefix of the key of the list, and of no other list's.
func key(parts ...string) []byte {
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

// seqKey appends a sequence number to a prefix so that keys sort by it.
func seqKey(prefix []byte, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(append([]byte(nil), prefix...), seq)
}
