// SPDX-License-Identifier: Apache-2.0

// Package activity summarises what one user did in one short fixed window as a slice that merges.
//
// The person, each app that acts under the person's name, and those who were refused under it have slices of their own
// (aerv1.Principal); what the platform did and records of what was done to the user have none.
//
// Merging slices is commutative and associative, and merging equals summarising the union: every capped list keeps the
// entries with the smallest keys (a bottom-k sample), so that what is kept never depends on the order of merging.
// What detectors hold against thresholds (distinct objects, distinct calls) is also idempotent: an event that is
// delivered twice counts once. The plain sums (events, bytes, pace, errors, facet counts) are not, and only
// corroborate.
//
// An Accumulator makes slices in memory that it uses again after Reset, and adds an event straight to the slice of its
// principal and window: an event takes no memory from the heap once there were as many before.
//
// Worst case of one slice: two object sets of 256 hashes and 65 methods with 64 call hashes each are 38 KB; texts are
// bounded by package event (256 B each), so 16 facets of at most 1.9 KB, 65 method names and 17 event ids add up to
// 56 KB: 94 KB measured, where every text is as long as it may be; about half where texts have their usual length. A
// slice of one event takes about 250 B, 70 B once a batch of them is compressed.
package activity
