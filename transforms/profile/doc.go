// SPDX-License-Identifier: Apache-2.0

// Package profile remembers about each user what detectors compare new activity with.
//
// An app that acts under a person's name has a profile of its own. Refused attempts under a person's name are counted
// by the hour in the person's profile, for the story of what is found, and change nothing else of it.
//
// A profile is a fold of the user's slices and of nothing else: no detector writes to it, so that it can be rebuilt
// from the slices at any time and a finding never depends on an earlier finding. Slices of one user are applied in the
// order of their windows; a late one still counts, in the buckets of its own time.
//
// # What a profile costs
//
// Measured on a stream of 50,000 people who do little each, after 10 events each in the mean and after 40:
//
//	                                      10 events   40 events
//	stored, median                            190 B       340 B
//	stored, mean, with its share of texts     240 B       445 B
//	stored, 99th percentile                 1,000 B     2,500 B
//	stored and compressed, mean               150 B       280 B
//	stored alone (Marshal), median            460 B       720 B
//	in memory after LoadShard, mean           1.9 KB      2.7 KB
//	in memory as it grew, mean                2.3 KB      3.3 KB
//
// Of the 445 B, 175 are objects (a hash of 8 B and 4 B of times each), 115 sessions, 100 known things and 20 peaks. To
// get below 400 B uncompressed, a profile's times would have to be numbers too: things, sightings and objects mostly
// name the same moments. Shorter hashes would change what is counted.
//
// Worst case of one profile, for a user who exhausts every limit: 65 KB where texts have their usual length, 230 KB
// where every text is as long as package event admits (256 B). The largest parts are two object memories of 1,024
// entries (12 B each, 24 KB; 20 in memory), 16 sessions (1 to 8 KB each, most of it six clients and the last 16
// sightings) and 256 recent and 128 remembered methods; the attempts of 48 hours take 3 KB.
//
// A snapshot is in chunks of 256 KB, some 900 profiles each, so that no message grows with the shard. A chunk can be
// read by itself: the texts that people share (organisations, user agents, methods) are in it once, where they occur
// first, and are numbers from then on. Loading takes 3 µs a profile and makes blocks of 8 KB that parts of profiles
// are cut from: a profile that outlives its neighbours may keep up to that much of theirs of each kind.
package profile
