// SPDX-License-Identifier: Apache-2.0

package event

import (
	"encoding/binary"
	"math/bits"

	"github.com/go-json-experiment/json/jsontext"
)

// unsure ends reading: what is there may be no JSON, or needs the parser.
func (r *reader) unsure() { r.doubt, r.pos = true, len(r.raw) }

// peek gives the kind of the next value, without reading it; 0 is none. There is hardly ever any space before it, and
// so what looks for some is apart: the rest is quicker for it.
func (r *reader) peek() jsontext.Kind {
	if r.pos < len(r.raw) && kinds[r.raw[r.pos]] != 0 {
		return kinds[r.raw[r.pos]]
	}
	return r.peekFar()
}

//go:noinline
func (r *reader) peekFar() jsontext.Kind {
	r.pos = skipSpace(r.raw, r.pos)
	if r.pos == len(r.raw) {
		return 0
	}
	return kinds[r.raw[r.pos]]
}

// value reads a value as it is written.
func (r *reader) value() []byte {
	kind, start, end := r.peek(), r.pos, -1
	switch kind {
	case '"':
		end, _ = scanString(r.raw, start+1)
	case '0':
		end = scanNumber(r.raw, start)
	case '{':
		_ = r.object("", func([]byte) error { return r.skip() })
		end = r.pos
	case '[':
		r.array()
		end = r.pos
	case 'n', 't', 'f':
		end = scanLiteral(r.raw, start)
	}
	if end < 0 || r.doubt {
		r.unsure()
		return nil
	}
	r.pos = end
	return r.raw[start:end]
}

// text reads a string as the text it stands for, any other value as it is written. The result is valid until the next
// text.
func (r *reader) text() []byte {
	if r.peek() != '"' {
		return r.value()
	}
	return r.str()
}

// str reads the string that peek has found as the text it stands for, which is valid until the next text.
func (r *reader) str() []byte {
	start := r.pos
	end, plain := scanString(r.raw, start+1)
	if end < 0 {
		r.unsure()
		return nil
	}
	r.pos = end
	if plain {
		return r.raw[start+1 : end-1]
	}
	r.scratch, _ = jsontext.AppendUnquote(r.scratch[:0], r.raw[start:end]) // valid, so it does not fail
	return r.scratch
}

// object reads an object and calls member for each of its members, which must read the value.
func (r *reader) object(field string, member func(name []byte) error) error {
	if k := r.peek(); k != '{' {
		return wrong(field, k, "an object")
	}
	r.nest()
	outer := r.members.begin()
	for more := !r.closes('}'); more && !r.doubt; more = r.goesOn('}') {
		name := r.name()
		if r.doubt {
			break
		}
		if err := member(name); err != nil {
			return err
		}
	}
	r.members.end(outer)
	return nil
}

// name reads a name and the colon after it.
func (r *reader) name() []byte {
	start := r.pos + 1
	if n, key := shortName(r.raw, r.pos); n >= 0 && (r.checked || r.members.add(key)) {
		r.pos = start + n + 2
		return r.raw[start : start+n]
	}
	return r.anyName()
}

// shortName gives the length and the key of a name that begins at raw[i], if the usual is there: less than eight
// ordinary bytes, and a colon right behind the quote. Otherwise the length is -1.
func shortName(raw []byte, i int) (n int, key uint64) {
	if len(raw)-i < 10 || raw[i] != '"' {
		return -1, 0
	}
	x := binary.LittleEndian.Uint64(raw[i+1:])
	n = bits.TrailingZeros64(specialBytes(x)) / 8
	if n == 8 || raw[i+1+n] != '"' || raw[i+2+n] != ':' {
		return -1, 0
	}
	return n, x & (1<<(8*n) - 1) // as nameKey makes it
}

// anyName is name for names of any kind.
func (r *reader) anyName() []byte {
	if r.peek() != '"' {
		r.unsure()
		return nil
	}
	start := r.pos + 1
	end, plain := scanString(r.raw, start)
	if end < 0 || !r.checked && (!plain || !r.members.add(nameKey(r.raw[start:end-1]))) {
		r.unsure()
		return nil
	}
	name := r.raw[start : end-1]
	if !plain {
		name, _ = jsontext.AppendUnquote(nil, r.raw[start-1:end]) // valid, so it does not fail
	}
	if r.pos = end; !r.comes(':') {
		r.unsure()
		return nil
	}
	return name
}

// array passes over an array.
func (r *reader) array() {
	r.nest()
	for more := !r.closes(']'); more && !r.doubt; more = r.goesOn(']') {
		r.value()
	}
}

// nest goes into an object or array.
func (r *reader) nest() {
	r.pos++
	if r.open++; r.open > r.openMax && !r.checked {
		r.unsure()
	}
}

// comes tells whether c comes next, and if so passes over it.
func (r *reader) comes(c byte) bool {
	if r.pos < len(r.raw) && r.raw[r.pos] == c {
		r.pos++
		return true
	}
	return r.comesFar(c)
}

//go:noinline
func (r *reader) comesFar(c byte) bool {
	if r.pos == len(r.raw) || r.raw[r.pos] > ' ' {
		return false
	}
	r.pos = skipSpace(r.raw, r.pos)
	return r.pos < len(r.raw) && r.raw[r.pos] > ' ' && r.comes(c)
}

// closes passes over the bracket that ends an object or array if it comes next.
func (r *reader) closes(bracket byte) bool {
	if !r.comes(bracket) {
		return false
	}
	r.open--
	return true
}

// goesOn tells whether a comma comes next, which it passes over, rather than the bracket that ends the object or array.
func (r *reader) goesOn(bracket byte) bool {
	switch {
	case r.doubt:
		return false
	case r.comes(','):
		return true
	case !r.closes(bracket):
		r.unsure()
	}
	return false
}

// skip passes over a value. It returns nil, for the convenience of its callers.
func (r *reader) skip() error {
	r.value()
	return nil
}
