// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
)

const (
	// chunkSize is how much of a file is read at a time: some two hundred records, which with their events fit into a
	// core's own cache.
	chunkSize = 128 << 10
	// magicLen is how many bytes tell a compression format.
	magicLen = 4
	// emptyReadsMax is how often in a row a reader may give nothing.
	emptyReadsMax = 100
)

// cutter cuts a file into chunks of whole lines, and joins the lines of records that are spread over several.
type cutter struct {
	name string
	opt  Options
	raw  *countingReader
	in   io.Reader // plain text; nil before the first read

	buf      []byte
	pos, end int   // buf[pos:end] is not cut yet
	feed     int   // where the next line feed is in it, at most end; below pos where that is not known
	readErr  error // what reading on gives

	line int // the line of the latest piece
	// begun: something was read, array: it is one, see spread.go. more is how many lines a record has beside its first;
	// kept is a line read ahead.
	begun, array bool
	more         int
	kept         *line
	over         bool // the file has ended
}

// line is a line of a file without its line feed, or several that are one record. Of one over the limit text is only the
// beginning.
type line struct {
	text []byte
	size int64 // the full length
	err  error // why the file ends here
}

var chunkBuffers = sync.Pool{New: func() any { return new([chunkSize]byte) }}

// next reads one chunk: a record at least, and what else has been read with it. It waits for no more than that, so that
// a stream comes through as it goes.
func (c *cutter) next() *chunk {
	k := chunks.Get().(*chunk)
	if c.in == nil {
		c.turn()
		c.open(k)
	}
	for !c.over && (len(k.pieces) == 0 || c.kept != nil || c.hasLine()) {
		c.piece(k)
	}
	k.last, k.buf = c.over, (*[chunkSize]byte)(c.buf)
	if !c.over {
		c.turn()
	}
	return k
}

// open looks at the first bytes and sets up decompression.
func (c *cutter) open(k *chunk) {
	in := bufio.NewReaderSize(c.raw, chunkSize)
	magic, _ := in.Peek(magicLen) // an error comes again when reading
	c.in = in
	var err error
	switch {
	case bytes.HasPrefix(magic, gzipMagic):
		c.in, err = gzip.NewReader(in)
	case bytes.HasPrefix(magic, zstdMagic):
		z := newZstd(zstdFileWindow)
		c.in, err = z, z.Reset(in)
	}
	if err != nil {
		c.line = 1
		c.stop(k, err)
	}
}

// piece cuts off one record and adds it to the chunk, unless there is none.
func (c *cutter) piece(k *chunk) {
	c.line += 1 + c.more
	c.more = 0
	l := c.nextLine()
	if n := len(l.text); c.begun && !c.array && n > 0 && l.text[0] == '{' && l.text[n-1] == '}' && l.err == nil &&
		n <= c.opt.MaxMessageBytes { // nearly always it is a record and nothing else
		k.add(piece{text: l.text, size: l.size, line: c.line})
		return
	}
	if l.text = c.element(l.text); l.err == nil && goesOn(l.text) {
		l = c.spread(l)
		l.text = c.element(l.text)
	}
	switch {
	case l.size > int64(c.opt.MaxMessageBytes):
		k.add(piece{l.text, l.size, c.line,
			problemf(ReasonTooLarge, "the line has %d bytes: want at most %d", l.size, c.opt.MaxMessageBytes)})
	case len(trimSpace(l.text)) > 0:
		k.add(piece{l.text, l.size, c.line, nil})
	}
	if l.err != nil {
		c.stop(k, l.err)
	}
}

// stop ends the file. An error that the underlying reader did not report is one of decompression: the input's fault,
// not the machine's, so it becomes a dead letter.
func (c *cutter) stop(k *chunk, err error) {
	c.over = true
	switch {
	case c.raw.err != nil:
		k.err = fmt.Errorf("reading %s at line %d: %w", c.name, c.line, c.raw.err)
	case !errors.Is(err, io.EOF):
		k.add(piece{nil, 0, c.line, problemf(ReasonBadCompression,
			"%v after %d compressed bytes: the file is broken or cut off here", err, c.raw.n.Load())})
	}
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
