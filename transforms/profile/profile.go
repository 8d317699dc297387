// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"cmp"
	"net/netip"
	"strconv"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Schema is the version of the profile's layout.
const Schema = 2

// New is the profile of a user before the first slice.
func New(org aerv1.OrgID, user aerv1.UserID) *aerv1.Profile {
	return &aerv1.Profile{Schema: Schema, OrgId: string(org), UserId: string(user)}
}

// Apply records a slice. Detectors judge a slice against the profile that already holds it, and see what was known
// before by first_ms: a thing that the slice brought has first_ms within the slice's window.
func Apply(p *aerv1.Profile, s *aerv1.Slice) {
	first, last := spanMS(s)
	if p.FirstMs == 0 || first < p.FirstMs {
		p.FirstMs = first
	}
	noteDay(p, last)
	p.LastMs = max(p.LastMs, last)
	p.UserType = cmp.Or(s.UserType, p.UserType)
	for _, f := range s.Facets {
		noteSession(p, f)
		noteFacet(p, f)
	}
	for _, m := range s.Methods {
		p.Methods = note(p.Methods, m.Method, first, last, m.Calls, maxMethods)
	}
	p.Downloads = remember(p.Downloads, s.Downloads, uint32(last/1000))
	p.Reads = remember(p.Reads, s.Reads, uint32(last/1000))
	noteBuckets(p, s)
	noteMethods(p, s)
	for _, m := range Metrics {
		if !m.moves(s) {
			continue
		}
		p.Peaks = notePeak(p.Peaks, m.Name, uint32(last/dayMS), m.Value(p, EndMS(s)))
	}
}

// noteDay counts the day of lastMS, once, whatever the order in which days come. What comes when the newest day is 64
// days on or more counts no more.
func noteDay(p *aerv1.Profile, lastMS int64) {
	ahead := lastMS/dayMS - p.LastMs/dayMS
	p.RecentDays <<= max(0, ahead)
	if bit := uint64(1) << max(0, -ahead); bit != 0 && p.RecentDays&bit == 0 {
		p.RecentDays |= bit
		p.ActiveDays++
	}
}

// spanMS is the time of the slice's first and last event.
func spanMS(s *aerv1.Slice) (first, last int64) {
	first, last = s.WindowStartMs, s.WindowStartMs
	if len(s.Refs) > 0 {
		first = s.Refs[0].TimeMs
	}
	if s.Last != nil {
		last = s.Last.TimeMs
	}
	return first, last
}

// EndMS is the end of the slice's window, Unix milliseconds.
func EndMS(s *aerv1.Slice) int64 { return s.WindowStartMs + int64(s.WindowMs) }

func noteFacet(p *aerv1.Profile, f *aerv1.Facet) {
	c := f.Client
	see := func(list []*aerv1.KnownThing, key string) []*aerv1.KnownThing {
		if key == "" {
			return list
		}
		return note(list, key, f.FirstMs, f.LastMs, f.Events, maxKnown)
	}
	p.Clients = see(p.Clients, ClientKey(c))
	p.Devices = see(p.Devices, c.GetDeviceId())
	p.Networks = see(p.Networks, NetworkKey(c))
	p.Places = see(p.Places, PlaceKey(c))
	p.Countries = see(p.Countries, c.GetCountry())
	if c.GetJa4() != "" {
		p.Fingerprints = see(p.Fingerprints, FingerprintKey(c.GetFamily(), c.GetVersion(), c.GetJa4()))
	}
}

// ClientKey is what a kind of client is remembered by: class, family and operating system, without the version.
func ClientKey(c *aerv1.FacetClient) string {
	return c.GetClass() + " " + c.GetFamily() + " " + c.GetOs()
}

// FingerprintKey is what a TLS fingerprint is remembered by: the client that it belongs to, with its version.
func FingerprintKey(family, version, ja4 string) string { return family + " " + version + " " + ja4 }

// NetworkKey is what a network is remembered by: its AS number, or else the address.
func NetworkKey(c *aerv1.FacetClient) string {
	if c.GetAsn() != 0 {
		return "AS" + strconv.FormatUint(uint64(c.GetAsn()), 10)
	}
	return c.GetIp()
}

// PlaceKey is the address range a client came from, /24 for IPv4 and /48 for IPv6: about one office or home. Empty for
// text that is no address.
func PlaceKey(c *aerv1.FacetClient) string {
	addr, err := netip.ParseAddr(c.GetIp())
	if err != nil {
		return ""
	}
	bits := 24
	if addr = addr.Unmap(); addr.Is6() {
		bits = 48
	}
	p, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}

// IsKnownClient says whether the user had been seen with this kind of client, or with this very device, before the
// time beforeMS.
func IsKnownClient(p *aerv1.Profile, c *aerv1.FacetClient, beforeMS int64) bool {
	if k := Known(p.GetDevices(), c.GetDeviceId()); k != nil && k.FirstMs < beforeMS {
		return true
	}
	k := Known(p.GetClients(), ClientKey(c))
	return k != nil && k.FirstMs < beforeMS
}

func noteBuckets(p *aerv1.Profile, s *aerv1.Slice) {
	minute := uint32(s.WindowStartMs / 60_000)
	b := &aerv1.Bucket{Index: minute, Events: s.Events, DownloadBytes: s.DownloadBytes}
	for _, m := range s.Methods {
		if Interactive(m.Class) {
			b.CallsInteractive += m.Calls
		} else {
			b.CallsAutomated += m.Calls
		}
		b.Errors += m.Errors + m.RateLimited
	}
	hour := &aerv1.Bucket{Index: minute / 60}
	sumBucket(hour, b)
	p.Minutes = addBucket(p.Minutes, b, minutesKept)
	p.Hours = addBucket(p.Hours, hour, hoursKept)
}

// Interactive says whether a class of client is one that a person sits in front of.
func Interactive(class string) bool {
	switch class {
	case aerv1.ClassOfficial, aerv1.ClassBrowser, aerv1.ClassMobileApp:
		return true
	}
	return false
}
