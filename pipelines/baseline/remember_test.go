// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// The events of one person are held until all are read, and nothing of the events between them.
func TestRememberingKeepsNoNeighbours(t *testing.T) {
	const own, between = 1000, 12
	var lines []string
	for n := range own * between {
		user := "ada"
		if n%between > 0 {
			user = fmt.Sprintf("%0200d", n) // ids as long as they may be fill a decoder's memory soon
		}
		lines = append(lines, line(user, 0, n))
	}
	in := files(t, t.TempDir(), lines)
	var kept []string
	in.Enrich = func(ev *aerv1.Event) { kept = append(kept, ev.Id, ev.SessionId) }
	before := heapBytes()
	p, err := Remember(in, "O", "ada", monday.AddDate(1, 0, 0))
	if err != nil || p == nil || len(kept) != 2*own {
		t.Fatalf("%v of %d texts: %v", p, len(kept), err)
	}
	if per := (heapBytes() - before) / own; per > 1<<10 {
		t.Errorf("a remembered event takes %d bytes", per)
	}
	runtime.KeepAlive(strings.Join(kept, ""))
}

func heapBytes() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
