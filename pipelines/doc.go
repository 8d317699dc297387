// SPDX-License-Identifier: Apache-2.0

// Package pipelines puts the stages together: which transform follows which, and how a pipeline is run. No logic.
package pipelines
