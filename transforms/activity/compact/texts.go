// SPDX-License-Identifier: Apache-2.0

package compact

import (
	"strings"

	"github.com/aer-project/aer/transforms/packed"
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
	packed.Writer
	// seen are the texts that had to be written in full, by the order in which they came.
	seen map[string]uint32
	// unpacked is their length in all, which the reader makes room for.
	unpacked int
}

func (w *textWriter) kind(k, n uint64) { w.Uint(n<<kindBits | k) }

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
	if w.form(s) || w.asPieces(s) {
		return
	}
	w.bytes(asBytes, s)
}

// The lengths from which forms are worth looking for.
const shortestHex, shortestDecimal = 8, 3

// form writes a text that is of a form, or says that it is of none.
func (w *textWriter) form(s string) bool {
	switch {
	case w.as(asUUID, 0, packed.AppendUUID, s), len(s) >= shortestDecimal && w.as(asDecimal, 0, packed.AppendDecimal, s),
		w.as(asIPv4, 0, packed.AppendIPv4, s),
		len(s) >= shortestHex && w.as(asHex, uint64(len(s)/2), packed.AppendHex, s):
		return true
	}
	return false
}

// as writes a text of a kind, or says that it is not of that.
func (w *textWriter) as(kind, n uint64, form func([]byte, string) ([]byte, bool), s string) bool {
	before := w.Buf
	w.kind(kind, n)
	buf, ok := form(w.Buf, s)
	if w.Buf = buf; !ok {
		w.Buf = before
	}
	return ok
}

func (w *textWriter) bytes(kind uint64, s string) {
	w.kind(kind, uint64(len(s)))
	w.Buf = append(w.Buf, s...)
}

// mostPieces are as many as their count has room for in the number that the text begins with.
const mostPieces = 1<<(7-kindBits) - 1

// asPieces writes a text that words occur in.
func (w *textWriter) asPieces(s string) bool {
	start, count, words := len(w.Buf), uint64(0), false
	w.kind(asPieces, 0)
	for rest := s; rest != "" && count < mostPieces; {
		n, length, before := piece(rest)
		if before > 0 {
			count++
			w.Uint(uint64(before)<<1 | 1)
			w.Buf = append(w.Buf, rest[:before]...)
		}
		if length > 0 {
			count, words = count+1, true
			w.Uint(uint64(n) << 1)
		}
		rest = rest[before+length:]
		if rest == "" && words && count <= mostPieces {
			w.Buf[start] = byte(count<<kindBits | asPieces)
			return true
		}
	}
	w.Buf = w.Buf[:start]
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
	packed.Reader
	// all holds every text, one behind the other; a text is a piece of it.
	all  strings.Builder
	seen []string
	tmp  [64]byte
}

func (r *textReader) text() string {
	v := r.Uint()
	switch kind, n := v&(1<<kindBits-1), v>>kindBits; kind {
	case asBefore:
		if n < uint64(len(r.seen)) {
			return r.seen[n]
		}
		r.Fail()
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
	v := r.Uint()
	return r.full(v&(1<<kindBits-1), v>>kindBits)
}

func (r *textReader) word(n uint64) string {
	if n >= uint64(len(words)) {
		r.Fail()
		return ""
	}
	return words[n]
}

func (r *textReader) full(kind, n uint64) string {
	start := r.all.Len()
	switch kind {
	case asBytes:
		r.add(r.Take(n))
	case asHex:
		r.hex(n)
	case asDecimal:
		r.add(r.Decimal(r.tmp[:0]))
	case asUUID:
		r.add(r.UUID(r.tmp[:0]))
	case asIPv4:
		r.add(r.IPv4(r.tmp[:0]))
	case asPieces:
		for range min(n, uint64(len(r.Rest))) {
			r.piece()
		}
	default:
		r.Fail()
	}
	return r.all.String()[start:]
}

// hex adds the digits of n bytes.
func (r *textReader) hex(n uint64) {
	const atOnce = uint64(len(r.tmp) / 2)
	for ; n > atOnce && !r.Bad; n -= atOnce {
		r.add(r.Hex(r.tmp[:0], atOnce))
	}
	r.add(r.Hex(r.tmp[:0], n))
}

func (r *textReader) piece() {
	if v := r.Uint(); v&1 == 1 {
		r.add(r.Take(v >> 1))
	} else {
		r.all.WriteString(r.word(v >> 1))
	}
}

func (r *textReader) add(b []byte) { r.all.Write(b) }
