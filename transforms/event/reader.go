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

// reader reads one JSON record token by token. Its methods leave the parser after the value they read and name the field in
// their errors.
type reader struct {
	dec *jsontext.Decoder
	src bytes.Buffer
	raw []byte
	// words holds texts seen lately, by hash: most values of a stream (agents, actions, organisations) repeat all the time,
	// and events that share them are smaller in memory.
	words [wordSlots]string
}

const wordSlots = 1 << 10

var wordSeed = maphash.MakeSeed()

func (r *reader) reset(raw []byte) {
	r.raw = raw
	r.src = *bytes.NewBuffer(raw) // the parser reads a Buffer in place, without copying or writing
	r.dec.Reset(&r.src)
}

// end checks that nothing follows the record.
func (r *reader) end() error {
	if _, err := r.dec.ReadToken(); err != io.EOF {
		return problemf(ReasonBadJSON, "something follows the object after %d bytes: want one object", r.dec.InputOffset())
	}
	return nil
}

// syntax checks that raw is one JSON value.
func (r *reader) syntax(raw []byte) error {
	r.reset(raw)
	if err := r.skip(); err != nil {
		return err
	}
	return r.end()
}

// object reads an object and calls member for each of its members, which must read the value. A name is valid until then.
func (r *reader) object(field string, member func(name []byte) error) error {
	if r.dec.PeekKind() != '{' {
		return r.wrong(field, "an object")
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return r.broken(err)
	}
	for r.dec.PeekKind() != '}' {
		name, err := r.dec.ReadValue()
		if err != nil {
			return r.broken(err)
		}
		if err := member(unquote(name)); err != nil {
			return err
		}
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return r.broken(err)
	}
	return nil
}

// optional reads an object that may be null.
func (r *reader) optional(field string, member func(name []byte) error) error {
	if r.dec.PeekKind() == 'n' {
		return r.skip()
	}
	return r.object(field, member)
}

// skip passes over a value, which still must be valid JSON.
func (r *reader) skip() error {
	if err := r.dec.SkipValue(); err != nil {
		return r.broken(err)
	}
	return nil
}

// str reads a string or null into dst.
func (r *reader) str(field string, dst *string) error {
	switch r.dec.PeekKind() {
	case '"':
		v, err := r.dec.ReadValue()
		if err != nil {
			return r.broken(err)
		}
		*dst = r.word(unquote(v))
		return nil
	case 'n':
		return r.skip()
	}
	return r.wrong(field, "a string")
}

// uint reads a whole number up to max, as a number or as digits in a string (the JSON form of 64-bit numbers in protobuf).
// It returns false for null.
func (r *reader) uint(field string, limit uint64) (uint64, bool, error) {
	kind := r.dec.PeekKind()
	switch kind {
	case 'n':
		return 0, false, r.skip()
	case '0', '"':
	default:
		return 0, false, r.wrong(field, "a number")
	}
	v, err := r.dec.ReadValue()
	if err != nil {
		return 0, false, r.broken(err)
	}
	text := string(unquote(v))
	n, ok := parseUint(text)
	if !ok || n > limit {
		return 0, false, problemf(ReasonBadField, "%s is %q: want a whole number from 0 to %d", field, cut(text, 32), limit)
	}
	return n, true, nil
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

// unquote gives the text of a JSON string that the parser has checked; other values are returned as they are.
func unquote(v []byte) []byte {
	if len(v) < 2 || v[0] != '"' {
		return v
	}
	if bytes.IndexByte(v, '\\') < 0 {
		return v[1 : len(v)-1]
	}
	out, _ := jsontext.AppendUnquote(nil, v) // v is a valid string
	return out
}

// wrong is the error for a value of the wrong type, or the parser's error if there is no valid value at all.
func (r *reader) wrong(field, want string) error {
	kind := r.dec.PeekKind()
	if err := r.skip(); err != nil {
		return err
	}
	return problemf(ReasonBadField, "%s is %s: want %s", field, kindName(kind), want)
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
func (r *reader) broken(err error) error {
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
