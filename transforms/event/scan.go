// SPDX-License-Identifier: Apache-2.0

package event

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// kinds gives the kind of a value by its first byte, 0 for none.
var kinds = func() (of [256]jsontext.Kind) {
	for _, c := range []byte(`"{[tfn`) {
		of[c] = jsontext.Kind(c)
	}
	for _, c := range []byte("-0123456789") {
		of[c] = '0'
	}
	return of
}()

// scanString gives the offset after the string of which raw[i] is the first byte behind the quote, and whether it has
// no escapes. The offset is -1 if it is none: not closed, not UTF-8, with raw control characters or broken escapes.
func scanString(raw []byte, i int) (end int, plain bool) {
	plain = true
	for i+8 <= len(raw) {
		special := specialBytes(binary.LittleEndian.Uint64(raw[i:]))
		if special == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(special) / 8
		if raw[i] == '"' {
			return i + 1, plain
		}
		n := scanSpecial(raw[i:])
		if n < 0 {
			return -1, false
		}
		plain = plain && raw[i] != '\\'
		i += n
	}
	return scanStringEnd(raw, i, plain)
}

// specialBytes finds among eight bytes those that are special in a string: a quote, a backslash, a control character,
// no ASCII. The highest bit of each tells. Taking away from a byte what makes it special at most borrows from the bytes
// above it, so the lowest one found is right.
func specialBytes(x uint64) uint64 {
	const ones, highest = 0x0101010101010101, 0x8080808080808080
	quote, backslash := x^('"'*ones), x^('\\'*ones)
	return (x | (x - ' '*ones) | (quote - ones) | (backslash - ones)) & highest
}

// scanStringEnd is scanString for the last bytes of raw.
func scanStringEnd(raw []byte, i int, plain bool) (end int, isPlain bool) {
	for i < len(raw) {
		switch c := raw[i]; {
		case c == '"':
			return i + 1, plain
		case c >= ' ' && c < utf8.RuneSelf && c != '\\':
			i++
		default:
			n := scanSpecial(raw[i:])
			if n < 0 {
				return -1, false
			}
			plain = plain && c != '\\'
			i += n
		}
	}
	return -1, false
}

// scanSpecial gives the length of the escape or of the character beyond ASCII that raw begins with, -1 if it is
// neither.
func scanSpecial(raw []byte) int {
	if raw[0] == '\\' {
		if n, ok := escape(raw); ok {
			return n
		}
		return -1
	}
	char, n := utf8.DecodeRune(raw)
	if raw[0] < ' ' || char == utf8.RuneError && n == 1 {
		return -1
	}
	return n
}

// scanNumber gives the offset after the number that starts at raw[i], -1 if it is none. What follows it is for the
// caller to see.
func scanNumber(raw []byte, i int) int {
	if raw[i] == '-' {
		i++
	}
	whole := i
	if i = scanDigits(raw, i); i == whole || raw[whole] == '0' && i > whole+1 {
		return -1
	}
	if i < len(raw) && raw[i] == '.' {
		fraction := i + 1
		if i = scanDigits(raw, fraction); i == fraction {
			return -1
		}
	}
	if i == len(raw) || raw[i]|0x20 != 'e' {
		return i
	}
	if i++; i < len(raw) && (raw[i] == '+' || raw[i] == '-') {
		i++
	}
	exponent := i
	if i = scanDigits(raw, exponent); i == exponent {
		return -1
	}
	return i
}

func scanDigits(raw []byte, i int) int {
	for i < len(raw) && raw[i]-'0' <= 9 {
		i++
	}
	return i
}

// scanLiteral gives the offset after the null, true or false that starts at raw[i], -1 if it is none.
func scanLiteral(raw []byte, i int) int {
	if len(raw)-i >= 4 {
		switch string(raw[i : i+4]) {
		case "null", "true":
			return i + 4
		case "fals":
			if len(raw)-i >= 5 && raw[i+4] == 'e' {
				return i + 5
			}
		}
	}
	return -1
}
