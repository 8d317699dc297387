// SPDX-License-Identifier: Apache-2.0

package event

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// batchOf is an EventBatch of n events. The one numbered big has a text of that length.
func batchOf(t testing.TB, n, big, length int) string {
	t.Helper()
	var batch strings.Builder
	for i := 1; i <= n; i++ {
		ev := sample()
		ev.Id = fmt.Sprintf("e-%d", i)
		if i == big {
			ev.AppId = strings.Repeat("x", length)
		}
		batch.WriteString(wire(t, &aerv1.EventBatch{Events: []*aerv1.Event{ev}}))
	}
	return batch.String()
}

func TestFileOfProtobuf(t *testing.T) {
	const many = 5000
	var all []string
	for i := 1; i <= many; i++ {
		all = append(all, fmt.Sprintf("e-%d", i))
	}
	whole := strings.Join(all, " ")
	end := fmt.Sprintf("%s f:%d:bad_proto", whole, many+1)
	later := "\xaa\x06\x80\x80\x10" + strings.Repeat("x", 2*chunkSize) // field 101 of 256 KB
	plain, good := batchOf(t, many, 0, 0), batchOf(t, 3, 0, 0)
	for name, c := range map[string]struct {
		in, want string
	}{
		"many":              {plain, whole},
		"gzip":              {gzipped(t, plain), whole},
		"zstd":              {zstded(t, plain), whole},
		"larger than chunk": {batchOf(t, 3, 2, 3*chunkSize), "e-1 e-2 e-3"},
		"about a chunk":     {batchOf(t, 3, 2, chunkSize-70), "e-1 e-2 e-3"},
		"too large":         {batchOf(t, 3, 2, 2*DefaultMaxBytes), "e-1 f:2:too_large e-3"},
		"cut off":           {plain + good[:30], end},
		"cut off early":     {plain + good[:1], end},
		"something else":    {plain + minimal, end},
		"a broken event":    {good + "\xa2\x06\x02\x0a\x05" + good, "e-1 e-2 e-3 f:4:bad_proto e-1 e-2 e-3"},
		"later fields":      {good + "\x08\x07\x12\x03abc" + later + good, "e-1 e-2 e-3 e-1 e-2 e-3"},
		"a later cut off":   {good + "\x12\x09abc", "e-1 e-2 e-3 f:4:bad_proto"},
		"nothing":           {"", ""},
		"the tag alone":     {"\xa2\x06", "f:1:bad_proto"},
	} {
		readers := map[string]func() io.Reader{
			"whole":   func() io.Reader { return strings.NewReader(c.in) },
			"halves":  func() io.Reader { return iotest.HalfReader(strings.NewReader(c.in)) },
			"smaller": func() io.Reader { return &smallReader{strings.NewReader(c.in), 777} },
		}
		for how, reader := range readers {
			for _, workers := range []int{0, 2} {
				l := NewLines(reader(), "f", Options{})
				l.workers = workers
				if got := drain(l.Next); got != c.want || l.Err() != nil {
					t.Errorf("%s, %s, %d workers: %s, %v\nwant %s", name, how, workers, lastOf(got), l.Err(), lastOf(c.want))
				}
			}
		}
	}
	if got := drain(NewLines(strings.NewReader(good), "f", Options{Format: Native}).Next); strings.Contains(got, "e-1") {
		t.Errorf("a batch is read as another format: %s", got)
	}
}

// lastOf is the end of a long text.
func lastOf(s string) string { return s[max(0, len(s)-200):] }
