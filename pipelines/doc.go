// SPDX-License-Identifier: Apache-2.0

// Package pipelines puts the stages together: which transform follows which, and how a pipeline is run. No logic.
//
// How it grows to tens of millions of users, shard by shard, is the page of package
// [github.com/aer-project/aer/pipelines/capacity].
package pipelines
