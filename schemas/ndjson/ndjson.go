// SPDX-License-Identifier: Apache-2.0

// Package ndjson reads files of one JSON object a line, plain or compressed, and says file and line when one is bad.
package ndjson

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// lineMax bounds a line in bytes: an event is limited to a megabyte, a baseline or truth row is far smaller.
const lineMax = 16 << 20

// Open opens a file for reading, unpacking gzip and zstd by their magic bytes, whatever the name.
func Open(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err // the error names the operation and the path
	}
	buffered := bufio.NewReaderSize(f, 1<<16)
	magic, err := buffered.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		f.Close()
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	r, err := unpack(buffered, magic)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("unpacking %s: %w", path, err)
	}
	return &file{Reader: r, f: f}, nil
}

func unpack(r *bufio.Reader, magic []byte) (io.Reader, error) {
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		return gzip.NewReader(r)
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
	}
	return r, nil
}

type file struct {
	io.Reader
	f *os.File
}

// Close closes the file and frees the decompressor.
func (f *file) Close() error {
	if d, ok := f.Reader.(*zstd.Decoder); ok {
		d.Close()
	}
	return f.f.Close()
}

// Each calls do with each line of the file that is not blank. The slice is valid during the call only. An error of do
// stops the reading and comes back with file and line.
func Each(path string, do func(line []byte) error) error {
	r, err := Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 1<<16), lineMax)
	n := 0
	for s.Scan() {
		n++
		if len(bytes.TrimSpace(s.Bytes())) == 0 {
			continue
		}
		if err := do(s.Bytes()); err != nil {
			return fmt.Errorf("%s:%d: %w", path, n, err)
		}
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("%s:%d: %w", path, n+1, err)
	}
	return nil
}

// EachMessage calls do with each message of a file. The message is a new one every time. A file that does not exist is
// an error.
func EachMessage[M any, P interface {
	*M
	proto.Message
}](path string, do func(P)) error {
	return Each(path, func(line []byte) error {
		m := P(new(M))
		if err := aerv1.UnmarshalJSONLine(line, m); err != nil {
			return err
		}
		do(m)
		return nil
	})
}

// Exists says whether a file is there at all.
func Exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
