// SPDX-License-Identifier: Apache-2.0

package event

// Nearly every text comes in its canonical form. Byte by byte that is seen in a few nanoseconds, where reading the text
// and writing it anew would cost ten times that. What does not look so is not wrong: it is read.

// charset is a set of kinds of bytes, of which forms are made.
type charset uint8

const (
	hexSmall charset = 1 << iota // a hexadecimal digit, in small letters
	hexLarge                     // the large ones
	ja4Small                     // what JA4 is made of, in small letters
	ja4Large
	comma     // between JA4's raw parts
	markExtra // what else fingerprints of other makes have
	number    // a digit but 0
)

const (
	hexadecimal = hexSmall | hexLarge
	ja4Chars    = ja4Small | ja4Large | comma
	markChars   = ja4Small | ja4Large | markExtra
)

// charsets gives the kinds of each byte.
var charsets = func() (of [256]charset) {
	set := func(bytes string, is charset) {
		for _, c := range []byte(bytes) {
			of[c] |= is
		}
	}
	set("0123456789abcdef", hexSmall)
	set("ABCDEF", hexLarge)
	set("0123456789abcdefghijklmnopqrstuvwxyz_", ja4Small)
	set("ABCDEFGHIJKLMNOPQRSTUVWXYZ", ja4Large)
	set(",", comma)
	set("-.:", markExtra)
	set("123456789", number)
	return of
}()

// madeOf tells whether every byte of s is in the set.
func madeOf(s string, set charset) bool {
	for i := range len(s) {
		if charsets[s[i]]&set == 0 {
			return false
		}
	}
	return true
}

// hasOf tells whether a byte of s is in the set.
func hasOf(s string, set charset) bool {
	for i := range len(s) {
		if charsets[s[i]]&set != 0 {
			return true
		}
	}
	return false
}

// plainPrint tells whether s is a fingerprint in canonical form, of whatever make: too long for a placeholder, and not
// made of zeros only.
func plainPrint(s string) bool {
	return len(s) > placeholderMax && len(s) <= markMax && s[0] != '0' && madeOf(s, ja4Small)
}

// DottedQuad tells whether s is an IPv4 address as netip writes it: four numbers up to 255, none with a leading zero.
func DottedQuad(s string) bool {
	if len(s) > len("255.255.255.255") {
		return false
	}
	dots, n, digits := 0, 0, 0
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '.' && digits > 0:
			dots++
			n, digits = 0, 0
			continue
		case c < '0' || c > '9' || digits > 0 && n == 0: // 01 may be octal
			return false
		}
		n = 10*n + int(c-'0')
		digits++
		if n > 255 {
			return false
		}
	}
	return dots == 3 && digits > 0
}
