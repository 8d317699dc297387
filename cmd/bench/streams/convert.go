// SPDX-License-Identifier: Apache-2.0

package streams

import (
	"bufio"
	"errors"
	"fmt"
	"os"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/event"
)

// Convert reads events in any form that AER reads and writes them as native JSON, and the first of them to part as
// well.
func Convert(in, native, part string, first int) (err error) {
	files, err := event.OpenFiles([]string{in}, event.Options{})
	if err != nil {
		return err
	}
	all, err := create(native)
	if err != nil {
		return errors.Join(err, files.Close())
	}
	some, err := create(part)
	if err != nil {
		return errors.Join(err, files.Close(), all.close())
	}
	defer func() { err = errors.Join(err, files.Close(), all.close(), some.close()) }()
	n := 0
	for ev, dead := range files.All() {
		if dead != nil {
			return fmt.Errorf("converting %s: %s", in, dead.GetDetail())
		}
		line, err := aerv1.MarshalJSONLine(ev)
		if err != nil {
			return err
		}
		line = append(line, '\n')
		if _, err := all.w.Write(line); err != nil {
			return err
		}
		if n++; n > first {
			continue
		}
		if _, err := some.w.Write(line); err != nil {
			return err
		}
	}
	return files.Err()
}

type file struct {
	f *os.File
	w *bufio.Writer
}

func create(path string) (*file, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &file{f, bufio.NewWriterSize(f, 1<<20)}, nil
}

func (f *file) close() error { return errors.Join(f.w.Flush(), f.f.Close()) }
