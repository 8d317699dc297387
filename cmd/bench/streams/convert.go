// SPDX-License-Identifier: Apache-2.0

package streams

import (
	"bufio"
	"errors"
	"fmt"
	"os"

	"google.golang.org/protobuf/encoding/protowire"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/event"
)

// Convert reads events in any form that AER reads and writes them as native JSON, the first of them to part as well,
// and as one protobuf batch.
func Convert(in, native, batch, part string, first int) (err error) {
	files, err := event.OpenFiles([]string{in}, event.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, files.Close()) }()
	var out [3]*file
	for i, path := range []string{native, part, batch} {
		if out[i], err = create(path); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, out[i].close()) }()
	}
	all, some, packed := out[0], out[1], out[2]
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
		raw, err := ev.MarshalVT()
		if err != nil {
			return err
		}
		raw = protowire.AppendBytes(protowire.AppendTag(nil, batchField, protowire.BytesType), raw)
		if _, err := packed.w.Write(raw); err != nil {
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

// batchField is the number of aer.v1.EventBatch.events.
const batchField = 100

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
