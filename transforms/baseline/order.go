// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"slices"
	"sort"
	"strings"
)

// row is a row of a version.
type row interface{ GetOrgId() string }

// share hands each organisation its rows of a list, in the order of compare where one is given. The rows of a build
// stand so already; those of other lists are copied and sorted.
func share[R row](x *Index, list []R, compare func(a, b R) int, to func(*org, []R)) {
	full := func(a, b R) int {
		if c := strings.Compare(a.GetOrgId(), b.GetOrgId()); c != 0 || compare == nil {
			return c
		}
		return compare(a, b)
	}
	if !slices.IsSortedFunc(list, full) {
		list = slices.Clone(list)
		slices.SortStableFunc(list, full)
	}
	for len(list) > 0 {
		id, n := list[0].GetOrgId(), 1
		for n < len(list) && list[n].GetOrgId() == id {
			n++
		}
		if x.orgs[id] == nil {
			x.orgs[id] = &org{}
		}
		to(x.orgs[id], list[:n:n])
		list = list[n:]
	}
}

// among gives the rows of a sorted list for which place is 0; it is negative for those before and positive behind.
func among[R any](list []R, place func(R) int) []R {
	first := sort.Search(len(list), func(i int) bool { return place(list[i]) >= 0 })
	n := sort.Search(len(list)-first, func(i int) bool { return place(list[first+i]) > 0 })
	return list[first : first+n : first+n]
}

// find gives the first row of a sorted list for which place is 0, or the zero value.
func find[R any](list []R, place func(R) int) (found R) {
	i := sort.Search(len(list), func(i int) bool { return place(list[i]) >= 0 })
	if i < len(list) && place(list[i]) == 0 {
		found = list[i]
	}
	return found
}
