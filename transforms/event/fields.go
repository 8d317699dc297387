// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bytes"
	"math"
)

// replacement is what stands where a byte could not be read.
const replacement = "\uFFFD"

// need reads a text that an event cannot do without: a string or null. A number is refused: on its way through tools
// that know only floating point, two long ones become the same, and so would two people.
func (r *reader) need(field string, dst *string) error { return r.required(field, dst, (*texts).word) }

// needID is need for a text that hardly comes again.
func (r *reader) needID(field string, dst *string) error {
	return r.required(field, dst, (*texts).unique)
}

func (r *reader) required(field string, dst *string, keep func(*texts, []byte) string) error {
	switch k := r.peek(); k {
	case 'n':
		return r.skip()
	case '"':
	default:
		return wrong(field, k, "a string")
	}
	text := r.str()
	if r.mended != nil && bytes.Contains(text, []byte(replacement)) {
		return r.mended
	}
	*dst = keep(&r.texts, text)
	return nil
}

// opt reads an optional text: a string, or a number as its digits. A value of any other type is noted, and so is a text
// of which some characters could not be read; they are U+FFFD.
func (r *reader) opt(f Field, dst *string) error { return r.optional(f, dst, (*texts).word) }

// optID is opt for a text that hardly comes again.
func (r *reader) optID(f Field, dst *string) error { return r.optional(f, dst, (*texts).unique) }

func (r *reader) optional(f Field, dst *string, keep func(*texts, []byte) string) error {
	var text []byte
	switch r.peek() {
	case 'n':
		return r.skip()
	case '"':
		text = r.str()
	case '0':
		text = r.number()
	default:
		return r.unread(f)
	}
	*dst = keep(&r.texts, text)
	if r.mended != nil && bytes.Contains(text, []byte(replacement)) {
		r.bad.note(f, *dst)
	}
	return nil
}

// either is opt for a text that goes by several names: the one that says something counts, the last of those.
func (r *reader) either(f Field, dst *string) error {
	had := *dst
	err := r.optID(f, dst)
	if known(*dst) == "" && had != "" {
		*dst = had
	}
	return err
}

// number reads a number as text.
func (r *reader) number() []byte {
	text := r.value()
	if _, whole := smallUint(text); whole {
		return text
	}
	return []byte(digits(string(text)))
}

// unread passes over a value that cannot be read and notes it.
func (r *reader) unread(f Field) error {
	r.bad.note(f, string(cutBytes(r.value(), exampleMax)))
	return nil
}

func cutBytes(b []byte, n int) []byte { return b[:min(len(b), n)] }

// part reads an optional object. null is nothing, and so is [], which PHP, in which Slack is written, makes of an empty
// object; a value of any other type is noted.
func (r *reader) part(f Field, member func(name []byte) error) error {
	switch k := r.peek(); {
	case k == '{':
		return r.object("", member)
	case k == 'n':
		return r.skip()
	case k == '[' && r.twice == nil && empty(r.raw[r.pos:]):
		return r.skip()
	}
	return r.unread(f)
}

// empty tells whether an array has nothing in it.
func empty(array []byte) bool {
	i := skipSpace(array, 1)
	return i < len(array) && array[i] == ']'
}

// thing reads an optional object whose text stands for its id: the object, or a string or number.
func (r *reader) thing(f Field, id *string, member func(name []byte) error) error {
	if k := r.peek(); k == '"' || k == '0' {
		return r.optID(f, id)
	}
	return r.part(f, member)
}

// bytes reads the number of bytes that something moved into dst and returns that; nil is unknown.
func (r *reader) bytes(f Field, dst *uint64) (*uint64, error) {
	var text string
	if k := r.peek(); k != '"' && k != '0' {
		return nil, r.opt(f, &text)
	}
	raw := r.text()
	n, ok := smallUint(raw)
	if !ok {
		text = bare(string(raw))
		n, ok = parseUint(text)
	}
	switch {
	case ok:
		*dst = n
		return dst, nil
	case !placeholder(text) || text == "-1":
		r.bad.note(f, text)
	}
	return nil, nil
}

// asn reads an AS number; 0 is unknown.
func (r *reader) asn(f Field) (uint32, error) {
	var text string
	if k := r.peek(); k != '"' && k != '0' {
		return 0, r.opt(f, &text)
	}
	raw := r.text()
	if n, ok := smallUint(raw); ok && n <= math.MaxUint32 {
		return uint32(n), nil
	}
	n, ok := asNumber(string(raw))
	if !ok {
		r.bad.note(f, string(raw))
		return 0, nil
	}
	return n, nil
}

// smallUint reads up to 18 digits without making a string of them.
func smallUint(digits []byte) (n uint64, ok bool) {
	if len(digits) == 0 || len(digits) > 18 {
		return 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return n, true
}

// given tells whether a value says something at all: no null, false, 0, empty text, object or array.
func (r *reader) given() bool {
	k := r.peek()
	v := r.value()
	switch k {
	case '{', '[':
		i := skipSpace(v, 1)
		return i < len(v) && v[i] != '}' && v[i] != ']'
	case '"':
		return !placeholder(string(v))
	}
	return k == 't' || k == '0' && !placeholder(string(v))
}
