// SPDX-License-Identifier: Apache-2.0

// Package local drives the same core as the Beam pipeline in plain Go: events in, findings out, on one machine.
//
// Events may come in any order within Config.Lateness; what comes later still counts, at once and marked late, and
// is counted. How far time has come is what several users show (package watermark), and at the end everything is
// judged. The result depends neither on that order nor on the number of workers: each user belongs to one shard, each
// shard closes its windows in order, and findings leave sorted by (known_at, id).
//
// An event is looked at when it comes, and then only what counts of it waits for its window to close. The memory of
// events, of what waits and of judged slices is used again: nobody downstream keeps a pointer into them.
package local
