// SPDX-License-Identifier: Apache-2.0

package perturb

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/aer-project/aer/schemas/ndjson"
)

// lineMax bounds a line in bytes, as reading events does.
const lineMax = 16 << 20

// line is one record as it stands in its file, without the line feed.
type line struct {
	raw []byte
	// at is its event time; a line that is no event has that of the line before it.
	at time.Time
	// event is nil for a line that is no native event.
	event *members
}

// input is one file.
type input struct {
	path string
	scan *bufio.Scanner
	// n is the number of the line read last; head is that line, which was not given out yet.
	n    int
	head line
}

func (i *input) next() (line, error) {
	for i.scan.Scan() {
		i.n++
		if len(bytes.TrimSpace(i.scan.Bytes())) == 0 {
			continue
		}
		l := line{raw: bytes.Clone(i.scan.Bytes()), at: i.head.at}
		if m, err := parse(l.raw); err == nil {
			l.event, l.at = m, m.time
		}
		return l, nil
	}
	if err := i.scan.Err(); err != nil {
		return line{}, fmt.Errorf("%s:%d: %w", i.path, i.n+1, err)
	}
	return line{}, io.EOF
}

// wholeLines is bufio.ScanLines without taking a carriage return away: what is not damaged stays as it is.
func wholeLines(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

// merged reads several files as one stream, by time as far as each is in order.
type merged struct {
	// inputs are those that are not at their end.
	inputs []*input
	files  []io.Closer
	// read is the text given out, in bytes.
	read int64
}

func open(paths []string) (*merged, error) {
	m := &merged{}
	for _, p := range paths {
		f, err := ndjson.Open(p)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("opening events: %w", err), m.close())
		}
		m.files = append(m.files, f)
		if err := m.add(p, f); err != nil {
			return nil, errors.Join(err, m.close())
		}
	}
	return m, nil
}

func (m *merged) add(path string, r io.Reader) error {
	i := &input{path: path, scan: bufio.NewScanner(r)}
	i.scan.Buffer(make([]byte, 1<<16), lineMax)
	i.scan.Split(wholeLines)
	m.inputs = append(m.inputs, i)
	return m.advance(len(m.inputs) - 1)
}

// advance reads the next line of an input.
func (m *merged) advance(n int) (err error) {
	i := m.inputs[n]
	if i.head, err = i.next(); errors.Is(err, io.EOF) {
		m.inputs, err = slices.Delete(m.inputs, n, n+1), nil
	}
	return err
}

// next returns the line of the lowest time among the files' next lines; io.EOF is the end.
func (m *merged) next() (line, error) {
	if len(m.inputs) == 0 {
		return line{}, io.EOF
	}
	first := 0
	for n, i := range m.inputs {
		if i.head.at.Before(m.inputs[first].head.at) {
			first = n
		}
	}
	l := m.inputs[first].head
	m.read += int64(len(l.raw)) + 1
	return l, m.advance(first)
}

func (m *merged) close() (err error) {
	for _, f := range m.files {
		err = errors.Join(err, f.Close())
	}
	return err
}
