// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"fmt"
	"slices"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Merged is a set of versions with what became of those that were added.
type Merged struct {
	// Versions are sorted by the time from which they are valid.
	Versions []*aerv1.Baseline
	// Added are new, Known were there already under the same name, Replaced gave way to what was added.
	Added, Known, Replaced []*aerv1.Baseline
}

// Merge adds versions to those that are there. A version that is there already, by its name, stays as it is: versions
// are immutable. One whose interval meets that of a version with another content is an error, unless replace is set:
// then the old one goes.
func Merge(have, add []*aerv1.Baseline, replace bool) (Merged, error) {
	m := Merged{Versions: slices.Clone(have)}
	for _, v := range add {
		if slices.ContainsFunc(m.Versions,
			func(h *aerv1.Baseline) bool { return h.Version == v.Version && sameInterval(h, v) }) {
			m.Known = append(m.Known, v)
			continue
		}
		var met []*aerv1.Baseline
		m.Versions = slices.DeleteFunc(m.Versions, func(h *aerv1.Baseline) bool {
			if meet(h, v) {
				met = append(met, h)
				return true
			}
			return false
		})
		if len(met) > 0 && !replace {
			return Merged{}, fmt.Errorf("version %s (%s) meets version %s (%s), which has another content: versions are "+
				"immutable; leave the days out, write another file, or replace it",
				v.Version, interval(v), met[0].Version, interval(met[0]))
		}
		m.Replaced, m.Added, m.Versions = append(m.Replaced, met...), append(m.Added, v), append(m.Versions, v)
	}
	slices.SortStableFunc(m.Versions,
		func(a, b *aerv1.Baseline) int { return a.ValidFrom.AsTime().Compare(b.ValidFrom.AsTime()) })
	return m, nil
}

func sameInterval(a, b *aerv1.Baseline) bool { return interval(a) == interval(b) }

// meet says whether the intervals of two versions have a time in common. One that is open ends where a later one
// begins.
func meet(a, b *aerv1.Baseline) bool {
	if b.ValidFrom.AsTime().Before(a.ValidFrom.AsTime()) {
		a, b = b, a
	}
	from := b.ValidFrom.AsTime()
	return from.Equal(a.ValidFrom.AsTime()) || a.ValidUntil != nil && from.Before(a.ValidUntil.AsTime())
}

func interval(v *aerv1.Baseline) string {
	s := "valid from " + v.ValidFrom.AsTime().UTC().Format(time.RFC3339)
	if v.ValidUntil != nil {
		s += " until " + v.ValidUntil.AsTime().UTC().Format(time.RFC3339)
	}
	return s
}
