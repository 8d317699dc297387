// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"runtime"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// fetchedAtOnce is how many profiles are fetched at once: enough to wait for many reads of memory at the same time, few
// enough to stay in the processor's cache until each is used.
const fetchedAtOnce = 32

// fetched are the profiles of the next slices, nil where there is none yet.
type fetched [fetchedAtOnce]*Profile

// fetch finds the profiles of slices and reads what recording the slices will read of them. A shard's profiles are more
// than a processor's caches hold, and one after the other the reads of a profile take longer than all the rest of the
// work: here none waits for another.
func (sh *Shard) fetch(list []*aerv1.Slice) (found fetched) {
	sum := uint64(0) // it has no meaning, but what has no use would not be read
	for i, s := range list {
		found[i] = sh.table.first(profileOf(s))
	}
	for _, p := range found[:len(list)] {
		if p != nil {
			sum += p.readName()
		}
	}
	for i, s := range list {
		found[i] = found[i].of(profileOf(s))
	}
	for _, p := range found[:len(list)] {
		if p != nil {
			sum += p.read()
		}
	}
	for _, p := range found[:len(list)] {
		if p != nil && len(p.Sessions) > 0 {
			sum += p.Sessions[len(p.Sessions)-1].read()
		}
	}
	runtime.KeepAlive(sum)
	return found
}

// readName touches whose the profile is.
func (p *Profile) readName() (sum uint64) {
	if p.UserID != "" {
		sum += uint64(p.UserID[0])
	}
	return sum
}

// read touches what the profile refers to.
func (p *Profile) read() (sum uint64) {
	for i := range p.things.list {
		sum += p.things.list[i].hash
	}
	for i := range p.peaks.list {
		sum += uint64(p.peaks.list[i].Value)
	}
	if n := len(p.Sessions); n > 0 {
		sum += uint64(p.Sessions[n-1].LastMS) + uint64(len(p.Sessions[n-1].Sightings))
	}
	if n := len(p.Minutes); n > 0 {
		sum += uint64(p.Minutes[n-1].Index)
	}
	if n := len(p.Recent); n > 0 {
		sum += uint64(p.Recent[n-1].Stretch)
	}
	if n := len(p.Reads.list); n > 0 {
		sum += p.Reads.list[n/2].Hash
	}
	if n := len(p.Downloads.list); n > 0 {
		sum += p.Downloads.list[n/2].Hash
	}
	return sum
}

func (s *Session) read() (sum uint64) {
	if len(s.ID) > 0 {
		sum += uint64(s.ID[0])
	}
	if n := len(s.Sightings); n > 0 {
		sum += uint64(s.Sightings[n-1].TimeMS)
	}
	for i := range s.Clients {
		c := s.Clients[i].Client
		sum += uint64(c.GetAsn()) + uint64(len(c.GetOs()))
		if ip := c.GetIp(); ip != "" {
			sum += uint64(ip[0])
		}
	}
	return sum
}
