// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync/atomic"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/klauspost/compress/gzip"
)

const (
	// lineChunk is the size of the pieces a file is read in.
	lineChunk = 256 << 10
	// magicLen is how many bytes tell a compression format.
	magicLen = 4
)

// Lines reads a file line by line; each line is a message of its own, usually one record, and so is a record that is
// spread over lines. It is plain, gzip or zstd, told by its
// first bytes. Memory is bounded by Options.MaxMessageBytes, however long the file or a line.
//
// Dead letters carry the file's name as source and the line number, counted from 1, as offset. A line that is too long
// becomes one dead letter with its beginning and its full size; broken compression ends the file with one. Reading goes
// on after anything else.
type Lines struct {
	name string
	opt  Options
	raw  *countingReader
	in   *bufio.Reader
	dec  *decoder
	line int
	long []byte // a line that did not fit into one chunk
	// begun: something was read, array: it is one, see spread.go. block is a record of several lines, more how many lines
	// it has beside its first, kept a line read ahead.
	begun, array bool
	block        []byte
	more         int
	kept         []byte
	keptSize     int64
	keptErr      error
	keeps        bool
	nEv          int // results of the current line handed out
	nDead        int
	done         bool
	err          error

	unreadable Unreadable
}

// NewLines makes a reader of r, which is called name in dead letters. It reads nothing yet.
func NewLines(r io.Reader, name string, opt Options) *Lines {
	l := &Lines{name: name, opt: opt.withDefaults(), raw: &countingReader{r: r}, dec: newDecoder()}
	l.dec.unreadable = &l.unreadable
	return l
}

// All yields every event and dead letter of the file in order; one of the two is nil. After it, check Err.
func (l *Lines) All() iter.Seq2[*aerv1.Event, *aerv1.DeadLetter] {
	return all(l.Next)
}

// all yields what next gives until the end.
func all(next func() (*aerv1.Event, *aerv1.DeadLetter, bool)) iter.Seq2[*aerv1.Event, *aerv1.DeadLetter] {
	return func(yield func(*aerv1.Event, *aerv1.DeadLetter) bool) {
		for {
			ev, dead, ok := next()
			if !ok || !yield(ev, dead) {
				return
			}
		}
	}
}

// Next gives the next event or dead letter; false is the end, after which Err tells whether it came early. Within one
// line, events come before dead letters.
func (l *Lines) Next() (*aerv1.Event, *aerv1.DeadLetter, bool) {
	for {
		if l.nEv < len(l.dec.evs) {
			l.nEv++
			return l.dec.evs[l.nEv-1], nil, true
		}
		if l.nDead < len(l.dec.dead) {
			l.nDead++
			return nil, l.dec.dead[l.nDead-1], true
		}
		if l.done {
			return nil, nil, false
		}
		l.nEv, l.nDead, l.dec.evs, l.dec.dead = 0, 0, l.dec.evs[:0], l.dec.dead[:0]
		l.decodeLine()
	}
}

// Err tells why reading stopped before the end: the reader's own error, nil at a proper end.
func (l *Lines) Err() error { return l.err }

// Unreadable counts what could not be read of the events handed out so far. It is the reader's own and changes with it.
func (l *Lines) Unreadable() *Unreadable { return &l.unreadable }

// BytesRead is how many bytes were taken from the reader, compressed as they are there. It may be called at any time
// from another goroutine, for a progress bar.
func (l *Lines) BytesRead() int64 { return l.raw.n.Load() }

// decodeLine reads and decodes one line.
func (l *Lines) decodeLine() {
	if l.in == nil && !l.open() {
		return
	}
	l.line += 1 + l.more
	l.more = 0
	text, size, err := l.nextLine()
	if text = l.element(text); err == nil && goesOn(text) {
		text, size, err = l.spread(text, size)
		text = l.element(text)
	}
	l.dec.begin(Source{Name: l.name}, l.line, l.opt)
	switch {
	case size > int64(l.opt.MaxMessageBytes):
		l.dec.rejectSize(text, size, problemf(ReasonTooLarge, "the line has %d bytes: want at most %d", size,
			l.opt.MaxMessageBytes))
	case len(trimSpace(text)) > 0:
		l.dec.message(text)
	}
	if err != nil {
		l.stop(err)
	}
}

// nextLine is the line that was read ahead, or the next one.
func (l *Lines) nextLine() (text []byte, size int64, err error) {
	if l.keeps {
		l.keeps = false
		return l.kept, l.keptSize, l.keptErr
	}
	return l.readLine()
}

// readLine reads up to and with the next line feed. Of a line over the limit it keeps only the beginning; size is its
// full length without the line feed. text is valid until the next call.
func (l *Lines) readLine() (text []byte, size int64, err error) {
	l.long = l.long[:0]
	for {
		part, err := l.in.ReadSlice('\n')
		more := errors.Is(err, bufio.ErrBufferFull)
		if !more {
			part = bytes.TrimSuffix(part, []byte("\n"))
		}
		size += int64(len(part))
		if !more && size == int64(len(part)) {
			return part, size, err // the usual case: no copy
		}
		l.long = append(l.long, part[:min(len(part), l.opt.MaxMessageBytes-len(l.long))]...)
		if !more {
			return l.long, size, err
		}
	}
}

// open looks at the first bytes and sets up decompression. False means that the file is over.
func (l *Lines) open() bool {
	in := bufio.NewReaderSize(l.raw, lineChunk)
	magic, _ := in.Peek(magicLen) // an error comes again when reading
	switch {
	case bytes.HasPrefix(magic, gzipMagic):
		z, err := gzip.NewReader(in)
		if err != nil {
			l.line = 1
			l.stop(err)
			return false
		}
		in = bufio.NewReaderSize(z, lineChunk)
	case bytes.HasPrefix(magic, zstdMagic):
		z := newZstd(zstdFileWindow)
		if err := z.Reset(in); err != nil {
			l.line = 1
			l.stop(err)
			return false
		}
		in = bufio.NewReaderSize(z, lineChunk)
	}
	l.in = in
	return true
}

// stop ends the file. An error that the underlying reader did not report is one of decompression: the input's fault,
// not the machine's, so it becomes a dead letter.
func (l *Lines) stop(err error) {
	l.done = true
	switch {
	case l.raw.err != nil:
		l.err = fmt.Errorf("reading %s at line %d: %w", l.name, l.line, l.raw.err)
	case !errors.Is(err, io.EOF):
		l.dec.begin(Source{Name: l.name}, l.line, l.opt)
		l.dec.reject(nil, problemf(ReasonBadCompression, "%v after %d compressed bytes: the file is broken or cut off here",
			err, l.BytesRead()))
	}
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
