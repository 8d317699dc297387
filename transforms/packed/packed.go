// SPDX-License-Identifier: Apache-2.0

// Package packed writes numbers and texts in few bytes and reads them again: texts that are identifiers or addresses
// take the bytes that they spell. What was written, and how, is for the caller to know.
//
// It is what the stored forms of batches (package compact) and of profiles (package profile) are made of: none of it
// ever changes.
package packed

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strconv"
)

// Writer appends to Buf.
type Writer struct{ Buf []byte }

// Uint writes a number, the smaller the shorter: one byte up to 127, ten at most.
func (w *Writer) Uint(v uint64) { w.Buf = binary.AppendUvarint(w.Buf, v) }

// Int writes a number that may be negative: one byte from -64 to 63, ten at most.
func (w *Writer) Int(v int64) { w.Buf = binary.AppendVarint(w.Buf, v) }

// Fixed writes a number whose size says nothing, such as a hash, in 8 bytes.
func (w *Writer) Fixed(v uint64) { w.Buf = binary.LittleEndian.AppendUint64(w.Buf, v) }

// The following append a text to dst as what it is, and say whether it is that and will be read as it was; if not, what
// lies behind dst is garbage.

// AppendHex is for an even number of lower-case hexadecimal digits, two a byte.
func AppendHex(dst []byte, s string) ([]byte, bool) {
	if len(s)%2 != 0 {
		return dst, false
	}
	for i := 0; i < len(s); i += 2 {
		hi, lo := nibble(s[i]), nibble(s[i+1])
		if hi|lo > 15 {
			return dst, false
		}
		dst = append(dst, hi<<4|lo)
	}
	return dst, true
}

// nibble is the value of a lower-case hexadecimal digit, or more than 15.
func nibble(c byte) byte {
	switch {
	case c-'0' < 10:
		return c - '0'
	case c-'a' < 6:
		return c - 'a' + 10
	}
	return 255
}

const uuidLen = 36

// AppendUUID is for a UUID in lower case, in 16 bytes.
func AppendUUID(dst []byte, s string) ([]byte, bool) {
	if len(s) != uuidLen || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return dst, false
	}
	for _, part := range [...]string{s[:8], s[9:13], s[14:18], s[19:23], s[24:]} {
		var ok bool
		if dst, ok = AppendHex(dst, part); !ok {
			return dst, false
		}
	}
	return dst, true
}

// longestDecimal is the most digits that surely fit into 64 bits.
const longestDecimal = 19

// AppendDecimal is for up to 19 digits without a leading zero, as Uint.
func AppendDecimal(dst []byte, s string) ([]byte, bool) {
	if s == "" || len(s) > longestDecimal || s[0] == '0' {
		return dst, false
	}
	v := uint64(0)
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return dst, false
		}
		v = 10*v + uint64(s[i]-'0')
	}
	return binary.AppendUvarint(dst, v), true
}

const shortestIPv4, longestIPv4 = len("1.2.3.4"), len("123.123.123.123")

// AppendIPv4 is for an address of IPv4, in 4 bytes.
func AppendIPv4(dst []byte, s string) ([]byte, bool) {
	if len(s) < shortestIPv4 || len(s) > longestIPv4 || s[0]-'0' > 9 {
		return dst, false
	}
	addr, err := netip.ParseAddr(s) // which takes no other spelling
	if err != nil || !addr.Is4() {
		return dst, false
	}
	ip := addr.As4()
	return append(dst, ip[:]...), true
}

// Reader reads from Rest what was written. Once something is not there it is Bad, and everything reads as nothing.
type Reader struct {
	Rest []byte
	Bad  bool
}

// Fail makes the reader bad.
func (r *Reader) Fail() { r.Bad, r.Rest = true, nil }

// Uint reads what Writer.Uint wrote.
func (r *Reader) Uint() uint64 {
	if len(r.Rest) > 0 && r.Rest[0] < 0x80 {
		v := r.Rest[0]
		r.Rest = r.Rest[1:]
		return uint64(v)
	}
	v, n := binary.Uvarint(r.Rest)
	if n <= 0 {
		r.Fail()
		return 0
	}
	r.Rest = r.Rest[n:]
	return v
}

// Int reads what Writer.Int wrote.
func (r *Reader) Int() int64 {
	v := r.Uint()
	return int64(v>>1) ^ -int64(v&1)
}

// Fixed reads what Writer.Fixed wrote.
func (r *Reader) Fixed() uint64 {
	if b := r.Take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// Take is the next n bytes, or nil if there are not so many.
func (r *Reader) Take(n uint64) []byte {
	if n > uint64(len(r.Rest)) {
		r.Fail()
		return nil
	}
	b := r.Rest[:n]
	r.Rest = r.Rest[n:]
	return b
}

// The following read what the functions of the same name wrote, and append its text to dst.

// Hex reads n bytes.
func (r *Reader) Hex(dst []byte, n uint64) []byte { return hex.AppendEncode(dst, r.Take(n)) }

// UUID reads 16 bytes.
func (r *Reader) UUID(dst []byte) []byte {
	b := r.Take(16)
	if b == nil {
		return dst
	}
	dst = hex.AppendEncode(dst, b[:4])
	for _, part := range [...][]byte{b[4:6], b[6:8], b[8:10], b[10:]} {
		dst = hex.AppendEncode(append(dst, '-'), part)
	}
	return dst
}

// Decimal reads a number.
func (r *Reader) Decimal(dst []byte) []byte { return strconv.AppendUint(dst, r.Uint(), 10) }

// IPv4 reads 4 bytes.
func (r *Reader) IPv4(dst []byte) []byte {
	if b := r.Take(4); b != nil {
		return netip.AddrFrom4([4]byte(b)).AppendTo(dst)
	}
	return dst
}
