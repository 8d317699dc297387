// SPDX-License-Identifier: Apache-2.0

package event

import (
	"crypto/md5" //nolint:gosec // JA3 is an MD5 by definition
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// ja3 gives a JA3 fingerprint: 32 hexadecimal digits in small letters. The text it is made of
// ("771,4865-4866,0-23,29-23,0") is hashed as published. A mark of another make is as good, see mark. "" is unknown;
// false means a text that is none.
func ja3(s string) (string, bool) {
	if plainPrint(s) {
		return s, true
	}
	if s = known(s); s == "" {
		return "", true
	}
	if len(s) == 32 && madeOf(s, hexadecimal) {
		return strings.ToLower(s), true
	}
	if strings.Count(s, ",") == 4 && strings.Trim(s, "0123456789,-") == "" {
		sum := md5.Sum([]byte(s)) //nolint:gosec // see above
		return hex.EncodeToString(sum[:]), true
	}
	return mark(s)
}

// Bounds of a mark in bytes: fewer tell too few clients apart, more are no fingerprint. A start value.
const markMin, markMax = 8, 128

// mark takes a fingerprint that is neither JA3 nor JA4 as it is: platforms shorten them or make their own, and all that
// matters is that one client's are equal. Hexadecimal digits are written in small letters.
func mark(s string) (string, bool) {
	switch {
	case len(s) < markMin || len(s) > markMax || !madeOf(s, markChars):
		return "", false
	case madeOf(s, hexadecimal):
		return strings.ToLower(s), true
	}
	return s, true
}

// ja4Head is the length of a JA4's first part: transport, version, SNI, two counts, ALPN.
const ja4Head = 10

// ja4 gives a JA4 fingerprint as published (github.com/FoxIO-LLC/ja4): in small letters,
// "t13d1516h2_8daaf6152771_e5627efa2ab1". The raw form (JA4_r), which lists the ciphers and extensions, is hashed to
// it. What follows the first part is not looked at further, since there are older and shortened forms. A mark of
// another make is as good. "" is unknown; false means a text that is none.
func ja4(s string) (string, bool) {
	if plainPrint(s) {
		return s, true
	}
	if s = known(s); s == "" {
		return "", true
	}
	if len(s) < ja4Head+2 || s[ja4Head] != '_' || !madeOf(s[ja4Head:], ja4Chars) ||
		!ja4Start(strings.ToLower(s[:ja4Head])) {
		return mark(s)
	}
	s = strings.ToLower(s) // allocates only where there are capitals
	if strings.Contains(s, ",") {
		if parts := strings.Split(s, "_"); len(parts) == 4 {
			return parts[0] + "_" + ja4Hash(parts[1]) + "_" + ja4Hash(parts[2]+"_"+parts[3]), true
		}
	}
	return s, true
}

// ja4Start tells whether s begins with a JA4's first part.
func ja4Start(s string) bool {
	return (s[0] == 't' || s[0] == 'q' || s[0] == 'd') && ja4Char(s[1]) && ja4Char(s[2]) && (s[3] == 'd' || s[3] == 'i') &&
		allDigits(s[4:8]) && ja4Char(s[8]) && ja4Char(s[9])
}

func ja4Hash(list string) string {
	sum := sha256.Sum256([]byte(list))
	return hex.EncodeToString(sum[:6])
}

func ja4Char(c byte) bool { return charsets[c]&ja4Chars != 0 }
