// SPDX-License-Identifier: Apache-2.0

package event

import (
	"cmp"
	"io"

	"google.golang.org/protobuf/encoding/protowire"
)

// A file may be an EventBatch, or several one after the other, of any length. Its events are cut off one by one, and
// dead letters have the number of the event in the file, counted from 1, where those of other files have the line.

// headMax is the longest tag and length before an event.
const headMax = 2 * 10

// startsBatch tells whether the file begins like an EventBatch.
func (c *cutter) startsBatch() bool {
	if c.opt.Format != Auto && c.opt.Format != Proto {
		return false
	}
	c.want(headMax)
	return isBatch(c.buf[c.pos:c.end])
}

// want reads on until the buffer has n bytes, of the chunkSize it can have, or the file ends.
func (c *cutter) want(n int) {
	if c.pos+n > len(c.buf) && c.end-c.pos < n {
		c.turn()
	}
	for c.end-c.pos < n && c.readErr == nil {
		c.fill()
	}
}

// eventHead reads the tag and the length before an event: how many bytes they have, -1 if they are none, and the
// length.
func (c *cutter) eventHead() (n int, size uint64) {
	rest := c.buf[c.pos:c.end]
	num, kind, tag := protowire.ConsumeTag(rest)
	if tag < 0 || num != batchField || kind != protowire.BytesType {
		return -1, 0
	}
	size, length := protowire.ConsumeVarint(rest[tag:])
	if length < 0 {
		return -1, 0
	}
	return tag + length, size
}

// hasEvent tells whether the buffer has a whole event.
func (c *cutter) hasEvent() bool {
	n, size := c.eventHead()
	return n > 0 && size <= uint64(c.end-c.pos-n)
}

// event cuts off one event and adds it to the chunk, or passes over something else.
func (c *cutter) event(k *chunk) {
	c.line++
	c.want(headMax)
	if c.pos == c.end {
		c.stop(k, c.readErr)
		return
	}
	n, size := c.eventHead()
	if n < 0 {
		if c.skipField() {
			c.line--
		} else {
			c.broken(k, c.buf[c.pos:c.end])
		}
		return
	}
	c.pos += n
	text, whole := c.take(size)
	switch {
	case !whole:
		c.broken(k, text)
	case size > uint64(c.opt.MaxBytes):
		k.add(piece{text: text, size: int64(size), line: c.line,
			bad: problemf(ReasonTooLarge, "the record has %d bytes: want at most %d", size, c.opt.MaxBytes)})
	default:
		k.add(piece{text: text, line: c.line, proto: true})
	}
}

// skipField passes over a field that a later version of EventBatch may have, as messages do; false means that there is
// none.
func (c *cutter) skipField() bool {
	rest := c.buf[c.pos:c.end]
	num, kind, tag := protowire.ConsumeTag(rest)
	if tag < 0 || num == batchField || kind == protowire.StartGroupType {
		return false
	}
	if kind != protowire.BytesType {
		n := protowire.ConsumeFieldValue(num, kind, rest[tag:])
		c.pos += tag + max(n, 0)
		return n >= 0
	}
	size, n := protowire.ConsumeVarint(rest[tag:])
	if n < 0 {
		return false
	}
	c.pos += tag + n
	_, whole := c.take(size)
	return whole
}

// take reads the next bytes; of more than MaxBytes it gives only the beginning. False means that the file has fewer.
func (c *cutter) take(size uint64) (text []byte, whole bool) {
	if size <= chunkSize {
		c.want(int(size))
		n := min(int(size), c.end-c.pos)
		text = c.buf[c.pos : c.pos+n]
		c.pos += n
		return text, n == int(size)
	}
	for {
		part := c.buf[c.pos : c.pos+int(min(size, uint64(c.end-c.pos)))]
		text = append(text, part[:min(len(part), c.opt.MaxBytes-len(text))]...)
		c.pos += len(part)
		if size -= uint64(len(part)); size == 0 || c.readErr != nil {
			return text, size == 0
		}
		c.turn()
		c.fill()
	}
}

// broken ends a batch that is cut off, or that goes on with something else than an event.
func (c *cutter) broken(k *chunk, text []byte) {
	k.add(piece{text: text, size: int64(len(text)), line: c.line, bad: problemf(ReasonBadProto,
		"the batch is broken or cut off after %d events: want field %d, a length, and an event", c.line-1, batchField)})
	c.stop(k, cmp.Or(c.readErr, io.EOF))
}
