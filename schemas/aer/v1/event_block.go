// SPDX-License-Identifier: Apache-2.0

package aerv1

import (
	"unsafe"

	"google.golang.org/protobuf/types/known/timestamppb"
)

// EventBlock is an event and room for all its parts in one piece of memory, which can be used again. Its maker sets the
// pointers of Event to the parts that the event has.
type EventBlock struct {
	Event            Event
	Client           Client
	Object           Object
	Time, CookieTime timestamppb.Timestamp
	Bytes            uint64

	mark [1]byte
}

// Lend makes BlockOf know the block by its event. The event then carries a mark where a message keeps fields that its
// version does not know: no such field, but a slice of length 0 of its own block. A copy of the event that protobuf
// makes has none, and a copy of the struct would have another's.
func (b *EventBlock) Lend() *Event {
	b.Event.unknownFields = b.mark[:0]
	return &b.Event
}

// BlockOf gives the block that an event is part of, nil for an event that was made otherwise or whose block has been
// cleared.
func BlockOf(ev *Event) *EventBlock {
	if ev == nil || cap(ev.unknownFields) != 1 {
		return nil
	}
	// Only Lend makes an event with a slice of the memory behind itself, so the event is the first field of a block.
	mark := unsafe.Add(unsafe.Pointer(ev), unsafe.Offsetof(EventBlock{}.mark)) //nolint:gosec // compared, not read
	if unsafe.Pointer(unsafe.SliceData(ev.unknownFields)) != mark {            //nolint:gosec // compared, not read
		return nil
	}
	return (*EventBlock)(unsafe.Pointer(ev)) //nolint:gosec // see above
}

// Clear makes the block as good as new: no part of it is known and nothing lent.
func (b *EventBlock) Clear() { *b = EventBlock{} }
