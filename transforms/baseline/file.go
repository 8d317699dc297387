package baseline

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/klauspost/compress/zstd"
	"google.golang.org/protobuf/encoding/protodelim"
)

// DefaultRefresh is how often a worker looks for new versions in a file that is written once a day.
const DefaultRefresh = 5 * time.Minute

// File serves the versions of a file and follows its changes: Refresh reads it again when it was modified, and keeps the
// last good versions when it cannot be read. Safe for concurrent use; Refresh by one goroutine at a time.
type File struct {
	path     string
	versions atomic.Pointer[Versions]
	modified time.Time
	checked  time.Time
}

// OpenFile reads a file of versions as Write wrote them.
func OpenFile(path string) (*File, error) {
	f := &File{path: path}
	if _, err := f.load(); err != nil {
		return nil, err
	}
	return f, nil
}

// At is the version valid at t, or nil.
func (f *File) At(t time.Time) *Index { return f.versions.Load().At(t) }

// Refresh reads the file again if DefaultRefresh has passed since the last look and it was modified. On an error the
// last good versions stay.
func (f *File) Refresh(now time.Time) (changed bool, err error) {
	if now.Sub(f.checked) < DefaultRefresh {
		return false, nil
	}
	f.checked = now
	return f.load()
}

func (f *File) load() (changed bool, err error) {
	info, err := os.Stat(f.path)
	if err != nil {
		return false, fmt.Errorf("opening baseline: %w", err)
	}
	if info.ModTime().Equal(f.modified) {
		return false, nil
	}
	if info.Size() == 0 {
		return false, fmt.Errorf("reading baseline %s: the file is empty, want at least one zstd frame: is it being written?", f.path)
	}
	in, err := os.Open(f.path)
	if err != nil {
		return false, fmt.Errorf("opening baseline: %w", err)
	}
	defer in.Close()
	list, err := Read(in)
	if err != nil {
		return false, fmt.Errorf("reading baseline %s: %w", f.path, err)
	}
	f.versions.Store(NewVersions(list))
	f.modified = info.ModTime()
	return true, nil
}

// Write writes versions as length-delimited protobuf messages, compressed with zstd.
func Write(w io.Writer, versions ...*aerv1.Baseline) error {
	z, err := zstd.NewWriter(w)
	if err != nil {
		return fmt.Errorf("compressing baselines: %w", err)
	}
	for _, v := range versions {
		if _, err := protodelim.MarshalTo(z, v); err != nil {
			return fmt.Errorf("writing baseline %s: %w", v.Version, err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("compressing baselines: %w", err)
	}
	return nil
}
