// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/aer-project/aer/transforms/packed"
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
	packed.Writer
	// shared are the texts of the chunk, own those of the profile, by the order in which they came.
	shared map[string]uint32
	own    []string
}

func (w *textWriter) begin(k, n uint64) { w.Uint(n<<textBits | k) }

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
	if s == "" {
		w.begin(textForm, formEmpty)
		return
	}
	before := w.Buf
	if w.form(s) {
		return
	}
	if w.Buf = before; w.as(textHex, uint64(len(s)/2), packed.AppendHex, s) {
		return
	}
	w.Buf = before
	w.begin(textBytes, uint64(len(s)))
	w.Buf = append(w.Buf, s...)
}

// form writes a text of a form, or says that it is of none; what it has written is then garbage.
func (w *textWriter) form(s string) bool {
	switch {
	case strings.HasSuffix(s, "/24") || strings.HasSuffix(s, "/48"):
		return w.place(s)
	case strings.IndexByte(s, ':') >= 0:
		return w.as(textForm, formIPv6, appendIPv6, s)
	case s[0] == 'A':
		return strings.HasPrefix(s, "AS") && w.as(textForm, formAS, packed.AppendDecimal, s[len("AS"):])
	case len(s) == uuidLen:
		return w.as(textForm, formUUID, packed.AppendUUID, s)
	case strings.IndexByte(s, '.') >= 0:
		return w.as(textForm, formIPv4, packed.AppendIPv4, s)
	}
	return w.as(textForm, formDecimal, packed.AppendDecimal, s)
}

const uuidLen = len("00000000-0000-0000-0000-000000000000")

// as writes a text as what it is, or says that it is not that.
func (w *textWriter) as(kind, n uint64, form func([]byte, string) ([]byte, bool), s string) (ok bool) {
	w.begin(kind, n)
	w.Buf, ok = form(w.Buf, s)
	return ok
}

// appendIPv6 is for an address of IPv6 that is spelt as it will be read.
func appendIPv6(dst []byte, s string) ([]byte, bool) {
	addr, err := netip.ParseAddr(s)
	var spelt [64]byte
	if err != nil || addr.Is4() || addr.Zone() != "" || string(addr.AppendTo(spelt[:0])) != s {
		return dst, false
	}
	ip := addr.As16()
	return append(dst, ip[:]...), true
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
	w.Buf = append(w.Buf, ip[:n]...)
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
