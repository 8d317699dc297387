// SPDX-License-Identifier: Apache-2.0

package event

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"runtime"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Stdin is the path that stands for standard input.
const Stdin = "-"

// aheadFilesMax is how many files together are decoded ahead of time at most: each takes 1 MB of memory for it, and a
// folder may have thousands.
const aheadFilesMax = 32

// Files reads several files as one stream, merged by event time. If each file is in order of time, or newest first, the
// stream is in order; events with the same time come in the order of the files. A file out of order comes through as it
// is: put Reorder behind.
type Files struct {
	inputs  []*Lines
	sources []source // the same, in order of time where they can be
	closers []io.Closer
	total   int64
	heads   queue[head] // the next event of each input
	pending []int       // inputs whose next event has not been read yet
}

// OpenFiles opens files of events; Stdin is standard input. Unless they are very many, they are decoded ahead of time
// on the cores that there are (GOMAXPROCS), from the first event asked for to the end or Close, a few chunks of each
// file. It fails if one cannot be opened, and then has closed the others.
func OpenFiles(paths []string, opt Options) (*Files, error) {
	f := &Files{}
	for i, path := range paths {
		if err := f.open(path, opt); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		f.pending = append(f.pending, i)
	}
	if cores := runtime.GOMAXPROCS(0); cores > 1 && len(f.inputs) <= aheadFilesMax {
		for _, in := range f.inputs {
			in.workers = max(1, cores/len(f.inputs))
		}
	}
	return f, nil
}

func (f *Files) open(path string, opt Options) error {
	if path == Stdin {
		f.add(NewLines(os.Stdin, "stdin", opt), false)
		f.total = -1
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("opening events: %w", err)
	}
	f.closers = append(f.closers, file)
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("opening events: %w", err)
	}
	if info.IsDir() {
		return fmt.Errorf("opening events: %s is a directory: want a file of events", path)
	}
	if !info.Mode().IsRegular() || f.total < 0 {
		f.total = -1
	} else {
		f.total += info.Size()
	}
	f.add(NewLines(file, path, opt), info.Mode().IsRegular())
	return nil
}

func (f *Files) add(in *Lines, ahead bool) {
	f.inputs = append(f.inputs, in)
	if ahead {
		f.sources = append(f.sources, &turned{in: in, max: newestFirstMax})
	} else {
		f.sources = append(f.sources, in)
	}
}

// Merge reads several readers as one stream, as Files does with files. Their readers are not closed.
func Merge(inputs ...*Lines) *Files {
	f := &Files{total: -1}
	for i, in := range inputs {
		f.add(in, false)
		f.pending = append(f.pending, i)
	}
	return f
}

// Close closes the files and ends what reads ahead in them. It may be called before the end, which then has come.
func (f *Files) Close() error {
	var errs []error
	for _, in := range f.inputs {
		in.close()
	}
	for _, c := range f.closers {
		errs = append(errs, c.Close())
	}
	f.closers = nil
	return errors.Join(errs...)
}

// Progress tells how many bytes of how many were read, compressed as they are in the files; total is -1 if it is
// unknown (standard input, pipes). It may be called at any time from another goroutine.
func (f *Files) Progress() (read, total int64) {
	for _, in := range f.inputs {
		read += in.BytesRead()
	}
	return read, f.total
}

// Unreadable counts what could not be read of the events so far; an event counts when it is read, before it is its
// turn.
func (f *Files) Unreadable() Unreadable {
	var sum Unreadable
	for _, in := range f.inputs {
		sum.Add(in.Unreadable())
	}
	return sum
}

// Err tells why reading stopped early, nil if it did not. One unreadable file does not keep the others from being read.
func (f *Files) Err() error {
	var errs []error
	for _, in := range f.inputs {
		errs = append(errs, in.Err())
	}
	return errors.Join(errs...)
}

// All yields every event, in order of time as far as the files are, and every dead letter when it is met; one of the
// two is nil. After it, check Err.
func (f *Files) All() iter.Seq2[*aerv1.Event, *aerv1.DeadLetter] {
	return all(f.Next)
}

// Next gives the next event or dead letter; false is the end.
func (f *Files) Next() (*aerv1.Event, *aerv1.DeadLetter, bool) {
	if len(f.sources) == 1 {
		return f.sources[0].Next()
	}
	if dead := f.refill(); dead != nil {
		return nil, dead, true
	}
	if len(f.heads) == 0 {
		return nil, nil, false
	}
	h := f.heads.pop()
	f.pending = append(f.pending, h.input)
	return h.ev, nil, true
}

// refill reads the next event of every pending input. It stops at a dead letter and returns it; the next call goes on
// there.
func (f *Files) refill() *aerv1.DeadLetter {
	for ; len(f.pending) > 0; f.pending = f.pending[1:] {
		input := f.pending[0]
		ev, dead, ok := f.sources[input].Next()
		if dead != nil {
			return dead
		}
		if ok {
			f.heads.push(head{ev, input})
		}
	}
	return nil
}

// head is the next event of an input.
type head struct {
	ev    *aerv1.Event
	input int
}

// Before orders heads by time, then input.
func (h head) Before(than head) bool {
	return cmp.Or(compareTime(h.ev, than.ev), cmp.Compare(h.input, than.input)) < 0
}
