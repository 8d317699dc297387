// SPDX-License-Identifier: Apache-2.0

// Package simulate makes weeks of organisations at work with labelled attacks and look-alikes: the demo's, and those
// that AER is measured on.
//
// Everything follows from the seed: the same configuration gives the same bytes. People, networks and clients are
// invented. Addresses are reserved for documentation and benchmarks (RFC 5737, RFC 2544, RFC 9637); AS numbers are for
// private use (RFC 6996) except those of public hosting, proxy and relay providers.
package simulate
