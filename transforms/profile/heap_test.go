// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"runtime"
	"slices"
	"testing"
)

// TestProfilesAreSmallInMemory: all as they have grown, and the tenth in the middle as they are loaded. What is meant
// are three times 600 and 1,000 B, which are the most that they may take encoded.
func TestProfilesAreSmallInMemory(t *testing.T) {
	const mostMedian, mostMean, users = 3 * 600, 3 * 1000, 4000
	var sh, loaded *Shard
	mean := heapOf(func() { sh = sparse(users) }) / sh.Len()
	all := slices.Collect(sh.table.all())
	size := map[*Profile]int{}
	for _, p := range all {
		raw, err := p.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		size[p] = len(raw)
	}
	slices.SortFunc(all, func(a, b *Profile) int { return size[a] - size[b] })
	middle := NewShard()
	for _, p := range all[len(all)*9/20 : len(all)*11/20] {
		middle.table.put(p)
	}
	chunks := Chunks(t, middle)
	median := heapOf(func() {
		var err error
		if loaded, err = LoadShard(chunks); err != nil {
			t.Fatal(err)
		}
	}) / middle.Len()
	t.Logf("%d B in the median, which is encoded in %d; %d in the mean", median, size[all[len(all)/2]], mean)
	if median > mostMedian || mean > mostMean {
		t.Errorf("a profile takes %d B in the median and %d in the mean, at most %d and %d are meant", median, mean,
			mostMedian, mostMean)
	}
	runtime.KeepAlive(sh)
	runtime.KeepAlive(loaded)
}

// heapOf is how many bytes of memory do leaves behind.
func heapOf(do func()) int {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	do()
	runtime.GC()
	runtime.ReadMemStats(&after)
	return int(after.HeapAlloc) - int(before.HeapAlloc)
}
