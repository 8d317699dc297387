// SPDX-License-Identifier: Apache-2.0

package source

import (
	"context"
	"errors"
	"fmt"
	"iter"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/event"
)

// filesKey is where a process keeps its fileReader between bundles: opening a compressed file again for each would read
// it over and over.
type filesKey struct{}

// fileReader reads the records of files in order, one ahead of what was claimed.
type fileReader struct {
	files *event.Files
	next  func() (*aerv1.Event, *aerv1.DeadLetter, bool)
	stop  func()
	read  int64 // records taken

	peeked bool // the next record is here, or ok is false because there is none
	event  *aerv1.Event
	letter *aerv1.DeadLetter
	ok     bool
	// unreadable is what was counted so far.
	unreadable event.Unreadable
}

// open takes the reader that an earlier bundle left, or opens the files and skips what was read before.
func (fn *filesFn) open(read int64) (*fileReader, error) {
	if r, ok := fn.Intake.process.Take(filesKey{}).(*fileReader); ok {
		if r.read == read {
			return r, nil
		}
		if err := r.Close(); err != nil {
			return nil, err
		}
	}
	files, err := event.OpenFiles(fn.Paths, fn.Intake.Options)
	if err != nil {
		return nil, err
	}
	r := &fileReader{files: files}
	r.next, r.stop = iter.Pull2(event.Reorder(fn.untilDrained(files.All()), fn.Disorder, 0))
	for r.read < read {
		if _, _, ok := r.peek(); !ok {
			return nil, errors.Join(fmt.Errorf("resuming at record %d: the files now end at %d", read, r.read), r.end())
		}
		r.take()
	}
	r.unreadable = files.Unreadable() // the bundles before have counted it
	return r, nil
}

// untilDrained ends the records when the run is told to drain: those that were read and wait to be put in order still
// come.
func (fn *filesFn) untilDrained(all iter.Seq2[*aerv1.Event,
	*aerv1.DeadLetter]) iter.Seq2[*aerv1.Event, *aerv1.DeadLetter] {
	return func(yield func(*aerv1.Event, *aerv1.DeadLetter) bool) {
		for ev, letter := range all {
			if !yield(ev, letter) || fn.Intake.draining() {
				return
			}
		}
	}
}

// peek is the next record, an event or a dead letter; ok is false if there is none.
func (r *fileReader) peek() (ev *aerv1.Event, letter *aerv1.DeadLetter, ok bool) {
	if !r.peeked {
		r.event, r.letter, r.ok = r.next()
		r.peeked = true
	}
	return r.event, r.letter, r.ok
}

// take goes on behind the record that peek gave.
func (r *fileReader) take() { r.read, r.peeked = r.read+1, false }

// count counts what could not be read since it was called last.
func (r *fileReader) count(ctx context.Context, in *intake) {
	now := r.files.Unreadable()
	in.countUnreadable(ctx, &now, &r.unreadable)
	r.unreadable = now
}

// end closes the reader and says why reading stopped early, if it did.
func (r *fileReader) end() error { return errors.Join(r.files.Err(), r.Close()) }

// Close implements io.Closer.
func (r *fileReader) Close() error {
	r.stop()
	return r.files.Close()
}
