// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bytes"
	"io"
	"sync/atomic"
)

// emptyReadsMax is how often in a row a reader may give nothing.
const emptyReadsMax = 100

// line is a line of a file without its line feed, or several that are one record. Of one over the limit text is only
// the beginning.
type line struct {
	text []byte
	size int64 // the full length
	err  error // why the file ends here
}

// nextLine is the line that was read ahead, or the next one.
func (c *cutter) nextLine() line {
	if l := c.kept; l != nil {
		c.kept = nil
		return *l
	}
	return c.readLine()
}

// readLine reads up to and with the next line feed.
func (c *cutter) readLine() line {
	var long []byte // what does not fit into one buffer
	var size int64
	for {
		whole := c.hasLine()
		switch {
		case !whole && c.readErr == nil && c.end < len(c.buf):
			c.fill()
			continue
		case !whole && c.readErr == nil && c.pos > 0:
			c.turn()
			continue
		}
		part := c.buf[c.pos:c.feed]
		size += int64(len(part))
		if long != nil || !whole && c.readErr == nil {
			long = append(long, part[:min(len(part), c.opt.MaxMessageBytes-len(long))]...)
			part = long
		}
		switch {
		case whole:
			c.pos = c.feed + 1
			return line{part, size, nil}
		case c.readErr != nil:
			c.pos = c.end
			return line{part, size, c.readErr}
		}
		c.pos, c.end, c.feed = 0, 0, -1
	}
}

// hasLine tells whether the buffer has a whole line.
func (c *cutter) hasLine() bool {
	if c.feed < c.pos {
		c.feed = c.end
		if i := bytes.IndexByte(c.buf[c.pos:c.end], '\n'); i >= 0 {
			c.feed = c.pos + i
		}
	}
	return c.feed < c.end
}

// turn goes on in a new buffer with what is not cut yet. What has been cut stays in the old one.
func (c *cutter) turn() {
	rest := c.buf[c.pos:c.end]
	c.buf = chunkBuffers.Get().(*[chunkSize]byte)[:]
	c.pos, c.end, c.feed = 0, copy(c.buf, rest), -1
}

// fill reads on into the room that the buffer has.
func (c *cutter) fill() {
	for range emptyReadsMax {
		n, err := c.in.Read(c.buf[c.end:])
		c.end += n
		c.feed, c.readErr = -1, err
		if n > 0 || err != nil {
			return
		}
	}
	c.readErr = io.ErrNoProgress
}

// countingReader counts the bytes read and remembers an error that is not the end.
type countingReader struct {
	r   io.Reader
	n   atomic.Int64
	err error
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}
