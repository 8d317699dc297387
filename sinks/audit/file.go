package audit

import (
	"context"

	"github.com/aer-project/aer/sinks/audit/trail"
)

// file is a file of one record a line, each key once.
type file struct{ *trail.Lines }

// openFile opens or creates the file.
func openFile(path string, key func(data []byte) string) (file, error) {
	l, err := trail.OpenLines(path, key)
	return file{l}, err
}

func (f file) put(_ context.Context, l line) error { return f.Put(l.key, l.data) }
