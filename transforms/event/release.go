// SPDX-License-Identifier: Apache-2.0

package event

import (
	"sync"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// blocks are the events that were given back, with room for all their parts.
var blocks = sync.Pool{New: func() any { return new(aerv1.EventBlock) }}

// Release gives an event back to the decoders, which use its memory for another. The caller is the last to hold it:
// nobody keeps a pointer to the event, its client, object, times or bytes, and nobody gives it back again, for by then
// it may be another's. Its texts may be kept. An event that no decoder made stays as it is. Who gives none back only
// costs the garbage collector.
func Release(ev *aerv1.Event) {
	if b := aerv1.BlockOf(ev); b != nil {
		b.Clear()
		blocks.Put(b)
	}
}
