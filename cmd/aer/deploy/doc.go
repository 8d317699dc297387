// SPDX-License-Identifier: Apache-2.0

// Package deploy holds what a deployment on Google Cloud is made with: Terraform (or OpenTofu) files for all that AER
// needs there, and the flex template from which its job is started. README.md goes from nothing to a running job.
//
// The tests evaluate the files as Terraform would, as far as that goes without its provider: references, names, and the
// configuration that comes of it. Whether the provider takes every argument, and the service what comes of it, they
// cannot know.
package deploy
