// SPDX-License-Identifier: Apache-2.0

package kv

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// parts draws lists that are easily confused: few letters, many separators, lengths around the limit.
var parts = rapid.SliceOfN(rapid.OneOf(
	rapid.StringOfN(rapid.SampledFrom([]rune("a/\x00\x01\xff.")), 0, 4, -1),
	rapid.SampledFrom([]string{string(bytes.Repeat([]byte("a"), maxPart)), string(bytes.Repeat([]byte("a"), maxPart+1))}),
), 0, 4)

// TestKeyIsInjectiveAndPrefixFree: equal keys come from equal parts, and a key is a prefix of another exactly if its
// parts are.
func TestKeyIsInjectiveAndPrefixFree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := parts.Draw(t, "a"), parts.Draw(t, "b")
		ka, kb := Key(a...), Key(b...)
		if bytes.Equal(ka, kb) != slices.Equal(a, b) {
			t.Errorf("%q and %q: equal keys %v", a, b, bytes.Equal(ka, kb))
		}
		prefix := len(a) <= len(b) && slices.Equal(a, b[:len(a)])
		if bytes.HasPrefix(kb, ka) != prefix {
			t.Errorf("key of %q starts with key of %q: %v", b, a, !prefix)
		}
	})
}

func TestSeqKeysSort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Uint64().Draw(t, "a"), rapid.Uint64().Draw(t, "b")
		if (bytes.Compare(SeqKey(nil, a), SeqKey(nil, b)) < 0) != (a < b) || Seq(SeqKey(nil, a)) != a {
			t.Errorf("%d and %d are out of order", a, b)
		}
	})
}
