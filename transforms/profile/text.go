// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"hash/maphash"
	"strings"
	"sync/atomic"
)

// interned holds copies of texts that came lately and more than once: families, user agents, networks and methods are
// the same for many people, and are kept once. It is a cache of fixed size in which a newer text takes the place of an
// older one; who holds the older one keeps it.
var interned [4096]struct {
	text atomic.Pointer[string]
	// once is the hash of the text that came last: what never comes again is not worth a place.
	once atomic.Uint64
}

// intern is a copy of text that does not refer to the memory text lies in.
func intern(text string) string {
	hash := maphash.String(seed, text)
	slot := &interned[hash%uint64(len(interned))]
	if s := slot.text.Load(); s != nil && *s == text {
		return *s
	}
	s := strings.Clone(text)
	if slot.once.Swap(hash) == hash {
		own := s // which alone moves to the heap
		slot.text.Store(&own)
	}
	return s
}

// internBytes is intern for bytes.
func internBytes(text []byte) string {
	hash := maphash.Bytes(seed, text)
	slot := &interned[hash%uint64(len(interned))]
	if s := slot.text.Load(); s != nil && *s == string(text) {
		return *s
	}
	s := string(text)
	if slot.once.Swap(hash) == hash {
		own := s
		slot.text.Store(&own)
	}
	return s
}
