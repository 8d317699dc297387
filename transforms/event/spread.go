// SPDX-License-Identifier: Apache-2.0

package event

import "bytes"

// JSON in files may be spread over lines: a page of the Slack API or an export, printed to be read by people. A line
// that ends within an object or array, after an opening bracket or a comma, goes on in the next one. A file that begins
// with a line "[" is an array of records, which are taken one by one, so that it may be as long as it likes.

// recordSeparator begins the records of a JSON text sequence (RFC 7464).
var recordSeparator = []byte{0x1e}

// goesOn tells at a glance whether a line may go on in the next one; a record that is cut off does not end so.
func goesOn(line []byte) bool {
	line = trimSpace(line)
	return len(line) > 0 && bytes.IndexByte([]byte("{[,"), line[len(line)-1]) >= 0
}

// element is a line of an array of records without the comma after it; nothing is left of the lines with its brackets.
func (l *Lines) element(line []byte) []byte {
	line = bytes.TrimPrefix(line, recordSeparator)
	text := trimSpace(bytes.TrimPrefix(line, bom))
	if !l.begun && len(text) > 0 {
		l.begun, l.array = true, len(text) == 1 && text[0] == '['
		if l.array {
			return nil
		}
	}
	if !l.array {
		return line
	}
	if text = trimSpace(bytes.TrimSuffix(text, []byte(","))); string(text) == "]" {
		return nil
	}
	return text
}

// spread reads on until what line begins is closed. A line that cannot belong to it is kept for the next record, and
// what there is then is as broken as it is. size is the full length without the last line feed.
func (l *Lines) spread(line []byte, size int64) (text []byte, fullSize int64, err error) {
	var open opened
	if !open.read(line) || len(open) == 0 {
		return line, size, nil
	}
	l.block = append(l.block[:0], line...)
	for len(open) > 0 && err == nil {
		var n int64
		if line, n, err = l.readLine(); open.ends(line, l.block) || !open.read(line) {
			l.kept, l.keptSize, l.keptErr, l.keeps = append(l.kept[:0], line...), n, err, true
			return l.block, size, nil
		}
		l.more++
		if size += n + 1; size <= int64(l.opt.MaxMessageBytes) {
			l.block = append(append(l.block, '\n'), line...)
		}
	}
	return l.block, size, err
}

// opened are the brackets of a JSON text that are still open.
type opened []byte

// bracketsMax is deeper than any record or envelope that is accepted.
const bracketsMax = 100

// read goes over a line of it; false means that it cannot be one.
func (b *opened) read(line []byte) bool {
	for i := 0; i < len(line); i++ {
		switch c := line[i]; c {
		case '"':
			end, _ := stringEnd(line, i)
			if end < 0 {
				return false
			}
			i = end - 1
		case '{', '[':
			if len(*b) == bracketsMax {
				return false
			}
			*b = append(*b, c)
		case '}', ']':
			n := len(*b) - 1
			if n < 0 || (*b)[n] != c-2 { // '{' and '}', '[' and ']' are two apart
				return false
			}
			*b = (*b)[:n]
		}
	}
	return true
}

// ends tells whether the next line begins another record: within an object, an object can only follow a colon.
func (b *opened) ends(line, before []byte) bool {
	line, before = trimSpace(line), trimSpace(before)
	return len(line) > 0 && line[0] == '{' && (*b)[len(*b)-1] == '{' && before[len(before)-1] != ':'
}
