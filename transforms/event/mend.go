// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bytes"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A record that is not quite JSON is mended where that is safe, since the acting client chooses some of its bytes: one
// stray byte in a user agent, or one name more than once, must not make somebody invisible. What is wrong costs only
// the field it is in:
//
//   - bytes that are no UTF-8, lone surrogates, raw control characters, unknown escapes (nginx writes \x22) become
//     U+FFFD;
//   - NaN and Infinity become texts, which no field takes;
//   - of a name that an object has several times with different values, none is believed: objects are joined, member by
//     member, anything else is unreadable.
//
// A field that an event cannot do without is never mended: then the record is refused for what was wrong with it.

// mend makes raw readable, or returns the problem that it has.
func (r *reader) mend(raw []byte, p *problem) error {
	if text, changed := mendText(raw); changed {
		raw, r.mended = text, p
		next := r.parse(raw)
		if next == nil {
			return nil
		}
		if next.reason != ReasonDuplicateKey {
			return p
		}
		p = next
	}
	if p.reason != ReasonDuplicateKey || r.parse(raw, jsontext.AllowDuplicateNames(true)) != nil {
		return p
	}
	single := joinNames(raw)
	if r.parse(single) != nil {
		return p
	}
	r.twice = p
	return nil
}

// refusal is why a record is refused, err being what reading it gave: names that it has twice explain any error.
func (r *reader) refusal(err error) error {
	if err != nil && r.twice != nil {
		return r.twice
	}
	return err
}

// mendText replaces what cannot be read within strings, and numbers that are none. It returns raw itself if there is
// nothing.
func mendText(raw []byte) (text []byte, changed bool) {
	var out []byte
	kept := 0 // raw up to here is in out
	replace := func(from, to int, by string) {
		out = append(append(out, raw[kept:from]...), by...)
		kept, changed = to, true
	}
	inside := false
	for i := 0; i < len(raw); {
		c := raw[i]
		switch {
		case c == '"':
			inside = !inside
			i++
		case !inside:
			n := badNumber(raw[i:])
			if n > 0 {
				replace(i, i+n, `"`+string(raw[i:i+n])+`"`)
			}
			i += max(n, 1)
		case c == '\\':
			n, ok := escape(raw[i:])
			if !ok {
				replace(i, i+n, replacement)
			}
			i += n
		case c < ' ':
			replace(i, i+1, replacement)
			i++
		case c < utf8.RuneSelf:
			i++
		default:
			char, n := utf8.DecodeRune(raw[i:])
			if char == utf8.RuneError && n == 1 {
				replace(i, i+1, replacement)
			}
			i += n
		}
	}
	if !changed {
		return raw, false
	}
	return append(out, raw[kept:]...), true
}

// badNumber gives the length of a number that is none at the beginning of b, else 0.
func badNumber(b []byte) int {
	for _, word := range []string{"NaN", "Infinity", "-Infinity"} {
		if bytes.HasPrefix(b, []byte(word)) {
			return len(word)
		}
	}
	return 0
}

// escape gives the length of the escape at the beginning of b and whether it is one. Of an unknown escape only the
// backslash is taken, so that what it stood before can be read.
func escape(b []byte) (n int, ok bool) {
	if len(b) < 2 {
		return 1, false
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2, true
	case 'u':
	default:
		return 1, false
	}
	if len(b) < 6 || !madeOf(string(b[2:6]), hexadecimal) {
		return 1, false
	}
	if b[2]|0x20 != 'd' || b[3] < '8' {
		return 6, true
	}
	// A surrogate: the first of a pair or lone.
	low := b[3] >= 'C' && b[3] <= 'F' || b[3] >= 'c'
	if !low && len(b) >= 12 && b[6] == '\\' && b[7] == 'u' && madeOf(string(b[8:12]), hexadecimal) && b[8]|0x20 == 'd' &&
		(b[9] >= 'C' && b[9] <= 'F' || b[9] >= 'c') {
		return 12, true
	}
	return 6, false
}
