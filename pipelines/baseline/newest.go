// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/encoding/protowire"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse/sqlgen"
	"github.com/aer-project/aer/transforms/activity"
)

// newestDay keeps what the newest UTC day taught, in a file: nearly no version of a rolling history stands on it, and a
// file costs a fraction of rows in a warehouse. A stream of one day needs no warehouse at all.
type newestDay struct {
	dir  string
	day  int64 // its start, Unix milliseconds
	file *os.File
	out  *bufio.Writer
	buf  []byte
}

func newNewestDay(dir string) *newestDay { return &newestDay{dir: dir, day: math.MinInt64} }

func dayOf(ms int64) int64 { return activity.WindowStartMS(ms, day.Milliseconds()) }

// begin starts a day without rows.
func (n *newestDay) begin(d int64) (err error) {
	n.day = d
	if n.file == nil {
		if n.file, err = os.CreateTemp(n.dir, "newest-*"); err != nil {
			return err
		}
		n.out = bufio.NewWriterSize(n.file, 1<<20)
	}
	if err := n.file.Truncate(0); err != nil {
		return fmt.Errorf("keeping the newest day: %w", err)
	}
	_, err = n.file.Seek(0, io.SeekStart)
	return err
}

func (n *newestDay) put(s *aerv1.Slice) error {
	size := s.SizeVT()
	n.buf = protowire.AppendVarint(n.buf[:0], uint64(size))
	head := len(n.buf)
	n.buf = slices.Grow(n.buf, size)[:head+size]
	_, err := s.MarshalToSizedBufferVT(n.buf[head:])
	if err == nil {
		_, err = n.out.Write(n.buf)
	}
	if err != nil {
		return fmt.Errorf("keeping the newest day: %w", err)
	}
	return nil
}

// take hands out the rows of the day, in the order in which they came.
func (n *newestDay) take(to func(*aerv1.Slice) error) error {
	if n.file == nil {
		return nil
	}
	if err := n.out.Flush(); err != nil {
		return fmt.Errorf("keeping the newest day: %w", err)
	}
	if _, err := n.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("reading the newest day: %w", err)
	}
	in := bufio.NewReaderSize(n.file, 1<<20)
	for {
		s := &aerv1.Slice{}
		switch err := protodelim.UnmarshalFrom(in, s); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("reading the newest day: %w", err)
		}
		if err := to(s); err != nil {
			return err
		}
	}
}

// teaches says whether any version for a day from first to last stands on the newest day: that of the day after it, if
// there are events, and its own where it is compared with days that are old enough. Without days that wait all rows
// are taken anyway.
func (n *newestDay) teaches(first, last time.Time) bool {
	if n == nil {
		return false
	}
	return dayOf(last.UnixMilli()) > n.day || last.Sub(first) > sqlgen.DefaultLagDays*day
}

func (n *newestDay) close() error {
	if n.file == nil {
		return nil
	}
	return n.file.Close() // the folder goes as a whole
}
