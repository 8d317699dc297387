// SPDX-License-Identifier: Apache-2.0

package replay

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// files writes results as they come, so that memory does not grow with them.
type files struct {
	anomalies, decisions, dead *file
}

type file struct {
	f *os.File
	w *bufio.Writer
}

func openFiles(dir string) (*files, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of results: %w", err)
	}
	var errs []error
	open := func(name string) *file {
		f, err := os.Create(filepath.Join(dir, name))
		errs = append(errs, err)
		return &file{f, bufio.NewWriter(f)}
	}
	out := &files{open("anomalies.ndjson"), open("decisions.ndjson"), open("dead_letters.ndjson")}
	if err := errors.Join(errs...); err != nil {
		return nil, errors.Join(fmt.Errorf("opening results: %w", err), out.close())
	}
	return out, nil
}

func (o *files) Anomaly(a *aerv1.Anomaly) error       { return o.anomalies.line(a) }
func (o *files) Decision(d *aerv1.Decision) error     { return o.decisions.line(d) }
func (o *files) DeadLetter(d *aerv1.DeadLetter) error { return o.dead.line(d) }

func (f *file) line(m proto.Message) error {
	line, err := aerv1.MarshalJSONLine(m)
	if err != nil {
		return err
	}
	_, err = f.w.Write(append(line, '\n'))
	return err
}

func (o *files) close() error {
	var errs []error
	for _, f := range []*file{o.anomalies, o.decisions, o.dead} {
		if f.f != nil {
			errs = append(errs, f.w.Flush(), f.f.Close())
		}
	}
	return errors.Join(errs...)
}
