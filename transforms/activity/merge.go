package activity

import (
	"cmp"
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Merge adds src to dst: two slices of the same principal and window. dst takes over parts of src, which must not be used
// afterwards.
func Merge(dst, src *aerv1.Slice) {
	dst.UserType = guarded(dst.UserType, src.UserType)
	dst.Events += src.Events
	dst.DownloadBytes += src.DownloadBytes
	dst.Bytes += src.Bytes
	dst.FacetsDropped += src.FacetsDropped
	dst.Refs = mergeRefs(dst.Refs, src.Refs)
	if compareRefs(src.Last, dst.Last) > 0 {
		dst.Last = src.Last
	}
	mergeFacets(dst, src.Facets)
	dst.Methods = mergeMethods(dst.Methods, src.Methods)
	dst.Downloads = mergeObjects(dst.Downloads, src.Downloads)
	dst.Reads = mergeObjects(dst.Reads, src.Reads)
	dst.Pace = addPace(dst.Pace, src.Pace)
	dst.Actions = mergeActions(dst.Actions, src.Actions)
	dst.TorAddresses = mergeAddresses(dst.TorAddresses, src.TorAddresses)
}

// mergeAddresses is the smallest maxTorAddresses of two sorted sets.
func mergeAddresses(dst, src []string) []string {
	for _, a := range src {
		if i, found := slices.BinarySearch(dst, a); !found {
			dst = slices.Insert(dst, i, a)
		}
	}
	return dst[:min(len(dst), maxTorAddresses)]
}

// guards orders kinds of user by how much they are protected: an account that was an outsider's within the window is one.
var guards = map[string]int{aerv1.UserExternal: 4, aerv1.UserBot: 3, aerv1.UserGuest: 2, aerv1.UserMember: 1}

func guarded(a, b string) string {
	if guards[b] > guards[a] || guards[b] == guards[a] && b > a {
		return b
	}
	return a
}

func compareRefs(a, b *aerv1.EventRef) int {
	return cmp.Or(cmp.Compare(a.GetTimeMs(), b.GetTimeMs()), strings.Compare(a.GetId(), b.GetId()))
}

func mergeRefs(dst, src []*aerv1.EventRef) []*aerv1.EventRef {
	for _, r := range src {
		i, found := slices.BinarySearchFunc(dst, r, compareRefs)
		if !found && i < maxRefs {
			dst = slices.Insert(dst, i, r)
		}
	}
	return dst[:min(len(dst), maxRefs)]
}

func mergeFacets(dst *aerv1.Slice, src []*aerv1.Facet) {
	for _, f := range src {
		i, found := slices.BinarySearchFunc(dst.Facets, f, CompareFacets)
		if found {
			mergeFacet(dst.Facets[i], f)
		} else {
			dst.Facets = slices.Insert(dst.Facets, i, f)
		}
	}
	for _, f := range dst.Facets[min(len(dst.Facets), maxFacets):] {
		dst.FacetsDropped += f.Events
	}
	dst.Facets = dst.Facets[:min(len(dst.Facets), maxFacets)]
}

// CompareFacets orders facets by what makes them one: session and client.
func CompareFacets(a, b *aerv1.Facet) int {
	return cmp.Or(strings.Compare(a.SessionId, b.SessionId), compareClients(a.Client, b.Client))
}

// compareClients looks at derived facts too: they do not follow from the rest (platform tells the system where the user
// agent does not, and of long user agents only the beginning is kept), and which of two a merge keeps must not depend on
// its order.
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

func mergeMethods(dst, src []*aerv1.MethodCount) []*aerv1.MethodCount {
	for _, m := range src {
		i, found := slices.BinarySearchFunc(dst, m, compareMethods)
		if found {
			mergeMethod(dst[i], m)
		} else {
			dst = slices.Insert(dst, i, m)
		}
	}
	return foldMethods(dst)
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

// Objects is the number of distinct objects in a set, exact up to 256 and estimated beyond.
func Objects(s *aerv1.ObjectSet) uint32 { return distinct(s.GetHashes(), s.GetSketched()) }

func addPace(dst, src []uint32) []uint32 {
	if len(dst) < len(src) {
		dst, src = src, dst
	}
	for i, n := range src {
		dst[i] += n
	}
	return dst
}

func mergeActions(dst, src []*aerv1.ActionCount) []*aerv1.ActionCount {
	for _, a := range src {
		i, found := slices.BinarySearchFunc(dst, a, func(x, y *aerv1.ActionCount) int {
			return cmp.Or(strings.Compare(x.Action, y.Action), strings.Compare(x.Outcome, y.Outcome))
		})
		switch {
		case found:
			dst[i].Count += a.Count
		case i < maxActions:
			dst = slices.Insert(dst, i, a)
		}
	}
	return dst[:min(len(dst), maxActions)]
}
