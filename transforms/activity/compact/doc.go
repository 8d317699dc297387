// SPDX-License-Identifier: Apache-2.0

// Package compact encodes batches of slices, as they cross shuffles and rest in logs, in a third of the bytes and a
// quarter of the time that their protobuf form takes.
//
// Most slices are of one event, and most of a slice's protobuf form repeats itself: the event's id four times, the time
// five times, the same few user agents in full. Here a text is written once per batch and then referred to (texts.go);
// well-known words and pieces of user agents are numbers from the start (words.go); ids that are UUIDs, hexadecimal or
// decimal are written as what they are; times are relative to the window; and what follows from the events that a slice
// names (its pace, the hashes of its calls, the ends of its facets) is not written at all.
//
// The form is exact: Decode gives an equal batch. It has no version of its own; whoever stores it says what it is, and
// what is written once is read for ever. So words.go is only ever appended to, and activity.Hash never changes.
//
// Encoding allocates the result alone, decoding one block for each kind of part. The texts of a decoded batch are pieces
// of one block: whoever keeps one for longer than the batch keeps a copy.
package compact
