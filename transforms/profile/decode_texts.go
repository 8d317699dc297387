// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"
)

// textReader reads what a textWriter wrote. After an error everything reads as nothing.
type textReader struct {
	rest []byte
	bad  bool
	// shared are the texts of the chunk, own those of the profile, by the order in which they came.
	shared, own []string
	// kept holds what the profile's own texts are pieces of.
	kept strings.Builder
	tmp  []byte
}

func (r *textReader) fail() { r.bad, r.rest = true, nil }

func (r *textReader) uint() uint64 {
	if len(r.rest) > 0 && r.rest[0] < 0x80 {
		v := r.rest[0]
		r.rest = r.rest[1:]
		return uint64(v)
	}
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

func (r *textReader) fixed() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// count is a number of things that take at least so many bytes each, which bounds the room that is made for them.
func (r *textReader) count(least int) int {
	n := r.uint()
	if n > uint64(len(r.rest)/least) {
		r.fail()
		return 0
	}
	return int(n)
}

// take is the next n bytes, or nil if there are not so many.
func (r *textReader) take(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.fail()
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

const (
	empty = formEmpty<<textBits | textForm
	words = formWords<<textBits | textForm
)

// sharedText is kept once for all that have it.
func (r *textReader) sharedText() string {
	v := r.uint()
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
	r.fail()
	return ""
}

func (r *textReader) ownText() string {
	v := r.uint()
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
	r.fail()
	return ""
}

func (r *textReader) text() string {
	v := r.uint()
	if v == words {
		return r.words()
	}
	return r.keep(r.spelt(v))
}

func (r *textReader) words() string {
	a, b, c := r.sharedText(), r.sharedText(), r.sharedText()
	if len(a)+len(b)+len(c) > longestWords {
		r.fail()
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
		return r.take(n)
	case textHex:
		r.tmp = hex.AppendEncode(r.tmp[:0], r.take(n))
	case textForm:
		r.tmp = r.tmp[:0]
		r.form(n)
	default:
		r.fail()
		return nil
	}
	return r.tmp
}

func (r *textReader) form(form uint64) {
	switch form {
	case formEmpty:
	case formDecimal:
		r.tmp = strconv.AppendUint(r.tmp, r.uint(), 10)
	case formAS:
		r.tmp = strconv.AppendUint(append(r.tmp, "AS"...), r.uint(), 10)
	case formUUID:
		if b := r.take(16); b != nil {
			r.uuid(b)
		}
	case formIPv4:
		if b := r.take(4); b != nil {
			r.tmp = netip.AddrFrom4([4]byte(b)).AppendTo(r.tmp)
		}
	case formIPv6:
		if b := r.take(16); b != nil {
			r.tmp = netip.AddrFrom16([16]byte(b)).AppendTo(r.tmp)
		}
	case formPlace4:
		r.tmp = appendPlaceOf(r.tmp, form, r.take(3))
	case formPlace6:
		r.tmp = appendPlaceOf(r.tmp, form, r.take(6))
	default:
		r.fail()
	}
}

func (r *textReader) uuid(b []byte) {
	r.tmp = hex.AppendEncode(r.tmp, b[:4])
	for _, part := range [...][]byte{b[4:6], b[6:8], b[8:10], b[10:]} {
		r.tmp = hex.AppendEncode(append(r.tmp, '-'), part)
	}
}
