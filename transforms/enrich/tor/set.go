// SPDX-License-Identifier: Apache-2.0

// Package tor knows which addresses were Tor exits at which time.
//
// A Set holds validity intervals per address and answers by event time, so that a relay that is no exit, a former exit
// and a not-yet exit are not Tor, however late the event is looked at. A List keeps a Set current from one file.
package tor

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"sort"
	"time"
)

// DefaultGrace is how far apart two listings of an address may be and still count as one, and how long after its last
// listing an address still counts: exit lists flap (360,712 raw intervals of a public history merge to 142,078 at 3 h).
const DefaultGrace = 3 * time.Hour

// Interval says that Addr was listed as an exit from From until Until, both inclusive, in Unix seconds.
type Interval struct {
	Addr        netip.Addr
	From, Until int64
	// Open: the newest snapshot still lists it, so nothing says yet that it ended.
	Open bool
}

// span is a time interval in Unix seconds. 32 bits reach until 2106 and halve the memory of a long history.
type span struct{ from, until uint32 }

// run is the place of one address's spans in Set.spans, and whether the last of them is open.
type run struct {
	start, n uint32
	open     bool
}

// Set is an immutable collection of listing intervals. The zero value and nil are empty.
// Memory: 8 bytes an interval and about 30 (IPv4) or 50 (IPv6) bytes an address.
type Set struct {
	v4    map[[4]byte]run
	v6    map[[16]byte]run
	spans []span
	grace uint32
}

// NewSet merges intervals, in any order and overlapping as they like, into a Set. Listings of one address at most grace
// apart become one; grace is cut to whole seconds. It fails on intervals that end before they begin, on times outside
// 1970-2106 and on invalid addresses, naming the first offender.
func NewSet(intervals []Interval, grace time.Duration) (*Set, error) {
	if grace < 0 {
		return nil, fmt.Errorf("merging exit intervals: grace is %v, want 0 or more", grace)
	}
	sorted := make([]Interval, len(intervals))
	for i, iv := range intervals {
		if err := iv.check(); err != nil {
			return nil, fmt.Errorf("merging exit intervals: %w", err)
		}
		iv.Addr = normalise(iv.Addr)
		sorted[i] = iv
	}
	slices.SortFunc(sorted, func(a, b Interval) int {
		return cmp.Or(a.Addr.Compare(b.Addr), cmp.Compare(a.From, b.From), cmp.Compare(a.Until, b.Until))
	})
	s := &Set{grace: uint32(grace / time.Second)}
	s.v4, s.v6 = make(map[[4]byte]run), make(map[[16]byte]run)
	s.spans = make([]span, 0, len(sorted))
	for i := 0; i < len(sorted); {
		i = s.addRun(sorted, i)
	}
	s.spans = slices.Clip(s.spans)
	return s, nil
}

// addRun appends the merged spans of the address at sorted[i] and returns the index of the next address.
func (s *Set) addRun(sorted []Interval, i int) int {
	addr, start, open := sorted[i].Addr, len(s.spans), false
	for ; i < len(sorted) && sorted[i].Addr == addr; i++ {
		open = open || sorted[i].Open
		next := span{uint32(sorted[i].From), uint32(sorted[i].Until)}
		if last := len(s.spans) - 1; last >= start && int64(next.from) <= int64(s.spans[last].until)+int64(s.grace) {
			s.spans[last].until = max(s.spans[last].until, next.until)
			continue
		}
		s.spans = append(s.spans, next)
	}
	r := run{uint32(start), uint32(len(s.spans) - start), open}
	if addr.Is4() {
		s.v4[addr.As4()] = r
	} else {
		s.v6[addr.As16()] = r
	}
	return i
}

// Listed says whether addr was an exit at t, that is, inside a listing, at most the grace after its end, or any time
// after the begin of one that is open, and when that listing was last confirmed (before or after t). IPv4-mapped IPv6
// addresses count as IPv4, zones are ignored.
func (s *Set) Listed(addr netip.Addr, t time.Time) (until time.Time, ok bool) {
	r, ok := s.find(addr)
	if !ok {
		return time.Time{}, false
	}
	spans, at := s.spans[r.start:r.start+r.n], t.Unix()
	// The last span that began at or before t is the only one that can hold it.
	i := sort.Search(len(spans), func(i int) bool { return int64(spans[i].from) > at }) - 1
	if i < 0 {
		return time.Time{}, false
	}
	open := r.open && i == len(spans)-1
	if !open && at > int64(spans[i].until)+int64(s.grace) {
		return time.Time{}, false
	}
	return time.Unix(int64(spans[i].until), 0).UTC(), true
}

func (s *Set) find(addr netip.Addr) (run, bool) {
	if s == nil || !addr.IsValid() {
		return run{}, false
	}
	if addr.Is4() || addr.Is4In6() {
		r, ok := s.v4[addr.As4()]
		return r, ok
	}
	r, ok := s.v6[addr.As16()]
	return r, ok
}

// Intervals returns the merged intervals, sorted by address and time.
func (s *Set) Intervals() []Interval {
	if s == nil {
		return nil
	}
	out := make([]Interval, 0, len(s.spans))
	add := func(addr netip.Addr, r run) {
		for i, sp := range s.spans[r.start : r.start+r.n] {
			open := r.open && i == int(r.n)-1
			out = append(out, Interval{Addr: addr, From: int64(sp.from), Until: int64(sp.until), Open: open})
		}
	}
	for a, r := range s.v4 {
		add(netip.AddrFrom4(a), r)
	}
	for a, r := range s.v6 {
		add(netip.AddrFrom16(a), r)
	}
	slices.SortFunc(out, func(a, b Interval) int { return cmp.Or(a.Addr.Compare(b.Addr), cmp.Compare(a.From, b.From)) })
	return out
}

// Addresses is the number of distinct addresses in s.
func (s *Set) Addresses() int {
	if s == nil {
		return 0
	}
	return len(s.v4) + len(s.v6)
}

// Len is the number of merged intervals in s.
func (s *Set) Len() int {
	if s == nil {
		return 0
	}
	return len(s.spans)
}

func (iv Interval) check() error {
	switch {
	case !iv.Addr.IsValid():
		return fmt.Errorf("invalid address in [%d, %d]", iv.From, iv.Until)
	case iv.Until < iv.From:
		return fmt.Errorf("%s: interval [%d, %d] ends before it begins", iv.Addr, iv.From, iv.Until)
	case iv.From < 0 || iv.Until > maxUnix:
		return fmt.Errorf("%s: interval [%d, %d] is outside the years 1970 to 2105", iv.Addr, iv.From, iv.Until)
	}
	return nil
}

// maxUnix is the last second that a span can hold.
const maxUnix = 1<<32 - 1

// normalise makes equal addresses equal values: IPv4-mapped IPv6 becomes IPv4, a zone is dropped.
func normalise(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }
