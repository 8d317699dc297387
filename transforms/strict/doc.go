// SPDX-License-Identifier: Apache-2.0

// Package strict reads YAML for people: every mistake is told with file, line and key, what is wrong, what would be
// right and what was probably meant.
//
// A Reader walks a file's nodes, for files whose keys are somebody's ids. Decode fills a struct by the tags of its
// fields. A Check gathers what is wrong with values that have been read, for Validate methods: Decode tells it with the
// lines.
package strict
