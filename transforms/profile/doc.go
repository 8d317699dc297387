// Package profile remembers about each user what detectors compare new activity with.
//
// A profile is a fold of the user's slices and of nothing else: no detector writes to it, so that it can be rebuilt
// from the slices at any time and a finding never depends on an earlier finding. Slices of one user are applied in the
// order of their windows; a late one still counts, in the buckets of its own time.
//
// Worst case of one profile: two object memories of 1,024 entries (16 B each, 32 KB), 16 sessions (about 3 KB each),
// 128 methods and 32 each of clients, devices, networks, countries and fingerprints (about 60 B each), 60 + 168
// buckets (about 16 B each): 100 KB for a user who exhausts every limit. A typical one is 1-3 KB.
package profile
