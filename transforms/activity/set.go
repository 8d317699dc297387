// SPDX-License-Identifier: Apache-2.0

package activity

import (
	"math"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// Hash is the 64-bit hash under which objects and events are counted (xxhash64: stable across processes and versions).
func Hash(s string) uint64 { return xxhash.Sum64String(s) }

// hashPair is Hash of the two texts with a zero between them.
func hashPair(a, b string) uint64 {
	var buf [128]byte // enough for all but the longest, which take memory of their own
	return xxhash.Sum64(append(append(append(buf[:0], a...), 0), b...))
}

// insertHash adds h to the sorted bottom-k set hs. It reports the new set and whether anything beyond the k smallest
// hashes was left out.
func insertHash(hs []uint64, h uint64, k int) (out []uint64, dropped bool) {
	i, found := slices.BinarySearch(hs, h)
	switch {
	case found:
		return hs, false
	case len(hs) < k:
		return slices.Insert(hs, i, h), false
	case i == k:
		return hs, true
	}
	copy(hs[i+1:], hs[i:k-1])
	hs[i] = h
	return hs, true
}

// unionHashes merges two sorted bottom-k sets into dst.
func unionHashes(dst, src []uint64, k int) (out []uint64, dropped bool) {
	for _, h := range src {
		var d bool
		dst, d = insertHash(dst, h, k)
		dropped = dropped || d
	}
	return dst, dropped
}

// distinct is the number of distinct hashes behind a bottom-k set: exact, or, once hashes were left out, the bottom-k
// estimate (k-1)/U(k) with U(k) the k-th smallest hash as a fraction of the hash space. Its relative error is about
// 1/sqrt(k-2). Source: Bar-Yossef et al., "Counting Distinct Elements in a Data Stream", 2002.
func distinct(hs []uint64, sketched bool) uint32 {
	if !sketched || len(hs) < 2 {
		return uint32(len(hs))
	}
	kth := (float64(hs[len(hs)-1]) + 1) / math.Exp2(64)
	return uint32(min(float64(len(hs)-1)/kth, math.MaxUint32))
}
