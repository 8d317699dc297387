// SPDX-License-Identifier: Apache-2.0

package compact

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// How a text is written, in the lowest bits of the number it begins with. The rest of the number is given in brackets.
const (
	asBefore  = iota // the text [i] of those in this batch that had to be written in full
	asWord           // words[i]
	asBytes          // [length] bytes
	asHex            // [length] bytes, whose lower-case hexadecimal digits are the text
	asDecimal        // [0] and the number
	asUUID           // [0] and 16 bytes
	asIPv4           // [0] and 4 bytes
	asPieces         // [count] pieces: each twice the number of a word, or twice a length plus one and so many bytes

	kindBits = 3
)

// textWriter writes the texts of a batch.
type textWriter struct {
	buf []byte
	// seen are the texts that had to be written in full, by the order in which they came.
	seen map[string]uint32
	// unpacked is their length in all, which the reader makes room for.
	unpacked int
}

func (w *textWriter) uint(v uint64)    { w.buf = binary.AppendUvarint(w.buf, v) }
func (w *textWriter) int(v int64)      { w.buf = binary.AppendVarint(w.buf, v) }
func (w *textWriter) fixed(v uint64)   { w.buf = binary.LittleEndian.AppendUint64(w.buf, v) }
func (w *textWriter) kind(k, n uint64) { w.uint(n<<kindBits | k) }

// text writes a text that others of the batch may be equal to.
func (w *textWriter) text(s string) {
	if s == "" {
		w.kind(asWord, 0)
		return
	}
	if len(s) <= longestWhole {
		if i, ok := numbers[s]; ok {
			w.kind(asWord, uint64(i))
			return
		}
	}
	if i, ok := w.seen[s]; ok {
		w.kind(asBefore, uint64(i))
		return
	}
	w.seen[s] = uint32(len(w.seen))
	w.full(s)
}

// id writes a text that hardly occurs again.
func (w *textWriter) id(s string) { w.full(s) }

// full writes the text itself, as what it is if that is short and exact.
func (w *textWriter) full(s string) {
	w.unpacked += len(s)
	if w.asUUID(s) || w.asNumber(s) || w.asIPv4(s) || w.asHex(s) || w.asPieces(s) {
		return
	}
	w.bytes(asBytes, s)
}

func (w *textWriter) bytes(kind uint64, s string) {
	w.kind(kind, uint64(len(s)))
	w.buf = append(w.buf, s...)
}

const uuidLen = 36

func (w *textWriter) asUUID(s string) bool {
	if len(s) != uuidLen || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return false
	}
	start := len(w.buf)
	w.kind(asUUID, 0)
	for _, part := range [...]string{s[:8], s[9:13], s[14:18], s[19:23], s[24:]} {
		if !w.hexDigits(part) {
			w.buf = w.buf[:start]
			return false
		}
	}
	return true
}

// hexDigits writes half as many bytes as there are lower-case digits, or says that there is something else.
func (w *textWriter) hexDigits(s string) bool {
	for i := 0; i+1 < len(s); i += 2 {
		hi, lo := nibble(s[i]), nibble(s[i+1])
		if hi|lo > 15 {
			return false
		}
		w.buf = append(w.buf, hi<<4|lo)
	}
	return true
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

// shortestHex is the length from which hexadecimal is worth looking for.
const shortestHex = 8

func (w *textWriter) asHex(s string) bool {
	if len(s) < shortestHex || len(s)%2 != 0 {
		return false
	}
	start := len(w.buf)
	w.kind(asHex, uint64(len(s)/2))
	if !w.hexDigits(s) {
		w.buf = w.buf[:start]
		return false
	}
	return true
}

// The lengths of decimal numbers that are written as such; longer ones may not fit.
const shortestDecimal, longestDecimal = 3, 19

func (w *textWriter) asNumber(s string) bool {
	if len(s) < shortestDecimal || len(s) > longestDecimal || s[0] == '0' {
		return false
	}
	v := uint64(0)
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return false
		}
		v = 10*v + uint64(s[i]-'0')
	}
	w.kind(asDecimal, 0)
	w.uint(v)
	return true
}

const shortestIPv4, longestIPv4 = len("1.2.3.4"), len("123.123.123.123")

