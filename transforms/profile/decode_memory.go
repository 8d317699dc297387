// SPDX-License-Identifier: Apache-2.0

package profile

import "reflect"

// blockBytes is how much memory for parts of profiles is allocated at once: few allocations, and yet what one profile
// keeps holds no more memory than that of a few dozens.
const blockBytes = 8 << 10

// block is memory that parts of many profiles are made in.
type block[T any] struct{ free []T }

// take is a list of n, for which a place of its own is found when it grows.
func (b *block[T]) take(n int) []T {
	if n > len(b.free) {
		full := max(1, blockBytes/int(reflect.TypeFor[T]().Size()))
		if n > full/4 {
			return make([]T, n)
		}
		b.free = make([]T, full)
	}
	list := b.free[:n:n]
	b.free = b.free[n:]
	return list
}

// one is a single part.
func (b *block[T]) one() *T { return &b.take(1)[0] }
