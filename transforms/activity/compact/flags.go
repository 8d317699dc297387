// SPDX-License-Identifier: Apache-2.0

package compact

// What a slice says beside its user, so that what most slices lack or have takes no byte.
const (
	sliceSameOrg       = 1 << iota // as the slice before
	sliceLone                      // one event, which is the first and the last
	slicePaceFollows               // from the events that are named
	sliceBytes                     // were moved
	sliceDownloads                 // has downloads
	sliceDownloadBytes             // are all that were moved
	sliceMethods                   // has calls
	sliceReads                     // has reads
	sliceUserType                  // is known
	sliceActor                     // is not the person
	sliceOtherWindow               // than that which the batch ends with
	sliceOtherDownloadBytes
	sliceTor
	sliceFacetsDropped
	sliceNoLast
)

// What a facet says.
const (
	facetWhole    = 1 << iota // all events of the slice are of it
	facetDownload             // one
	facetRead                 // one
	facetCall                 // one
	facetPlace                // the client's AS or country is known
	facetLogin
	facetCookies
	facetCounts // other than one or none
	facetHosting
	facetNoClient
)
