// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"context"
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

// File serves the versions of a file and follows its changes: Follow reads it again when it was modified, and keeps the
// last good versions when it cannot be read. Safe for concurrent use; Follow by one goroutine.
type File struct {
	path     string
	versions atomic.Pointer[Versions]
	read     os.FileInfo // of the file as it was read last
}

// OpenFile reads a file of versions as Write wrote them.
func OpenFile(path string) (*File, error) {
	f := &File{path: path}
	if _, err := f.load(); err != nil {
		return nil, err
	}
	return f, nil
}

// At is the version for t, or nil.
func (f *File) At(t time.Time) *Index { return f.versions.Load().At(t) }

// Follow looks for a new file at each tick until ctx ends. report hears of every change that was read, of the first
// failure in a row, and (changed or not) when a look succeeds again after a failure.
func (f *File) Follow(ctx context.Context, ticks <-chan time.Time, report func(changed bool, err error)) {
	failing := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}
		changed, err := f.load()
		switch {
		case err != nil && err.Error() == failing:
		case err != nil:
			failing = err.Error()
			report(false, err)
		case changed || failing != "":
			failing = ""
			report(changed, nil)
		}
	}
}

// load reads the file if it is another one than was read last. A file that is being written in place is an error, or is
// read again at the next look, because it has changed since.
func (f *File) load() (changed bool, err error) {
	in, err := os.Open(f.path)
	if err != nil {
		return false, fmt.Errorf("opening baseline: %w", err)
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return false, fmt.Errorf("opening baseline: %w", err)
	}
	if f.read != nil && os.SameFile(f.read, info) && info.ModTime().Equal(f.read.ModTime()) &&
		info.Size() == f.read.Size() {
		return false, nil
	}
	if info.Size() == 0 {
		return false,
			fmt.Errorf("reading baseline %s: the file is empty, want at least one zstd frame: is it being written?", f.path)
	}
	list, err := Read(in)
	if err != nil {
		return false, fmt.Errorf("reading baseline %s: %w", f.path, err)
	}
	f.versions.Store(NewVersions(list))
	f.read = info
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
