// SPDX-License-Identifier: Apache-2.0

// Package transforms holds the stages of AER's pipeline as Beam transforms, one file per stage.
//
// A stage here is thin: it moves elements, keeps state and sets timers, and leaves every judgement to the pure packages
// beneath it. What is written here follows from what was measured about the engine:
//
//   - State is Value and Bag cells and event-time timers of one family per DoFn, because that is what Prism, Dataflow
//     and Flink all run correctly from Go. A cell is read once and written once per call: within one call a Value
//     that was empty reads as empty even after a write.
//   - A DoFn with timers takes no side input. Lists and baselines are loaded per worker and refreshed by age.
//   - A stage without an output keeps a core busy on Prism for as long as it runs; one that nothing is given to never
//     runs, and so stands behind every busy sink (package sinks).
//   - Stages with state process in event-time order: see due.go. A timer may fire while elements of its own timestamp
//     are still on their way (a watermark T promises nothing about T itself), so a timer is set one millisecond after
//     the element that it makes due.
//   - Each setting of a timer has a tag of its own. Setting a timer again under one tag replaces it together with its
//     watermark hold, and so would let the watermark pass work that is still pending.
//   - On Prism an open window holds the watermark at its oldest element, not at its end as on Dataflow. So what is
//     gathered for a window has its last millisecond as its time (gatherFn): else what the fast lane finds would be
//     decided up to one window later.
//   - FinishBundle is short: while it runs, the SDK begins no other bundle if somebody asks how far this one is, and
//     Prism asks every 100 ms (package sinks). Prism has eight bundles for all stages.
//   - Every local run sets the experiment prism_disable_sdf_split: Prism otherwise splits slow bundles and runs one key
//     in two of them, which loses state.
//
// What crosses a shuffle or rests in a cell is a message of state.proto with its version; no element of a cell grows
// with a shard, but for a single batch (timed.go). Older states are read on, those from before there were versions in
// v0.go. A job on Dataflow that began before 0.2.0 and is updated in place has to map the stages that decide, which had
// other names, and to drop the combine in Slices with its open windows, some seconds of events: it gathers and groups
// now (aer run --update-from 0.1; package dataflow). Otherwise it is started anew, as for other shards.
//
// Shards: about 10,000 users each (activity.ShardsFor, from slices.expected_users), so that a worker that takes one
// over rebuilds it while nobody notices. A shard's head knows how many there are, and a run with another number fails
// at the first shard that it finds: its users are in others. To change the number, drain the job and start a new one
// with empty state that begins with what the warehouse has (Remember; package pipelines/bootstrap): it goes on as the
// old one would have. Where there is no warehouse, start it beside the old one, in observe mode, from a subscription
// that is sought back as far as it retains events; when it has learnt what people do, let it enforce and drain the old
// one. Nothing else depends on the number: baselines are by organisation and user, and decisions are kept by user.
//
// # What an event costs
//
// On Prism, with files of 100,000 Slack entries, the activity table written, GOGC=100, on two shared cores of an AMD
// EPYC on 28 November 2026: 32 µs of processor time where most slices are of one event, 20 µs where they are of
// several (before: 77 and 47; make bench has what an idle machine gives). Of that, in per cent:
//
//	                                                    sparse   dense
//	garbage collection                                    21       20
//	Prism and its copies of what crosses stages           19       11
//	the SDK's side of it, gRPC                            11       23
//	decoding events                                        9       16
//	packing and unpacking batches                         12        5
//	profiles and detectors                                 7        4
//	gathering events, slices                               7        8
//	snapshots                                              5        3
//	merging and joining batches                            4        1
//
// Across the first shuffle go 121 bytes an event, or 59. Events cross no stage: from the source to gatherFn all is one,
// and behind it there are batches. State takes 2.6 and 2.3 bytes for each byte of a batch (profiles/state_bytes_written
// by profiles/batch_bytes).
//
// The package's variables are what Beam registers and the compression, which remembers nothing; what a run shares is in
// its process.Process.
//
// DoFns carry their configuration in exported fields, which Beam serialises as JSON; what cannot be serialised
// (clients, caches, compiled lists) is made in Setup.
package transforms
