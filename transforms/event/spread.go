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
func (c *cutter) element(line []byte) []byte {
	line = bytes.TrimPrefix(line, recordSeparator)
	text := trimSpace(bytes.TrimPrefix(line, bom))
	if !c.begun && len(text) > 0 {
		c.begun, c.array = true, len(text) == 1 && text[0] == '['
		if c.array {
			return nil
		}
	}
	if !c.array {
		return line
	}
	if text = trimSpace(bytes.TrimSuffix(text, []byte(","))); string(text) == "]" {
		return nil
	}
	return text
}

// spread reads on until what the line begins is closed. A line that cannot belong to it is kept for the next record,
// and what there is then is as broken as it is. The size is the full length without the last line feed.
func (c *cutter) spread(first line) line {
	var open opened
	if !open.read(first.text) || len(open) == 0 {
		return first
	}
	block := line{text: bytes.Clone(first.text), size: first.size}
	for len(open) > 0 && block.err == nil {
		l := c.readLine()
		if open.ends(l.text, block.text) || !open.read(l.text) {
			l.text = bytes.Clone(l.text) // its buffer may go with the chunk
			c.kept = &l
			return block
		}
		c.more++
		block.err = l.err
		if block.size += l.size + 1; block.size <= int64(c.opt.MaxMessageBytes) {
			block.text = append(append(block.text, '\n'), l.text...)
		}
	}
	return block
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
