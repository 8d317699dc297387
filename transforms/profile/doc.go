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
// Worst case of one profile, for a user who exhausts every limit: 100 KB where texts have their usual length, 450 KB
// where every text is as long as package event admits (256 B). The largest parts are two object memories of 1,024
// entries (16 B each, 32 KB), 16 sessions (3 to 17 KB each, most of it the last 16 sightings) and 256 recent and 128
// remembered methods; the attempts of 48 hours take 5 KB. A person with ten remembered sessions takes about 12 KB, one
// with one session 1-2 KB.
package profile
