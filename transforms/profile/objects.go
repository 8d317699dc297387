// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// maxObjects bounds the objects remembered per user and kind. Distinct counts saturate there, far above every
// threshold, and the objects touched longest ago are forgotten first.
const maxObjects = 1024

// remember notes that the objects of set were touched at the time s (Unix seconds).
func remember(m *aerv1.ObjectMemory, set *aerv1.ObjectSet, s uint32) *aerv1.ObjectMemory {
	if len(set.GetHashes()) == 0 {
		return m
	}
	if m == nil {
		m = &aerv1.ObjectMemory{}
	}
	for _, h := range set.Hashes {
		i, found := slices.BinarySearch(m.Hashes, h)
		if !found {
			m.Hashes = slices.Insert(m.Hashes, i, h)
			m.FirstS = slices.Insert(m.FirstS, i, s)
			m.LastS = slices.Insert(m.LastS, i, s)
			continue
		}
		m.FirstS[i] = min(m.FirstS[i], s)
		m.LastS[i] = max(m.LastS[i], s)
	}
	for len(m.Hashes) > maxObjects {
		forgetOldest(m)
	}
	return m
}

func forgetOldest(m *aerv1.ObjectMemory) {
	oldest := 0
	for i, t := range m.LastS {
		if t < m.LastS[oldest] {
			oldest = i
		}
	}
	m.Hashes = slices.Delete(m.Hashes, oldest, oldest+1)
	m.FirstS = slices.Delete(m.FirstS, oldest, oldest+1)
	m.LastS = slices.Delete(m.LastS, oldest, oldest+1)
}

// Brings says whether a slice that begins at startMS touched an object of set that the user had never touched before.
func Brings(m *aerv1.ObjectMemory, set *aerv1.ObjectSet, startMS int64) bool {
	return slices.ContainsFunc(set.GetHashes(), func(h uint64) bool {
		i, found := slices.BinarySearch(m.GetHashes(), h)
		return found && int64(m.FirstS[i]) >= startMS/1000
	})
}

// Touched counts the distinct objects touched in (end-horizon, end], all in seconds, and those of them that the user
// had never touched before.
func Touched(m *aerv1.ObjectMemory, endS int64, horizonS int64) (distinct, fresh int) {
	from := endS - horizonS
	for i, last := range m.GetLastS() {
		if int64(last) <= from || int64(m.FirstS[i]) > endS {
			continue
		}
		distinct++
		if int64(m.FirstS[i]) > from {
			fresh++
		}
	}
	return distinct, fresh
}
