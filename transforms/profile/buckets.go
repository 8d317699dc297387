// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"cmp"
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// How far back calls, errors and bytes are counted: minutes for the short horizons, hours for the long ones.
const (
	minutesKept = 60
	hoursKept   = 7 * 24
)

// addBucket adds b to the bucket of its index and drops what is older than keep buckets before the newest.
func addBucket(list []*aerv1.Bucket, b *aerv1.Bucket, keep uint32) []*aerv1.Bucket {
	i, found := slices.BinarySearchFunc(list, b.Index, func(x *aerv1.Bucket, index uint32) int {
		return cmp.Compare(x.Index, index)
	})
	if found {
		sumBucket(list[i], b)
	} else {
		list = slices.Insert(list, i, b)
	}
	newest := list[len(list)-1].Index
	first := 0
	for uint64(list[first].Index)+uint64(keep) < uint64(newest) { // 64 bits: the sum must not wrap
		first++
	}
	return slices.Delete(list, 0, first)
}

func sumBucket(dst, src *aerv1.Bucket) {
	dst.CallsInteractive += src.CallsInteractive
	dst.CallsAutomated += src.CallsAutomated
	dst.Errors += src.Errors
	dst.DownloadBytes += src.DownloadBytes
	dst.Events += src.Events
}

// Sum adds up the last n buckets up to and including the one with the index end.
func Sum(list []*aerv1.Bucket, end, n uint32) *aerv1.Bucket {
	total := &aerv1.Bucket{Index: end}
	for _, b := range list {
		if b.Index <= end && uint64(b.Index)+uint64(n) > uint64(end) {
			sumBucket(total, b)
		}
	}
	return total
}
