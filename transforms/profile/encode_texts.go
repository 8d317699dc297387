// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"
)

// How a text is written, in the lowest bits of the number it begins with; the rest of the number is given in brackets.
const (
	textOwn    = iota // the text [i] of those of this profile
	textShared        // the text [i] of those that the profiles of a chunk share
	textBytes         // [length] bytes
	textHex           // [length] bytes, whose lower-case hexadecimal digits are the text
	textForm          // of the form [i] below

	textBits = 3
)

// Forms of texts that take fewer bytes than they have letters.
const (
	formEmpty   = iota
	formDecimal // a number
	formUUID    // 16 bytes
	formIPv4    // 4 bytes
	formIPv6    // 16 bytes
	formPlace4  // 3 bytes of an address, which /24 follows
	formPlace6  // 6 bytes of an address, which /48 follows
	formAS      // a number, which AS comes before
	formWords   // three shared texts with spaces between
)

// longestWords bounds what formWords makes of a few bytes: keys are hardly ever longer.
const longestWords = keySize

// textWriter writes numbers and texts.
type textWriter struct {
	buf []byte
	// shared are the texts of the chunk, own those of the profile, by the order in which they came.
	shared map[string]uint32
	own    []string
}

func (w *textWriter) uint(v uint64)     { w.buf = binary.AppendUvarint(w.buf, v) }
func (w *textWriter) fixed(v uint64)    { w.buf = binary.LittleEndian.AppendUint64(w.buf, v) }
func (w *textWriter) begin(k, n uint64) { w.uint(n<<textBits | k) }

// sharedText writes a text that those of other people may be equal to.
func (w *textWriter) sharedText(s string) {
	if s == "" {
		w.begin(textForm, formEmpty)
		return
	}
	if i, ok := w.shared[s]; ok {
		w.begin(textShared, uint64(i))
		return
	}
	w.shared[s] = uint32(len(w.shared))
	w.text(s)
}

// ownText writes a text that others of the profile may be equal to.
func (w *textWriter) ownText(s string) {
	if s == "" {
		w.begin(textForm, formEmpty)
		return
	}
	for i, have := range w.own {
		if have == s {
			w.begin(textOwn, uint64(i))
			return
		}
	}
	w.own = append(w.own, s)
	w.text(s)
}

// text writes a text that hardly occurs again, as what it is if that is short and exact.
func (w *textWriter) text(s string) {
	start := len(w.buf)
	if w.form(s) {
		return
	}
	if w.buf = w.buf[:start]; w.hex(s) {
		return
	}
	w.buf = w.buf[:start]
	w.begin(textBytes, uint64(len(s)))
	w.buf = append(w.buf, s...)
}

// form writes a text of a known form, or says that it has none.
func (w *textWriter) form(s string) bool {
	switch {
	case s == "":
		w.begin(textForm, formEmpty)
		return true
	case len(s) == uuidLen && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-':
		w.begin(textForm, formUUID)
		return w.digits(s[:8]) && w.digits(s[9:13]) && w.digits(s[14:18]) && w.digits(s[19:23]) && w.digits(s[24:])
	case strings.HasPrefix(s, "AS"):
		w.begin(textForm, formAS)
		return w.decimal(s[len("AS"):])
	case strings.HasSuffix(s, "/24") || strings.HasSuffix(s, "/48"):
		return w.place(s)
	case strings.IndexByte(s, ':') >= 0 || s[0]-'0' <= 9 && strings.IndexByte(s, '.') >= 0:
		return w.address(s)
	}
	w.begin(textForm, formDecimal)
	return w.decimal(s)
}

const uuidLen = 36

// hex writes a text of lower-case hexadecimal digits, or says that it is none.
func (w *textWriter) hex(s string) bool {
	if len(s)%2 != 0 {
		return false
	}
	w.begin(textHex, uint64(len(s)/2))
	return w.digits(s)
}

// digits writes half as many bytes as there are lower-case hexadecimal digits, or says that there is something else.
func (w *textWriter) digits(s string) bool {
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

// longestDecimal is the most digits that surely fit into 64 bits.
const longestDecimal = 19

func (w *textWriter) decimal(s string) bool {
	if s == "" || len(s) > longestDecimal || s[0] == '0' {
		return false
	}
	v := uint64(0)
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return false
		}
		v = 10*v + uint64(s[i]-'0')
	}
	w.uint(v)
	return true
}

// address writes an address that is spelt as it will be read.
func (w *textWriter) address(s string) bool {
	addr, err := netip.ParseAddr(s)
	switch {
	case err != nil:
		return false
	case addr.Is4():
		ip := addr.As4()
		w.begin(textForm, formIPv4)
		w.buf = append(w.buf, ip[:]...)
		return true
	}
	var spelt [64]byte
	if addr.Zone() != "" || string(addr.AppendTo(spelt[:0])) != s {
		return false
	}
	ip := addr.As16()
	w.begin(textForm, formIPv6)
	w.buf = append(w.buf, ip[:]...)
	return true
}

// place writes an address range as PlaceKey spells it.
func (w *textWriter) place(s string) bool {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return false
	}
	ip, form, n := p.Addr().As16(), uint64(formPlace6), 6
	if p.Addr().Is4() {
		form, n = formPlace4, 3
		copy(ip[:], p.Addr().AsSlice())
	}
	var spelt [64]byte
	if string(appendPlaceOf(spelt[:0], form, ip[:n])) != s {
		return false
	}
	w.begin(textForm, form)
	w.buf = append(w.buf, ip[:n]...)
	return true
}

// appendPlaceOf spells the address range whose first bytes are given.
func appendPlaceOf(dst []byte, form uint64, first []byte) []byte {
	if form == formPlace4 {
		for _, b := range first {
			dst = append(strconv.AppendUint(dst, uint64(b), 10), '.')
		}
		return append(dst, "0/24"...)
	}
	var ip [16]byte
	copy(ip[:], first)
	return append(netip.AddrFrom16(ip).AppendTo(dst), "/48"...)
}

// words writes a key that appendWords made of shared texts.
func (w *textWriter) words(s string) {
	a, rest, _ := strings.Cut(s, " ")
	b, c, found := strings.Cut(rest, " ")
	if !found || len(s) > longestWords {
		w.text(s)
		return
	}
	w.begin(textForm, formWords)
	w.sharedText(a)
	w.sharedText(b)
	w.sharedText(c)
}
