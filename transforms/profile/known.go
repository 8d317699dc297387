// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Limits of what a user is known by; the things seen longest ago are forgotten first.
const (
	maxKnown   = 32
	maxMethods = 128
)

const dayMS = 24 * 60 * 60 * 1000

// note records that key was seen from firstMS to lastMS, in n events.
func note(list []*aerv1.KnownThing, key string, firstMS, lastMS int64, n uint32, limit int) []*aerv1.KnownThing {
	i, found := slices.BinarySearchFunc(list, key, compareKnown)
	if !found {
		list = slices.Insert(list, i, &aerv1.KnownThing{Key: key, FirstMs: firstMS, LastMs: lastMS, Days: 1, Events: n})
		if len(list) > limit {
			list = forgetLeastRecent(list)
		}
		return list
	}
	k := list[i]
	if lastMS/dayMS > k.LastMs/dayMS || firstMS/dayMS < k.FirstMs/dayMS { // a late day in between is not known to be new
		k.Days++
	}
	k.FirstMs = min(k.FirstMs, firstMS)
	k.LastMs = max(k.LastMs, lastMS)
	k.Events += n
	return list
}

func compareKnown(k *aerv1.KnownThing, key string) int { return strings.Compare(k.Key, key) }

func forgetLeastRecent(list []*aerv1.KnownThing) []*aerv1.KnownThing {
	oldest := 0
	for i, k := range list {
		if k.LastMs < list[oldest].LastMs {
			oldest = i
		}
	}
	return slices.Delete(list, oldest, oldest+1)
}

// Known is what is remembered of key, or nil.
func Known(list []*aerv1.KnownThing, key string) *aerv1.KnownThing {
	if i, found := slices.BinarySearchFunc(list, key, compareKnown); found {
		return list[i]
	}
	return nil
}