func (w *textWriter) asIPv4(s string) bool {
	if len(s) < shortestIPv4 || len(s) > longestIPv4 || s[0]-'0' > 9 {
		return false
	}
	addr, err := netip.ParseAddr(s) // which takes no other spelling
	if err != nil || !addr.Is4() {
		return false
	}
	w.kind(asIPv4, 0)
	ip := addr.As4()
	w.buf = append(w.buf, ip[:]...)
	return true
}

// mostPieces are as many as their count has room for in the number that the text begins with.
const mostPieces = 1<<(7-kindBits) - 1

// asPieces writes a text that words occur in.
func (w *textWriter) asPieces(s string) bool {
	start, count, words := len(w.buf), uint64(0), false
	w.kind(asPieces, 0)
	for rest := s; rest != "" && count < mostPieces; {
		n, length, before := piece(rest)
		if before > 0 {
			count++
			w.uint(uint64(before)<<1 | 1)
			w.buf = append(w.buf, rest[:before]...)
		}
		if length > 0 {
			count, words = count+1, true
			w.uint(uint64(n) << 1)
		}
		rest = rest[before+length:]
		if rest == "" && words && count <= mostPieces {
			w.buf[start] = byte(count<<kindBits | asPieces)
			return true
		}
	}
	w.buf = w.buf[:start]
	return false
}

// piece finds the first word in s, the longest that begins there, and how much comes before it. A length of 0 means
// that there is none.
func piece(s string) (n uint32, length, before int) {
	for ; len(s)-before >= shortestPiece; before++ {
		for _, n := range pieces[s[before]] {
			if strings.HasPrefix(s[before:], words[n]) {
				return n, len(words[n]), before
			}
		}
	}
	return 0, 0, len(s)
}

// textReader reads the texts of a batch. After an error everything reads as nothing.
type textReader struct {
	rest []byte
	bad  bool
	// all holds every text, one behind the other; a text is a piece of it.
	all  strings.Builder
	seen []string
	tmp  [uuidLen]byte
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

func (r *textReader) int() int64 {
	v := r.uint()
	return int64(v>>1) ^ -int64(v&1)
}

func (r *textReader) fixed() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
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

func (r *textReader) text() string {
	v := r.uint()
	switch kind, n := v&(1<<kindBits-1), v>>kindBits; kind {
	case asBefore:
		if n < uint64(len(r.seen)) {
			return r.seen[n]
		}
		r.fail()
		return ""
	case asWord:
		return r.word(n)
	default:
		s := r.full(kind, n)
		r.seen = append(r.seen, s)
		return s
	}
}

func (r *textReader) id() string {
	v := r.uint()
	return r.full(v&(1<<kindBits-1), v>>kindBits)
}

func (r *textReader) word(n uint64) string {
	if n >= uint64(len(words)) {
		r.fail()
		return ""
	}
	return words[n]
}

func (r *textReader) full(kind, n uint64) string {
	start := r.all.Len()
	switch kind {
	case asBytes:
		r.add(r.take(n))
	case asHex:
		for b := range slices.Chunk(r.take(n), len(r.tmp)/2) {
			r.add(hex.AppendEncode(r.tmp[:0], b))
		}
	case asDecimal:
		r.add(strconv.AppendUint(r.tmp[:0], r.uint(), 10))
	case asUUID:
		if b := r.take(16); b != nil {
			r.uuid(b)
		}
	case asIPv4:
		if b := r.take(4); b != nil {
			r.add(netip.AddrFrom4([4]byte(b)).AppendTo(r.tmp[:0]))
		}
	case asPieces:
		for range min(n, uint64(len(r.rest))) {
			r.piece()
		}
	default:
		r.fail()
	}
	return r.all.String()[start:]
}

func (r *textReader) uuid(b []byte) {
	t := hex.AppendEncode(r.tmp[:0], b[:4])
	for _, part := range [...][]byte{b[4:6], b[6:8], b[8:10], b[10:]} {
		t = hex.AppendEncode(append(t, '-'), part)
	}
	r.add(t)
}

func (r *textReader) piece() {
	if v := r.uint(); v&1 == 1 {
		r.add(r.take(v >> 1))
	} else {
		r.all.WriteString(r.word(v >> 1))
	}
}

func (r *textReader) add(b []byte) { r.all.Write(b) }
