// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"net/netip"
	"strings"

	"github.com/aer-project/aer/transforms/packed"
)

// textReader reads what a textWriter wrote. After an error everything reads as nothing.
type textReader struct {
	packed.Reader
	// shared are the texts of the chunk, own those of the profile, by the order in which they came.
	shared, own []string
	// kept holds what the profile's own texts are pieces of.
	kept strings.Builder
	tmp  []byte
}

// count is a number of things that take at least so many bytes each, which bounds the room that is made for them.
func (r *textReader) count(least int) int {
	n := r.Uint()
	if n > uint64(len(r.Rest)/least) {
		r.Fail()
		return 0
	}
	return int(n)
}

const (
	empty = formEmpty<<textBits | textForm
	words = formWords<<textBits | textForm
)

// sharedText is kept once for all that have it.
func (r *textReader) sharedText() string {
	v := r.Uint()
	switch {
	case v == empty:
		return ""
	case v&(1<<textBits-1) != textShared:
		s := internBytes(r.spelt(v))
		r.shared = append(r.shared, s)
		return s
	case v>>textBits < uint64(len(r.shared)):
		return r.shared[v>>textBits]
	}
	r.Fail()
	return ""
}

func (r *textReader) ownText() string {
	v := r.Uint()
	switch {
	case v == empty:
		return ""
	case v&(1<<textBits-1) != textOwn:
		s := r.keep(r.spelt(v))
		r.own = append(r.own, s)
		return s
	case v>>textBits < uint64(len(r.own)):
		return r.own[v>>textBits]
	}
	r.Fail()
	return ""
}

func (r *textReader) text() string {
	v := r.Uint()
	if v == words {
		return r.words()
	}
	return r.keep(r.spelt(v))
}

func (r *textReader) words() string {
	a, b, c := r.sharedText(), r.sharedText(), r.sharedText()
	if len(a)+len(b)+len(c) > longestWords {
		r.Fail()
		return ""
	}
	r.tmp = appendWords(r.tmp[:0], a, b, c)
	return internBytes(r.tmp)
}

// keptBytes is how much of the profiles' own texts is allocated at once: little enough that what one profile keeps
// holds no more than that of some dozens.
const keptBytes = 8 << 10

// keep is a copy of a text.
func (r *textReader) keep(b []byte) string {
	if len(b) > r.kept.Cap()-r.kept.Len() {
		r.kept = strings.Builder{}
		r.kept.Grow(max(keptBytes, len(b)))
	}
	start := r.kept.Len()
	r.kept.Write(b)
	return r.kept.String()[start:]
}

// spelt is the text that was written in full and begins with v, until the next one is read.
func (r *textReader) spelt(v uint64) []byte {
	switch n := v >> textBits; v & (1<<textBits - 1) {
	case textBytes:
		return r.Take(n)
	case textHex:
		r.tmp = r.Hex(r.tmp[:0], n)
	case textForm:
		r.tmp = r.tmp[:0]
		r.form(n)
	default:
		r.Fail()
		return nil
	}
	return r.tmp
}

func (r *textReader) form(form uint64) {
	switch form {
	case formEmpty:
	case formDecimal:
		r.tmp = r.Decimal(r.tmp)
	case formAS:
		r.tmp = r.Decimal(append(r.tmp, "AS"...))
	case formUUID:
		r.tmp = r.UUID(r.tmp)
	case formIPv4:
		r.tmp = r.IPv4(r.tmp)
	case formIPv6:
		if b := r.Take(16); b != nil {
			r.tmp = netip.AddrFrom16([16]byte(b)).AppendTo(r.tmp)
		}
	case formPlace4:
		r.tmp = appendPlaceOf(r.tmp, form, r.Take(3))
	case formPlace6:
		r.tmp = appendPlaceOf(r.tmp, form, r.Take(6))
	default:
		r.Fail()
	}
}
