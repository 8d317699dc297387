// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"context"
	"path/filepath"

	"github.com/aer-project/aer/sinks/audit/trail"
	"github.com/aer-project/aer/transforms/strict"
)

// file is a file of one record a line, each key once.
type file struct{ *trail.Lines }

func (c SinkConfig) validateFile() error {
	var k strict.Check
	k.Filled("path", c.Path, "the path of a file")
	return k.Err()
}

// openFile opens or creates the file; a relative path starts in dir.
func openFile(_ context.Context, c SinkConfig, dir string) (lines, error) {
	if filepath.IsAbs(c.Path) {
		dir = ""
	}
	l, err := trail.OpenLines(filepath.Join(dir, c.Path), c.Format.key)
	if err != nil {
		return nil, err
	}
	return file{l}, nil
}

func (f file) put(_ context.Context, l line) error { return f.Put(l.key, l.data) }
