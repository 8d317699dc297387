package perturb

import (
	"bufio"
	"bytes"
	"container/heap"
	"errors"
	"fmt"
	"io"
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
	file io.ReadCloser
	scan *bufio.Scanner
	n    int
	last time.Time
}

func (i *input) next() (line, error) {
	for i.scan.Scan() {
		i.n++
		if len(bytes.TrimSpace(i.scan.Bytes())) == 0 {
			continue
		}
		l := line{raw: bytes.Clone(i.scan.Bytes()), at: i.last}
		if m, err := parse(l.raw); err == nil {
			l.event, l.at = m, m.time
			i.last = m.time
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
	inputs  []*input
	pending []int
	heads   heads
	// read is the text given out, in bytes.
	read int64
}

func open(paths []string) (*merged, error) {
	m := &merged{}
	for n, p := range paths {
		f, err := ndjson.Open(p)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("opening events: %w", err), m.close())
		}
		m.add(p, f, n)
	}
	return m, nil
}

func (m *merged) add(path string, f io.ReadCloser, n int) {
	s := bufio.NewScanner(f)
	s.Buffer(make([]byte, 1<<16), lineMax)
	s.Split(wholeLines)
	m.inputs = append(m.inputs, &input{path: path, file: f, scan: s})
	m.pending = append(m.pending, n)
}

// next returns the line of the lowest time among the files' next lines; io.EOF is the end.
func (m *merged) next() (line, error) {
	for ; len(m.pending) > 0; m.pending = m.pending[1:] {
		n := m.pending[0]
		l, err := m.inputs[n].next()
		if errors.Is(err, io.EOF) {
			continue
		}
		if err != nil {
			return line{}, err
		}
		heap.Push(&m.heads, head{l, n})
	}
	if len(m.heads) == 0 {
		return line{}, io.EOF
	}
	h := heap.Pop(&m.heads).(head)
	m.pending = append(m.pending, h.input)
	m.read += int64(len(h.raw)) + 1
	return h.line, nil
}

func (m *merged) close() error {
	var errs []error
	for _, i := range m.inputs {
		errs = append(errs, i.file.Close())
	}
	return errors.Join(errs...)
}

// head is the next line of an input.
type head struct {
	line
	input int
}

// heads is a heap by time, then input.
type heads []head

func (h heads) Len() int { return len(h) }
func (h heads) Less(i, j int) bool {
	if c := h[i].at.Compare(h[j].at); c != 0 {
		return c < 0
	}
	return h[i].input < h[j].input
}
func (h heads) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *heads) Push(x any)   { *h = append(*h, x.(head)) }
func (h *heads) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = head{}
	*h = old[:len(old)-1]
	return last
}
