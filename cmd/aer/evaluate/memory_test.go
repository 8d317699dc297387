// SPDX-License-Identifier: Apache-2.0

package evaluate

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// The names of accounts are lent with the text around them, of which nothing may stay in memory.
func TestAccountsKeepNoNeighbours(t *testing.T) {
	const accounts, around = 2000, 4 << 10
	e, before := New(nil, nil), heapBytes()
	for i := range accounts {
		text := fmt.Sprintf("user-%08d", i) + strings.Repeat("x", around)
		e.Event(text[13:14], text[:13], at(0, "12:00"))
	}
	if per := (heapBytes() - before) / accounts; per > around/4 {
		t.Errorf("an account takes %d bytes", per)
	}
	runtime.KeepAlive(e)
}

func heapBytes() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
