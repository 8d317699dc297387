// SPDX-License-Identifier: Apache-2.0

// Package dataflow runs pipelines on Google Cloud Dataflow: it chooses the options of a job, submits it, waits for it,
// and drains it.
//
// No job of ours has run on the service yet. What can be checked without it is: the graph that is submitted (its
// transforms, their coders and cells, by name), the options, and submission, waiting and draining against servers
// inside the tests that answer as the API is documented. What only the service can show is marked "not tried" below.
//
// # Options
//
// Choose says which of Beam's flags a job gets unless they are given, each with its reason; aer run --runner dataflow
// prints them. Streaming Engine and Runner v2 are not among them: Beam's Go SDK always asks for both. No experiment is
// needed beyond those of the SDK.
//
// # Why exactly once
//
// Streaming jobs may run in a mode that is cheaper and delivers elements at least once
// (--dataflow_service_options=streaming_mode_at_least_once). A mode is of the whole job, and in it Dataflow's Pub/Sub
// source does not drop what Pub/Sub delivers again either. Most of ours would bear it: what detectors hold against
// thresholds are sets of distinct things (package activity; TestEventsThatComeTwice in package scenario tells every
// story with each event twice), a finding that comes twice is folded, budgets count people and not decisions, a
// response is begun by one creation in the ledger under the decision's id, and a view of the warehouse keeps one row
// of each id.
//
// Three things would not. Plain sums count twice: events and bytes in rows of activity, which analysts add up, and
// numbers that notes of the evidence quote, as "400 refused attempts" of 200. A slice with other sums is another row,
// because its id follows from its content, so that no view removes it. And a decision that reaches a budget twice is
// once the first that is refused, for which somebody is paged, and once not: two rows of one id that differ, of which
// chance keeps one. The same events must give the same anomalies and decisions in every field; so Check refuses the
// option.
//
// In the exact mode a bundle may still be worked on twice, when a worker was lost before it committed: its state and
// its outputs count once, but calls to other systems are made again. Those are responses and rows, which bear it.
//
// # Updating a job
//
// A job is replaced by one of the same name with --update. Dataflow then looks for each step of the old job in the new
// one, by its name, and compares coders; state and what waits between steps go over. The names, coders and cells are
// written down in testdata/dataflow/graph.txt: a test fails when they change, and then either the change is undone or a
// mapping is added to Renamed (--update-from names the version of the running job). What rests in cells and between
// steps are messages of state.proto with their versions: newer programs read older ones, and older ones refuse newer
// ones by name, so that there is no way back from an update but a new job. The number of shards must stay; a job with
// another is a new job (package transforms says how). Not tried: no job was updated yet.
//
// # Sizes
//
// What Streaming Engine keeps and moves is small, however large a load is. The model that is submitted has less than
// 256 KB, and no step more than 16 KB (TestNoTrapIsInTheGraph); Dataflow refuses requests of more than 10 MB. Across
// the first shuffle, the only one of events, go 59 to 121 bytes for each (package transforms), in elements of one shard
// and window. Elements of cells are cut at 256 KB, unless a single batch is larger (TestCellsStayBounded there), and
// what is written to cells is less than three times the batches (TestWhatABatchCostsInWrites). The log of a shard has
// at most twice its snapshot and 32 KB: of 10,000 users, whose profiles have 446 bytes each, 14 MB in all.
//
// # Draining
//
// A drain stops the source, and Dataflow lets the watermark go to the end of time: windows close, timers fire, what was
// taken in is decided, written and carried out, and the job ends. State is gone with it; what is kept elsewhere (the
// ledger, settings, the warehouse) stays. A timer that sets itself again would keep a drain from ending: ours set none
// when they fire for the last time, as runs on Prism show, which end in the same way. Cancelling drops what is on its
// way; it was acknowledged to Pub/Sub when Dataflow committed it, and so is not delivered again: drain, or update.
package dataflow
