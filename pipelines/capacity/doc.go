// SPDX-License-Identifier: Apache-2.0

// Package capacity computes what a load makes of AER: shards, batches, state, workers. Its figures are measured.yaml.
//
// # Ten billion events a day of 47 million users
//
// That is 350,000 events a second in the busiest hour, three times the mean. What follows of what was measured
// (measured.yaml says when and on what) is computed by PlanFor; `aer cost` prints the same for any load:
//
//	events a second, mean and peak           115,741 and 350,000  10,000,000,000 a day / 86,400
//	shards                                   4,700                47,000,000 users / 10,000
//	users in the fullest shard               10,411               mean 10,000 and sqrt(2 ln shards) deviations
//	of an organisation of 1,000,000, in one  213                  spread by organisation and user, as all are
//	events in a batch, mean and peak         246 and 745          events a second x 10 s / shards
//	bytes of a batch at the peak             67 KB                90 B an event in batches of that size
//	batches a second                         470                  shards / window: each six calls to the state
//	CPU of an event                          23.4 µs              core 4.19, Beam 17, batch 554 / events in it
//	vCPUs, mean and peak                     4.52 and 13.7        events a second x CPU / 0.6 used
//	of a vCPU, one shard at the peak         0.00175              a key is worked on by one at a time
//	profiles at rest                         21 GB                users x 446 B
//	of one shard, to rebuild                 4.46 MB              profiles at rest / shards
//	profiles in memory                       217 GB               users x 3,301 B x 1.4 for the garbage collector
//	workers of 4 vCPUs at the peak           7                    by CPU, or 8 GiB of profiles a vCPU
//	in each: profiles, shards                31 GB, 671           of all, evenly
//	findings a second                        0.0381               what keys of organisations and the key of all see
//
// # Why it is cut so
//
// State is touched once for a shard and a window (package transforms says why), so the number of shards is a choice
// between two costs. Few shards make large batches, whose calls to the state cost an event nothing; many make small
// state. Ten thousand users a shard is where both are small: a batch holds hundreds of events, so that the 554 µs of
// its calls are 2 µs an event, and a shard is rebuilt from some megabytes. 64 shards would hold 734,375 users each, for
// whom a worker would read 330 MB before it could go on. A window is the other dial: twice as long, and batches are
// twice as large and findings later.
//
// Before the first shuffle the dial works the other way. A worker gathers what one bundle holds for each shard; with
// thousands of shards that is one event, which crosses the shuffle by itself: that is why the form of a lone event
// matters (package compact).
//
// # One organisation of a million users
//
// A shard is a hash of organisation and user, so the users of an organisation are spread like everybody: no shard knows
// that it is large. What is keyed by organisation is the end of the way, where there are findings and no events any
// more: common causes, its budget, and with one key for all of them the budget of all. Without an attack that is a
// finding in half a minute over all 47 million users. With one, findings of one kind about one user are one episode,
// and those of the fast lane are thinned by session before. A million accounts taken over within an hour are 280
// findings a second for one key, whose read and write of state took 0.2 ms here: it would be busy for a twentieth of
// the time. A service that takes ten times as long makes it half of the time, and beyond that responses come later; but
// a breaker that is asked so often is open.
//
// # One user who does everything
//
// A program under a person's name can be a hundredth of all events, 3,500 a second. It is one key, and yet no hot one:
// workers gather before the shuffle, a slice is bounded (94 KB at the worst, package activity), and the shard sees one
// slice a window. Gathering is where its events cost CPU, and that is spread over all workers.
//
// # What is not known
//
// The size of bundles on Dataflow, what Streaming Engine bills for state, and how long a worker takes to get hold of a
// shard that moved: none was measured by us. Users who never come take state for half a year. Real people come in
// bursts; the figures are of traffic in which nearly every event is alone in its window, which is the dearest.
package capacity
