// SPDX-License-Identifier: Apache-2.0

package event

import (
	"io"
	"iter"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Lines reads a file line by line; each line is a message of its own, usually one record, and so is a record that is
// spread over lines. A file may also be a protobuf EventBatch of any length; its events are numbered like lines. It is
// plain, gzip or zstd, told by its first bytes. Memory is bounded by Options.MaxMessageBytes, however long the file or
// a line.
//
// Dead letters carry the file's name as source and the line number, counted from 1, as offset. A line that is too long
// becomes one dead letter with its beginning and its full size; broken compression ends the file with one. Reading goes
// on after anything else.
type Lines struct {
	cut *cutter
	// dec decodes one record after the other as they are asked for, unless there are workers, with which ahead does that
	// beforehand.
	dec     *decoder
	workers int
	ahead   *ahead

	chunk   *chunk   // what is being handed out
	decoded int      // how many of its pieces are decoded
	records []record // what they were decoded to
	given   int      // and how many of that were handed out
	done    bool
	err     error

	unreadable Unreadable
}

// NewLines makes a reader of r, which is called name in dead letters. It reads nothing yet.
func NewLines(r io.Reader, name string, opt Options) *Lines {
	return &Lines{cut: &cutter{name: name, opt: opt.withDefaults(), raw: &countingReader{r: r}, feed: -1}}
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
	for l.given == len(l.records) {
		if !l.more() {
			return nil, nil, false
		}
	}
	r := l.records[l.given]
	l.given++
	return r.ev, r.dead, true
}

// Err tells why reading stopped before the end: the reader's own error, nil at a proper end.
func (l *Lines) Err() error { return l.err }

// Unreadable counts what could not be read of the events decoded so far, which may be a few hundred more than were
// handed out. It is the reader's own and changes with it.
func (l *Lines) Unreadable() *Unreadable { return &l.unreadable }

// BytesRead is how many bytes were taken from the reader, compressed as they are there. It may be called at any time
// from another goroutine, for a progress bar.
func (l *Lines) BytesRead() int64 { return l.cut.raw.n.Load() }

// more gets more records to hand out, perhaps none; false is the end of the file.
func (l *Lines) more() bool {
	l.given, l.records = 0, l.records[:0]
	if k := l.chunk; k != nil {
		if l.decoded < len(k.pieces) {
			l.records = l.dec.piece(&k.pieces[l.decoded], l.cut.name, &l.cut.opt, l.records)
			l.decoded++
			return true
		}
		l.done, l.err = k.last, k.err
		l.chunk = nil
		if l.ahead != nil {
			l.records = nil // they are the chunk's
		}
		k.recycle()
	}
	if l.done {
		return false
	}
	l.take()
	return true
}

// take gets the next chunk, if there is one.
func (l *Lines) take() {
	switch {
	case l.workers > 0:
		l.takeAhead()
		return
	case l.dec == nil:
		l.dec = newDecoder()
		l.dec.unreadable = &l.unreadable
	}
	l.chunk, l.decoded = l.cut.next(), 0
}

func (l *Lines) takeAhead() {
	if l.ahead == nil {
		l.ahead = startAhead(l.cut, l.workers)
	}
	if l.chunk = l.ahead.next(); l.chunk == nil {
		l.done = true
		return
	}
	l.decoded, l.records = len(l.chunk.pieces), l.chunk.records
	l.unreadable.Add(&l.chunk.unreadable)
}

// close ends reading ahead.
func (l *Lines) close() {
	if l.ahead != nil {
		l.ahead.stop()
	}
	l.workers, l.ahead, l.done = 0, nil, true
}
