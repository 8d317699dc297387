// SPDX-License-Identifier: Apache-2.0

package activity

import (
	"cmp"
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Merge adds src to dst: two slices of the same principal and window. dst takes over parts of src, which must not be
// used afterwards.
func Merge(dst, src *aerv1.Slice) {
	dst.UserType = guarded(dst.UserType, src.UserType)
	dst.Events += src.Events
	dst.DownloadBytes += src.DownloadBytes
	dst.Bytes += src.Bytes
	dst.FacetsDropped += src.FacetsDropped
	dst.Refs = first(merge(dst.Refs, src.Refs, compareRefs, nil), maxRefs)
	if compareRefs(src.Last, dst.Last) > 0 {
		dst.Last = src.Last
	}
	mergeFacets(dst, src.Facets)
	dst.Methods = foldMethods(merge(dst.Methods, src.Methods, compareMethods, mergeMethod))
	dst.Downloads = mergeObjects(dst.Downloads, src.Downloads)
	dst.Reads = mergeObjects(dst.Reads, src.Reads)
	dst.Pace = addPace(dst.Pace, src.Pace)
	dst.Actions = first(merge(dst.Actions, src.Actions, compareActions, addAction), maxActions)
	dst.TorAddresses = first(merge(dst.TorAddresses, src.TorAddresses, strings.Compare, nil), maxTorAddresses)
}

// merge puts src into dst, both sorted by compare. What is in both is joined, if there is anything to join.
func merge[T any](dst, src []T, compare func(a, b T) int, join func(dst, src T)) []T {
	for _, x := range src {
		i, found := slices.BinarySearchFunc(dst, x, compare)
		switch {
		case !found:
			dst = slices.Insert(dst, i, x)
		case join != nil:
			join(dst[i], x)
		}
	}
	return dst
}

// first keeps the n smallest of a sorted list.
func first[T any](list []T, n int) []T { return list[:min(len(list), n)] }

// guarded is the kind of user that is protected more: an account that was an outsider's within the window is one.
func guarded(a, b string) string {
	if a != b && cmp.Or(cmp.Compare(guard(b), guard(a)), strings.Compare(b, a)) > 0 {
		return b
	}
	return a
}

func guard(kind string) int {
	switch kind {
	case aerv1.UserExternal:
		return 4
	case aerv1.UserBot:
		return 3
	case aerv1.UserGuest:
		return 2
	case aerv1.UserMember:
		return 1
	}
	return 0
}

func compareRefs(a, b *aerv1.EventRef) int {
	return cmp.Or(cmp.Compare(a.GetTimeMs(), b.GetTimeMs()), strings.Compare(a.GetId(), b.GetId()))
}

func mergeFacets(dst *aerv1.Slice, src []*aerv1.Facet) {
	dst.Facets = keepFacets(dst, merge(dst.Facets, src, compareFacets, mergeFacet))
}

// keepFacets keeps the first of a slice's facets and counts the events of the others.
func keepFacets(s *aerv1.Slice, all []*aerv1.Facet) []*aerv1.Facet {
	kept := first(all, maxFacets)
	for _, f := range all[len(kept):] {
		s.FacetsDropped += f.Events
	}
	return kept
}

// compareFacets orders facets by what makes them one: session and client.
func compareFacets(a, b *aerv1.Facet) int {
	return cmp.Or(strings.Compare(a.SessionId, b.SessionId), compareClients(a.Client, b.Client))
}

// compareClients looks at derived facts too: they do not follow from the rest (platform tells the system where the user
// agent does not, and of long user agents only the beginning is kept), and which of two a merge keeps must not depend
// on its order.
func compareClients(a, b *aerv1.FacetClient) int {
	return cmp.Or(
		strings.Compare(a.Ip, b.Ip), strings.Compare(a.UserAgent, b.UserAgent), strings.Compare(a.DeviceId, b.DeviceId),
		strings.Compare(a.Ja4, b.Ja4), cmp.Compare(a.Asn, b.Asn), strings.Compare(a.Country, b.Country),
		strings.Compare(a.Class, b.Class), strings.Compare(a.Family, b.Family), strings.Compare(a.Version, b.Version),
		strings.Compare(a.Os, b.Os), compareBools(a.Hosting, b.Hosting),
	)
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func mergeFacet(dst, src *aerv1.Facet) {
	if cmp.Or(cmp.Compare(src.FirstMs, dst.FirstMs), strings.Compare(src.FirstEventId, dst.FirstEventId)) < 0 {
		dst.FirstMs, dst.FirstEventId = src.FirstMs, src.FirstEventId
	}
	if cmp.Or(cmp.Compare(src.LastMs, dst.LastMs), strings.Compare(src.LastEventId, dst.LastEventId)) > 0 {
		dst.LastMs, dst.LastEventId = src.LastMs, src.LastEventId
	}
	dst.Events += src.Events
	dst.Downloads += src.Downloads
	dst.Reads += src.Reads
	dst.Calls += src.Calls
	dst.Login = dst.Login || src.Login
	switch {
	case src.CookieMinMs == 0:
	case dst.CookieMinMs == 0:
		dst.CookieMinMs, dst.CookieMaxMs = src.CookieMinMs, src.CookieMaxMs
	default:
		dst.CookieMinMs = min(dst.CookieMinMs, src.CookieMinMs)
		dst.CookieMaxMs = max(dst.CookieMaxMs, src.CookieMaxMs)
	}
}

func compareMethods(a, b *aerv1.MethodCount) int {
	return cmp.Or(strings.Compare(a.Class, b.Class), strings.Compare(a.Method, b.Method))
}

func mergeMethod(dst, src *aerv1.MethodCount) {
	var dropped bool
	dst.CallIds, dropped = unionHashes(dst.CallIds, src.CallIds, maxCallIDs)
	dst.Sketched = dst.Sketched || src.Sketched || dropped
	dst.Calls = distinct(dst.CallIds, dst.Sketched)
	dst.Errors += src.Errors
	dst.RateLimited += src.RateLimited
}

// foldMethods moves the methods beyond the limit, those last in order, into the entry otherMethod of the empty class,
// which sorts first and therefore is never moved itself.
func foldMethods(ms []*aerv1.MethodCount) []*aerv1.MethodCount {
	limit := maxMethods
	if len(ms) > 0 && ms[0].Class == "" && ms[0].Method == otherMethod {
		limit++ // the entry for the others does not count
	}
	if len(ms) <= limit {
		return ms
	}
	rest := ms[limit:]
	ms = ms[:limit:limit]
	if limit == maxMethods {
		ms = slices.Insert(ms, 0, &aerv1.MethodCount{Method: otherMethod})
	}
	for _, m := range rest {
		mergeMethod(ms[0], m)
	}
	return ms
}

func mergeObjects(dst, src *aerv1.ObjectSet) *aerv1.ObjectSet {
	if dst == nil || src == nil {
		return cmp.Or(dst, src)
	}
	var dropped bool
	dst.Hashes, dropped = unionHashes(dst.Hashes, src.Hashes, maxObjects)
	dst.Sketched = dst.Sketched || src.Sketched || dropped
	return dst
}

func addPace(dst, src []uint32) []uint32 {
	if len(dst) < len(src) {
		dst, src = src, dst
	}
	for i, n := range src {
		dst[i] += n
	}
	return dst
}

func compareActions(a, b *aerv1.ActionCount) int {
	return cmp.Or(strings.Compare(a.Action, b.Action), strings.Compare(a.Outcome, b.Outcome))
}

func addAction(dst, src *aerv1.ActionCount) { dst.Count += src.Count }
