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
//   - Stages with state process in event-time order: see due.go. A timer may fire while elements of its own timestamp
//     are still on their way (a watermark T promises nothing about T itself), so a timer is set one millisecond after
//     the element that it makes due.
//   - Each setting of a timer has a tag of its own. Setting a timer again under one tag replaces it together with its
//     watermark hold, and so would let the watermark pass work that is still pending.
//   - On Prism an open window holds the watermark at its oldest event, not at its end as on Dataflow. Findings of the
//     fast lane are found at once but decided up to one window later there.
//   - Every local run sets the experiment prism_disable_sdf_split: Prism otherwise splits slow bundles and runs one key
//     in two of them, which loses state.
//
// What crosses a shuffle or rests in a cell is a message of state.proto with its version. States from before there were
// versions are read on (v0.go); in the graph the stages that decide had other names then (Decide/transforms.decideFn,
// ...), which a job that is updated in place has to map to Decide/transforms.stageFn, Common/, Budget/ and
// BudgetOfAll/.
//
// The package's variables are what Beam registers and the two halves of the compression, which remember nothing; what a
// run shares is in its process.Process.
//
// DoFns carry their configuration in exported fields, which Beam serialises as JSON; what cannot be serialised
// (clients, caches, compiled lists) is made in Setup.
package transforms
