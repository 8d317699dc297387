// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bytes"
	"errors"
	"hash/maphash"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// reader reads one JSON record in two steps. First the strict parser checks the whole record; then the reader walks
// over text that is known to be valid, which needs no error handling but for fields that are not what they should be,
// and is twice as quick as asking the parser for each token. Its methods leave it after the value they read.
type reader struct {
	dec *jsontext.Decoder
	src bytes.Buffer
	raw []byte
	pos int
	// words holds texts seen lately, by hash: most values of a stream (agents, actions, organisations) repeat all the
	// time, and events that share them are smaller in memory.
	words [wordSlots]string

	// bad is what could not be read of the record. mended and twice, if set, are what was wrong with it before it was
	// mended: its text, and names that it has twice; see mend.go.
	bad           unread
	mended, twice *problem
	// who is what the rules about who acted look at; it is here so that no event allocates one.
	who acting
}

const wordSlots = 1 << 10

var wordSeed = maphash.MakeSeed()

// check makes sure that raw is one valid JSON value, or can be made one, and prepares to read it.
func (r *reader) check(raw []byte) error {
	r.bad, r.mended, r.twice = unread{}, nil, nil
	if p := r.parse(raw); p != nil {
		return r.mend(raw, p)
	}
	return nil
}

// parse checks raw as it is.
func (r *reader) parse(raw []byte, opts ...jsontext.Options) *problem {
	r.raw, r.pos = raw, 0
	r.src = *bytes.NewBuffer(raw) // the parser reads a Buffer in place, without copying or writing
	r.dec.Reset(&r.src, opts...)
	if _, err := r.dec.ReadValue(); err != nil {
		return r.broken(err)
	}
	if _, err := r.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return problemf(ReasonBadJSON, "something follows the object after %d bytes: want one object", r.dec.InputOffset())
	}
	return nil
}

// peek gives the kind of the next value, without reading it.
func (r *reader) peek() jsontext.Kind {
	r.pos = skipSpace(r.raw, r.pos)
	return jsontext.Value(r.raw[r.pos:]).Kind()
}

// value reads a value as it is written.
func (r *reader) value() []byte {
	start := skipSpace(r.raw, r.pos)
	switch r.raw[start] {
	case '{', '[':
		r.pos = frameObject(r.raw, start).end
	case '"':
		r.pos, _ = stringEnd(r.raw, start)
	default:
		r.pos = start
		for r.pos < len(r.raw) && !endsScalar(r.raw[r.pos]) {
			r.pos++
		}
	}
	return r.raw[start:r.pos]
}

// text reads a string as the text it stands for, any other value as it is written. The result is valid until the next
// record.
func (r *reader) text() []byte {
	start := skipSpace(r.raw, r.pos)
	if r.raw[start] != '"' {
		return r.value()
	}
	end, plain := stringEnd(r.raw, start)
	r.pos = end
	if plain {
		return r.raw[start+1 : end-1]
	}
	out, _ := jsontext.AppendUnquote(nil, r.raw[start:end]) // checked before
	return out
}

// endsScalar tells whether c comes after a number or a literal.
func endsScalar(c byte) bool {
	return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\r' || c == '\t'
}

// object reads an object and calls member for each of its members, which must read the value.
func (r *reader) object(field string, member func(name []byte) error) error {
	if k := r.peek(); k != '{' {
		return wrong(field, k, "an object")
	}
	for r.pos++; ; r.pos++ { // after '{' or ','
		r.pos = skipSpace(r.raw, r.pos)
		if r.raw[r.pos] != '}' {
			name := r.text()
			r.pos = skipSpace(r.raw, r.pos) + 1 // ':'
			if err := member(name); err != nil {
				return err
			}
			r.pos = skipSpace(r.raw, r.pos)
		}
		if r.raw[r.pos] == '}' {
			r.pos++
			return nil
		}
	}
}

// skip passes over a value. It returns nil, for the convenience of its callers.
func (r *reader) skip() error {
	r.value()
	return nil
}

// parseUint reads a whole number, also when an encoder has written it as 123.0 or 1.5e3.
func parseUint(text string) (uint64, bool) {
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		return n, true
	}
	x, err := strconv.ParseFloat(text, 64)
	// Above 2^53 a float no longer holds every whole number.
	if err != nil || x != math.Trunc(x) || x < 0 || x > 1<<53 {
		return 0, false
	}
	return uint64(x), true
}

// word makes a string of b, the same one if b was seen lately.
func (r *reader) word(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > userAgentMax {
		return string(b)
	}
	slot := &r.words[maphash.Bytes(wordSeed, b)%wordSlots]
	if *slot != string(b) {
		*slot = string(b)
	}
	return *slot
}

// wrong is the problem of a value of the wrong type.
func wrong(field string, k jsontext.Kind, want string) error {
	return problemf(ReasonBadField, "%s is %s: want %s", field, kindName(k), want)
}

func kindName(k jsontext.Kind) string {
	switch k {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case 'n':
		return "null"
	}
	return "a boolean"
}

// broken makes a problem of the parser's error.
func (r *reader) broken(err error) *problem {
	text := strings.TrimPrefix(err.Error(), "jsontext: ")
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return problemf(ReasonDuplicateKey, "%s: want each name once", text)
	case !utf8.Valid(r.raw), strings.Contains(text, "surrogate"):
		return problemf(ReasonBadEncoding, "%s: want valid UTF-8", text)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return problemf(ReasonBadJSON, "the record is cut off after %d bytes: want a whole JSON object", len(r.raw))
	}
	return problemf(ReasonBadJSON, "%s: want valid JSON", text)
}

// asProblem gives the problem that err is. Every error of this package's decoders is one.
func asProblem(err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	return &problem{ReasonBadJSON, err.Error()}
}
