// SPDX-License-Identifier: Apache-2.0

package trail

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// Lines is a file of one record a line, each key once. Lines are never removed, except a last one that was cut short.
// It is not rotated: what does that must move the file and restart the process, since a file that is cut while it is
// open loses what is known of its lines.
type Lines struct {
	mu   sync.Mutex
	f    *os.File
	size int64 // how far the file is good: a write that failed half-way is written over by the next
	have map[string]bool
}

// OpenLines opens or creates the file, notes what it holds and cuts off a last line that a crash left incomplete. key
// reads the key of a line, "" if it is not one of ours.
func OpenLines(path string, key func(line []byte) string) (*Lines, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("opening audit file: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening audit file: %w", err)
	}
	l := &Lines{f: f, have: map[string]bool{}}
	if err := l.load(key); err != nil {
		return nil, errors.Join(fmt.Errorf("opening audit file %s: %w", path, err), f.Close())
	}
	return l, nil
}

func (l *Lines) load(key func([]byte) string) error {
	r := bufio.NewReader(l.f)
	for {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return l.f.Truncate(l.size)
		}
		if err != nil {
			return err
		}
		l.size += int64(len(line))
		if k := key(line); k != "" {
			l.have[k] = true
		}
	}
}

// Put adds a record unless the file has its key.
func (l *Lines) Put(key string, record []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.have[key] {
		return nil
	}
	line := append(bytes.Clone(record), '\n')
	if _, err := l.f.WriteAt(line, l.size); err != nil {
		return fmt.Errorf("appending to audit file: %w", err)
	}
	if err := l.f.Sync(); err != nil {
		return fmt.Errorf("appending to audit file: %w", err)
	}
	l.size += int64(len(line))
	l.have[key] = true
	return nil
}

// Close closes the file.
func (l *Lines) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.f.Close()
}
