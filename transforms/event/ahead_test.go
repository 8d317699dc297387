// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

// genFile draws a file of records and whatever else may be in one.
func genFile(t *rapid.T) string {
	var file strings.Builder
	if rapid.IntRange(0, 4).Draw(t, "array") == 0 {
		file.WriteString("[\n")
	}
	for i := range rapid.IntRange(0, 40).Draw(t, "lines") {
		switch rapid.IntRange(0, 9).Draw(t, "kind") {
		case 0:
			file.WriteString(with(fmt.Sprintf(`"client":{"ip":"no address %d"}`, i)))
		case 1:
			file.WriteString("{\"entries\":[\n  " + numbered(i) + ",\n" + benchSlack + "\n]}")
		case 2:
			file.WriteString(`{"id":` + "\n" + `"x",` + "\n")
		case 3:
			file.WriteString(with(`"note":"` + strings.Repeat("x", rapid.IntRange(0, 3*chunkSize).Draw(t, "long")) + `"`))
		case 4:
			file.WriteString(rapid.SampledFrom([]string{"", " ", "]", "{", "nonsense", "\r", "\xff", `{"id":`}).Draw(t, "odd"))
		case 5:
			file.WriteString(numbered(i) + ",")
		default:
			file.WriteString(numbered(i))
		}
		file.WriteString(rapid.SampledFrom([]string{"\n", "\n", "\n", "\r\n", "\n\n"}).Draw(t, "end"))
	}
	return strings.TrimSuffix(file.String(), rapid.SampledFrom([]string{"\n", ""}).Draw(t, "cut"))
}

// fileOutcome is all that reading a file gives.
func fileOutcome(l *Lines) string {
	return drain(l.Next) + fmt.Sprint(" ", l.Err(), l.Unreadable(), l.BytesRead())
}

// However a file comes in, and on however many cores it is decoded, the same comes of it.
func TestAheadIsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		file := genFile(t)
		opt := Options{MaxMessageBytes: rapid.SampledFrom([]int{0, chunkSize / 2, chunkSize, 2 * chunkSize}).Draw(t, "max")}
		end := rapid.SampledFrom([]error{io.EOF, errors.New("broken")}).Draw(t, "error")
		in := func() io.Reader { return io.MultiReader(strings.NewReader(file), iotest.ErrReader(end)) }
		want := fileOutcome(NewLines(in(), "f", opt))
		for name, r := range map[string]io.Reader{
			"halves": iotest.HalfReader(in()), "error with data": iotest.DataErrReader(in()),
			"small pieces": &smallReader{in(), 1000},
		} {
			if got := fileOutcome(NewLines(r, "f", opt)); got != want {
				t.Fatalf("%s:\ngot  %s\nwant %s", name, got, want)
			}
		}
		for _, workers := range []int{1, 3} {
			l := NewLines(in(), "f", opt)
			l.workers = workers
			if got := fileOutcome(l); got != want {
				t.Fatalf("%d workers:\ngot  %s\nwant %s", workers, got, want)
			}
		}
	})
}

// smallReader gives at most n bytes at a time.
type smallReader struct {
	r io.Reader
	n int
}

func (s *smallReader) Read(p []byte) (int, error) { return s.r.Read(p[:min(len(p), s.n)]) }

// What reads ahead ends with the file, and when the file is closed before its end.
func TestAheadEnds(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	path := filepath.Join(t.TempDir(), "events.ndjson")
	if err := os.WriteFile(path, bytes.Repeat([]byte(minimal+"\n"), 20_000), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, stopAt := range []int{0, 1, 10_000, 20_000} {
		files, err := OpenFiles([]string{path, path}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range files.inputs {
			in.workers = 2 // also on a machine with one core
		}
		for range stopAt {
			if _, _, ok := files.Next(); !ok {
				t.Fatal("the files end early")
			}
		}
		if err := errors.Join(files.Close(), files.Close(), files.Err()); err != nil {
			t.Error(err)
		}
		if _, _, ok := files.Next(); ok && stopAt == 0 {
			t.Error("something comes of files that are closed")
		}
	}
}

// What is read ahead is bounded for all files together: a folder of thousands takes no more than each file in turn.
func TestVeryManyFilesAreNotReadAhead(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2)) // also on a machine with one core
	path := filepath.Join(t.TempDir(), "events.ndjson")
	if err := os.WriteFile(path, []byte(minimal+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{aheadFilesMax, aheadFilesMax + 1} {
		files, err := OpenFiles(slices.Repeat([]string{path}, n), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range files.inputs {
			if ahead := n <= aheadFilesMax; ahead != (in.workers > 0) {
				t.Fatalf("one of %d files has %d workers: want some is %t", n, in.workers, ahead)
			}
		}
		if err := files.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A stream comes through as it goes: nothing waits for a chunk to be full.
func TestLinesDoNotWait(t *testing.T) {
	for _, workers := range []int{0, 2} {
		r, w := io.Pipe()
		l := NewLines(r, "f", Options{})
		l.workers = workers
		for i := range 3 {
			go func() { _, _ = io.WriteString(w, numbered(i)+"\n") }()
			if ev, _, ok := l.Next(); !ok || ev.Id != fmt.Sprintf("e-%d", i) {
				t.Errorf("%d workers: record %d is %v", workers, i, ev)
			}
		}
		_ = w.Close()
		if _, _, ok := l.Next(); ok || l.Err() != nil {
			t.Errorf("%d workers: no end after the end (%v)", workers, l.Err())
		}
	}
}
