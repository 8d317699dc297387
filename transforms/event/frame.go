// SPDX-License-Identifier: Apache-2.0

package event

import "bytes"

// frame is where one JSON value lies in a message, found by counting brackets outside strings. It neither recurses nor
// allocates and costs about a nanosecond a byte, so limits can be enforced and a batch can be cut into records before
// the strict parser sees a single one of them; a record that the parser then refuses does not take the others along.
type frame struct {
	// end is the offset after the value.
	end int
	// depth is the deepest nesting.
	depth int
	// closed tells that every bracket and string was closed. Strings cannot hold a raw line feed, so one breaks the frame.
	closed bool
	// native and slack count the names at the first level that only such a record has.
	native, slack int
	// entries is the offset after the first name "entries" at the first level, 0 if there is none, and pages counts them.
	entries, pages int
}

// note counts a name at the first level that ends at offset end.
func (f *frame) note(name []byte, end int) {
	switch string(name) {
	case "time", "org_id", "user_id":
		f.native++
	case "date_create", "actor", "entity", "context":
		f.slack++
	case "entries":
		if f.pages++; f.pages == 1 {
			f.entries = end
		}
	}
}

// format tells what the names prove, Auto if nothing. The majority decides, since an unknown member may have any name.
func (f *frame) format() Format {
	switch {
	case f.slack > f.native:
		return Slack
	case f.native > 0:
		return Native
	}
	return Auto
}

// page tells whether the value is a page of the Slack API.
func (f *frame) page() bool { return f.pages > 0 && f.slack+f.native == 0 }

// frameObject frames the object or array that starts at raw[start].
func frameObject(raw []byte, start int) frame {
	f := frame{end: len(raw)}
	depth, name := 0, false
	for i := start; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			end, _ := stringEnd(raw, i)
			if end < 0 {
				return f
			}
			if name {
				f.note(raw[i+1:end-1], end)
			}
			name, i = false, end-1
		case '{', '[':
			depth++
			f.depth = max(f.depth, depth)
			name = depth == 1 && raw[i] == '{'
		case ',':
			name = depth == 1
		case '}', ']':
			if depth--; depth == 0 {
				f.end, f.closed = i+1, true
				return f
			}
		}
	}
	return f
}

// frameScalar frames anything else: it reaches up to the next byte of stop or the end.
func frameScalar(raw []byte, start int, stop string) frame {
	f := frame{end: len(raw), closed: true}
	if i := bytes.IndexAny(raw[start:], stop); i >= 0 {
		f.end = start + i
	}
	return f
}

// stringEnd gives the offset after the string that starts at raw[start], and whether it has no escapes; the offset is
// -1 if the string does not end on its line. Strings in records are short, so that a plain loop beats a vectorised
// search for the quote.
func stringEnd(raw []byte, start int) (end int, plain bool) {
	plain = true
	for i := start + 1; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			return i + 1, plain
		case '\\':
			plain = false
			if i++; i < len(raw) && raw[i] == '\n' {
				return -1, false
			}
		case '\n':
			return -1, false
		}
	}
	return -1, false
}

// skipSpace gives the offset of the first byte at or after i that is not JSON white space.
func skipSpace(raw []byte, i int) int {
	for i < len(raw) && (raw[i] == ' ' || raw[i] == '\t' || raw[i] == '\r' || raw[i] == '\n') {
		i++
	}
	return i
}
