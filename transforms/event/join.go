// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// joinNames writes a valid value anew with every name once.
func joinNames(raw []byte) []byte {
	r := reader{raw: raw, checked: true}
	switch r.peek() {
	case '{':
		return joinObject(&r)
	case '[':
		return joinArray(&r)
	}
	return r.value()
}

func joinObject(r *reader) []byte {
	var order []string
	values := map[string][][]byte{}
	_ = r.object("", func(name []byte) error { // a valid object, and the callback does not fail
		key := string(name)
		if values[key] == nil {
			order = append(order, key)
		}
		values[key] = append(values[key], r.value())
		return nil
	})
	out := []byte{'{'}
	for i, key := range order {
		if i > 0 {
			out = append(out, ',')
		}
		out, _ = jsontext.AppendQuote(out, key)
		out = append(append(out, ':'), joinNames(joinValues(values[key]))...)
	}
	return append(out, '}')
}

// joinValues makes one value of those of one name: itself if they agree, the members of all if they are objects, else
// [], which no field takes.
func joinValues(values [][]byte) []byte {
	same, objects := true, true
	for _, v := range values {
		same = same && bytes.Equal(v, values[0])
		objects = objects && v[0] == '{'
	}
	switch {
	case same:
		return values[0]
	case !objects:
		return []byte("[]")
	}
	out := []byte{'{'}
	for _, v := range values {
		inside := trimSpace(v[1 : len(v)-1])
		if len(inside) > 0 && len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, inside...)
	}
	return append(out, '}')
}

func joinArray(r *reader) []byte {
	out := []byte{'['}
	for r.pos++; ; r.pos++ { // after '[' or ','
		if r.pos = skipSpace(r.raw, r.pos); r.raw[r.pos] != ']' {
			out = append(out, joinNames(r.value())...)
			r.pos = skipSpace(r.raw, r.pos)
		}
		if r.raw[r.pos] == ']' {
			r.pos++
			return append(out, ']')
		}
		out = append(out, ',')
	}
}
