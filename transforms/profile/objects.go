// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"cmp"
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// maxObjects bounds the objects remembered per user and kind. Distinct counts saturate there, far above every
// threshold, and the objects touched longest ago are forgotten first.
const maxObjects = 1024

// Object is one object that the user touched, by its hash (activity.Slice), with the first and the last time, Unix
// seconds.
type Object struct {
	Hash          uint64
	FirstS, LastS uint32
}

// Objects are the objects a user touched, sorted by hash.
type Objects struct {
	list []Object
	// firsts are the first times of all of them, sorted, where there are many: what is new within any horizon is then a
	// matter of two searches.
	firsts []uint32
}

// All are the objects, sorted by hash.
func (o *Objects) All() []Object { return o.list }

// objectsOf are the objects of a list that is sorted by hash, and now theirs.
func objectsOf(list []Object) Objects {
	o := Objects{list: list}
	if len(list) > fewObjects {
		o.sortFirsts()
	}
	return o
}

// fewObjects is how many are looked through as fast as searched.
const fewObjects = 32

func (o *Objects) sortFirsts() {
	o.firsts = make([]uint32, len(o.list))
	for i, x := range o.list {
		o.firsts[i] = x.FirstS
	}
	slices.Sort(o.firsts)
}

func compareObjects(o Object, hash uint64) int { return cmp.Compare(o.Hash, hash) }

// remember notes that the objects of set were touched at the time s (Unix seconds).
func (o *Objects) remember(set *aerv1.ObjectSet, s uint32) {
	for _, h := range set.GetHashes() {
		i, found := slices.BinarySearchFunc(o.list, h, compareObjects)
		if !found {
			if o.list == nil {
				o.list = make([]Object, 0, 4)
			}
			o.list = slices.Insert(o.list, i, Object{h, s, s})
			o.insertFirst(s)
			continue
		}
		x := &o.list[i]
		x.LastS = max(x.LastS, s)
		if s < x.FirstS { // a late one
			o.removeFirst(x.FirstS)
			o.insertFirst(s)
			x.FirstS = s
		}
	}
	for len(o.list) > maxObjects {
		o.forgetOldest()
	}
}

func (o *Objects) insertFirst(s uint32) {
	switch n := len(o.list); {
	case n <= fewObjects:
		return
	case o.firsts == nil:
		o.sortFirsts()
		return
	}
	o.firsts = slices.Insert(o.firsts, o.until(int64(s)), s)
}

func (o *Objects) removeFirst(s uint32) {
	if o.firsts == nil {
		return
	}
	i, _ := slices.BinarySearch(o.firsts, s)
	o.firsts = slices.Delete(o.firsts, i, i+1)
}

func (o *Objects) forgetOldest() {
	oldest := 0
	for i := range o.list {
		if o.list[i].LastS < o.list[oldest].LastS {
			oldest = i
		}
	}
	o.removeFirst(o.list[oldest].FirstS)
	o.list = slices.Delete(o.list, oldest, oldest+1)
}

// Brings says whether a slice that begins at startMS touched an object of set that the user had never touched before.
func (o *Objects) Brings(set *aerv1.ObjectSet, startMS int64) bool {
	return slices.ContainsFunc(set.GetHashes(), func(h uint64) bool {
		i, found := slices.BinarySearchFunc(o.list, h, compareObjects)
		return found && int64(o.list[i].FirstS) >= startMS/1000
	})
}

// Fresh counts the objects touched in (end-horizon, end], all in seconds, that the user had never touched before.
func (o *Objects) Fresh(endS, horizonS int64) int {
	if o.firsts != nil {
		return o.until(endS) - o.until(endS-horizonS)
	}
	n := 0
	for i := range o.list {
		if first := int64(o.list[i].FirstS); first <= endS && first > endS-horizonS {
			n++
		}
	}
	return n
}

// until counts the objects first touched up to s, by firsts.
func (o *Objects) until(s int64) int {
	low, high := 0, len(o.firsts)
	for low < high {
		if mid := (low + high) / 2; int64(o.firsts[mid]) <= s {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}
