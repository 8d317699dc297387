// SPDX-License-Identifier: Apache-2.0

package warehouse

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// maxLineBytes bounds what ReadNDJSON accepts: a slice at all its caps is far below it.
const maxLineBytes = 16 << 20

// NDJSON is a Writer that keeps one file <table>.ndjson per table in a directory, one message a line.
// Derived columns are not in the files: they follow from the message.
type NDJSON struct {
	dir string

	mu     sync.Mutex
	files  map[Table]*os.File
	closed bool
}

var _ Writer = (*NDJSON)(nil)

// OpenNDJSON opens or creates the directory. Existing files are appended to; a last line that a crash left without its
// newline is completed by one, so that it cannot swallow the next row.
func OpenNDJSON(dir string) (*NDJSON, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("creating warehouse directory: %w", err)
	}
	return &NDJSON{dir: dir, files: map[Table]*os.File{}}, nil
}

// Path is where a table's rows are.
func (w *NDJSON) Path(table Table) string { return filepath.Join(w.dir, string(table)+".ndjson") }

// Append renders all rows and hands them to the system in one write, so that concurrent readers see whole batches. The
// data survive the process at once, and the machine after Close.
func (w *NDJSON) Append(ctx context.Context, table Table, rows ...proto.Message) error {
	if _, err := Check(ctx, table, rows); err != nil {
		return err
	}
	var buf []byte
	for _, m := range rows {
		line, err := aerv1.MarshalJSONLine(m)
		if err != nil {
			return fmt.Errorf("appending to %s: %w", table, err)
		}
		buf = append(append(buf, line...), '\n')
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return ErrClosed
	}
	if len(buf) == 0 {
		return nil
	}
	f, err := w.file(table)
	if err != nil {
		return err
	}
	return appendAll(f, buf)
}

// appendAll writes buf at the end, or takes back what was written of it.
func appendAll(f *os.File, buf []byte) error {
	before, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("finding the end of %s: %w", f.Name(), err)
	}
	if _, err := f.Write(buf); err != nil {
		return errors.Join(fmt.Errorf("appending to %s: %w", f.Name(), err), f.Truncate(before))
	}
	return nil
}

func (w *NDJSON) file(table Table) (*os.File, error) {
	if f := w.files[table]; f != nil {
		return f, nil
	}
	f, err := os.OpenFile(w.Path(table), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", table, err)
	}
	if err := endLine(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	w.files[table] = f
	return f, nil
}

// endLine adds the newline that a crash in the middle of a line left out.
func endLine(f *os.File) error {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil || size == 0 {
		return err
	}
	last := []byte{0}
	if _, err := f.ReadAt(last, size-1); err != nil {
		return fmt.Errorf("reading the end of %s: %w", f.Name(), err)
	}
	if last[0] == '\n' {
		return nil
	}
	return appendAll(f, []byte{'\n'})
}

// Close syncs and closes the files.
func (w *NDJSON) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	var errs []error
	for table, f := range w.files {
		errs = append(errs, f.Sync(), f.Close())
		delete(w.files, table)
	}
	return errors.Join(errs...)
}

// ReadNDJSON calls f with every row of a table in the directory, in the order of the file. A missing file has no rows.
// For a line that cannot be read f gets (nil, an error that names file and line); what f returns decides whether
// reading goes on.
func ReadNDJSON(dir string, table Table, f func(proto.Message, error) error) error {
	spec, err := SpecOf(table)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, string(table)+".ndjson")
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("opening %s: %w", table, err)
	}
	defer file.Close()
	sc := bufio.NewScanner(file)
	sc.Buffer(make([]byte, 0, 64<<10), maxLineBytes)
	for n := 1; sc.Scan(); n++ {
		m := spec.Message.ProtoReflect().New().Interface()
		err := aerv1.UnmarshalJSONLine(sc.Bytes(), m)
		if err != nil {
			m, err = nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		if err := f(m, err); err != nil {
			return err
		}
	}
	if err := sc.Err(); err != nil {
		return fmt.Errorf("reading %s: %w", path, err)
	}
	return nil
}
