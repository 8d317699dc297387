// Package activity summarises what one user did in one short fixed window as a slice that merges.
//
// Merging slices is commutative and associative, and merging equals summarising the union: every capped list keeps the
// entries with the smallest keys (a bottom-k sample), so that what is kept never depends on the order of merging.
// What detectors hold against thresholds (distinct objects, distinct calls) is also idempotent: an event that is
// delivered twice counts once. The plain sums (events, bytes, pace, errors, facet counts) are not, and only corroborate.
//
// Worst case of one slice: 16 event references (about 50 B each), 16 facets (about 450 B), 64 methods with 64 call
// hashes each (about 560 B), two object sets of 256 hashes: 48 KB. A slice of one event is about 300 B before the
// batch is compressed.
package activity
