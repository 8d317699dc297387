// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"cmp"
	"math"
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Limits of what is remembered of attempts.
const (
	// AttemptHours is how long attempts are told of: what preceded a finding by less than a day is part of its story.
	AttemptHours = 24
	// attemptHoursKept allows for slices that come late.
	attemptHoursKept = 2 * AttemptHours
	maxAttemptPlaces = 4
)

// noteAttempt records refused attempts to act under the user's name. Nothing else of the profile changes: an outsider
// must neither teach nor make forget.
func (p *Profile) noteAttempt(s *aerv1.Slice) {
	h := &aerv1.AttemptHour{Hour: hourOf(s.WindowStartMs), Count: s.Events}
	for _, f := range s.Facets {
		if _, tor := slices.BinarySearch(s.TorAddresses, f.Client.GetIp()); tor {
			h.Tor += f.Events
		}
		h.Places = addPlace(h.Places, PlaceKey(f.Client.GetIp()))
	}
	i, found := slices.BinarySearchFunc(p.Attempts, h.Hour,
		func(a *aerv1.AttemptHour, hour uint32) int { return cmp.Compare(a.Hour, hour) })
	if found {
		addAttempts(p.Attempts[i], h)
	} else {
		p.Attempts = slices.Insert(p.Attempts, i, h)
	}
	last := p.Attempts[len(p.Attempts)-1].Hour
	p.Attempts = slices.DeleteFunc(p.Attempts, func(a *aerv1.AttemptHour) bool { return a.Hour+attemptHoursKept <= last })
}

func addAttempts(dst, src *aerv1.AttemptHour) {
	dst.Count, dst.Tor = saturating(dst.Count, src.Count), saturating(dst.Tor, src.Tor)
	for _, place := range src.Places {
		dst.Places = addPlace(dst.Places, place)
	}
}

// addPlace keeps the smallest maxAttemptPlaces, so that the order does not matter.
func addPlace(list []string, place string) []string {
	i, found := slices.BinarySearch(list, place)
	if place == "" || found {
		return list
	}
	list = slices.Insert(list, i, place)
	return list[:min(len(list), maxAttemptPlaces)]
}

func saturating(a, b uint32) uint32 { return uint32(min(uint64(a)+uint64(b), math.MaxUint32)) }

func hourOf(ms int64) uint32 { return uint32(ms / (60 * 60 * 1000)) }

// attempted says whether there are attempts within attemptHoursKept before nowMS.
func attempted(p *Profile, nowMS int64) bool {
	n := len(p.Attempts)
	return n > 0 && p.Attempts[n-1].Hour+attemptHoursKept > hourOf(nowMS)
}

// Attempts are the refused attempts of the AttemptHours hours up to a time.
type Attempts struct {
	Count, Tor uint32
	// Places are the address ranges they came from, sorted. Every says that none is missing, because no hour had too many.
	Places []string
	Every  bool
}

// AttemptsBefore sums up the attempts of the AttemptHours hours up to the one of endMS, Unix milliseconds.
func AttemptsBefore(p *Profile, endMS int64) Attempts {
	sum := Attempts{Every: true}
	last := hourOf(endMS - 1)
	for _, h := range p.Attempts {
		if h.Hour > last || h.Hour+AttemptHours <= last {
			continue
		}
		sum.Count, sum.Tor = saturating(sum.Count, h.Count), saturating(sum.Tor, h.Tor)
		sum.Every = sum.Every && len(h.Places) < maxAttemptPlaces
		sum.Places = append(sum.Places, h.Places...)
	}
	slices.Sort(sum.Places)
	sum.Places = slices.Compact(sum.Places)
	return sum
}
