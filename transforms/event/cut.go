// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
)

const (
	// chunkSize is how much of a file is read at a time: some two hundred records, which with their events fit into a
	// core's own cache.
	chunkSize = 128 << 10
	// inputSize is how much decompression is fed at a time. Plain text is read past it, straight into chunks.
	inputSize = 16 << 10
	// magicLen is how many bytes tell a compression format.
	magicLen = 4
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

	batch bool // protobuf, see cut_proto.go
	line  int  // the line of the latest piece, or the number of the event
	// begun: something was read, array: it is one, see spread.go. more is how many lines a record has beside its first;
	// kept is a line read ahead.
	begun, array bool
	more         int
	kept         *line
	over         bool // the file has ended
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
	for !c.over && (len(k.pieces) == 0 || c.hasPiece()) {
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
	in := bufio.NewReaderSize(c.raw, inputSize)
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
		return
	}
	c.batch = c.startsBatch()
}

// hasPiece tells whether there is a record that needs no more reading.
func (c *cutter) hasPiece() bool {
	if c.batch {
		return c.hasEvent()
	}
	return c.kept != nil || c.hasLine()
}

// piece cuts off one record and adds it to the chunk, unless there is none.
func (c *cutter) piece(k *chunk) {
	if c.batch {
		c.event(k)
		return
	}
	c.line += 1 + c.more
	c.more = 0
	l := c.nextLine()
	if n := len(l.text); c.begun && !c.array && n > 0 && l.text[0] == '{' && l.text[n-1] == '}' && l.err == nil &&
		n <= c.opt.MaxMessageBytes { // nearly always it is a record and nothing else
		k.add(piece{text: l.text, line: c.line})
		return
	}
	if l.text = c.element(l.text); l.err == nil && goesOn(l.text) {
		l = c.spread(l)
		l.text = c.element(l.text)
	}
	switch {
	case l.size > int64(c.opt.MaxMessageBytes):
		k.add(piece{text: l.text, size: l.size, line: c.line,
			bad: problemf(ReasonTooLarge, "the line has %d bytes: want at most %d", l.size, c.opt.MaxMessageBytes)})
	case len(trimSpace(l.text)) > 0:
		k.add(piece{text: l.text, line: c.line})
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
		k.add(piece{line: c.line, bad: problemf(ReasonBadCompression,
			"%v after %d compressed bytes: the file is broken or cut off here", err, c.raw.n.Load())})
	}
}
