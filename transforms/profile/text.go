// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"hash/maphash"
	"strings"
	"sync/atomic"
)

// interned holds copies of texts that came lately: families, user agents, networks and methods are the same for many
// people, and are kept once. It is a cache of fixed size in which a newer text takes the place of an older one; who
// holds the older one keeps it.
var interned [4096]atomic.Pointer[string]

// intern is a copy of text that does not refer to the memory text lies in.
func intern(text string) string {
	slot := &interned[maphash.String(seed, text)%uint64(len(interned))]
	if s := slot.Load(); s != nil && *s == text {
		return *s
	}
	s := strings.Clone(text)
	slot.Store(&s)
	return s
}

// internBytes is intern for bytes.
func internBytes(text []byte) string {
	slot := &interned[maphash.Bytes(seed, text)%uint64(len(interned))]
	if s := slot.Load(); s != nil && *s == string(text) {
		return *s
	}
	s := string(text)
	slot.Store(&s)
	return s
}
