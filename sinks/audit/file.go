package audit

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/aer-project/aer/transforms/strict"
)

// file is a file of one record a line, each key once. It is not rotated: what does that must move the file and restart the
// process, since a file that is cut while it is open loses what is known of its lines.
type file struct {
	mu   sync.Mutex
	f    *os.File
	size int64 // how far the file is good: a write that failed half-way is written over by the next
	have map[string]bool
}

func (c SinkConfig) validateFile() error {
	var k strict.Check
	k.Filled("path", c.Path, "the path of a file")
	return k.Err()
}

func openAt(_ context.Context, c SinkConfig, dir string) (lines, error) {
	if filepath.IsAbs(c.Path) {
		dir = ""
	}
	f, err := openFile(filepath.Join(dir, c.Path), c.Format.key)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// openFile opens or creates the file, notes what it holds and cuts off a last line that a crash left incomplete.
func openFile(path string, key func(data []byte) string) (*file, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("opening audit file: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening audit file: %w", err)
	}
	a := &file{f: f, have: map[string]bool{}}
	if err := a.load(key); err != nil {
		return nil, errors.Join(fmt.Errorf("opening audit file %s: %w", path, err), f.Close())
	}
	return a, nil
}

func (a *file) load(key func(data []byte) string) error {
	r := bufio.NewReader(a.f)
	for {
		data, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return a.f.Truncate(a.size)
		}
		if err != nil {
			return err
		}
		a.size += int64(len(data))
		if k := key(data); k != "" { // a line that is not ours is left alone
			a.have[k] = true
		}
	}
}

func (a *file) put(_ context.Context, l line) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.have[l.key] {
		return nil
	}
	data := append(bytes.Clone(l.data), '\n')
	if _, err := a.f.WriteAt(data, a.size); err != nil {
		return fmt.Errorf("appending to audit file: %w", err)
	}
	if err := a.f.Sync(); err != nil {
		return fmt.Errorf("appending to audit file: %w", err)
	}
	a.size += int64(len(data))
	a.have[l.key] = true
	return nil
}

// Close closes the file.
func (a *file) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.f.Close()
}
