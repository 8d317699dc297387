// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// reader reads one JSON record. What its methods read they also check, as strictly as the parser of jsontext does, so
// that one pass is enough for a record as it should be (quick.go). Where something is not, or is odd in any way, they
// doubt: the reader is at the end and what it gave so far means nothing. Then the parser checks the whole record,
// mended where that is possible, and the same methods read that (check). They leave the reader after the value they
// read.
type reader struct {
	raw []byte
	pos int
	// checked: raw is known to be valid, so there is no doubt; else doubt tells that it may not be.
	checked, doubt bool
	// open is how many objects and arrays are open, openMax how many may be.
	open, openMax int
	members       memberNames
	// ofNative and ofSlack count the names at the first level that only such a record has.
	// other: the record begins with names of the other format.
	ofNative, ofSlack int
	other             bool

	dec     *jsontext.Decoder
	src     bytes.Buffer
	scratch []byte // the last text that had escapes
	texts

	// bad is what could not be read of the record. mended and twice, if set, are what was wrong with it before it was
	// mended: its text, and names that it has twice; see mend.go.
	bad           unread
	mended, twice *problem
	// who is what the rules about who acted look at, entry what Slack's are made of; they are here so that no event
	// allocates them.
	who   acting
	entry slackEntry
}

// start prepares to read the value at raw[pos], of which nothing is known.
func (r *reader) start(raw []byte, pos, depthMax int) {
	r.raw, r.pos = raw, pos
	r.checked, r.doubt = false, false
	r.open, r.openMax = 0, depthMax
	r.members.reset()
	r.ofNative, r.ofSlack, r.other = 0, 0, false
	r.bad, r.mended, r.twice = unread{}, nil, nil
}

// check makes sure that raw is one valid JSON value, or can be made one, and prepares to read it.
func (r *reader) check(raw []byte) error {
	r.start(raw, 0, 0)
	r.checked = true
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
