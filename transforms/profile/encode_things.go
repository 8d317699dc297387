// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"math/bits"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// The flags of a thing, above which is the number of its events; of an object, above which is how long before the
// user's last time it was last touched; and of a peak, above which is how many days before the last it was.
const (
	thingOnce   = 1 // its first time is its last, on one day
	objectAgain = 1 // its last time is not its first
	peakMore    = 1 // another peak of the metric follows
)

// storedMetrics are the metrics by the number under which their peaks are stored: new ones go to the end, and none is
// ever changed or removed.
var storedMetrics = [...]Metric{
	Calls1h, Calls5m, NewDownloads15m, NewDownloads1h, NewDownloads24h, NewDownloads5m, NewDownloads7d, NewReads1h,
	NewReads24h, NewReads5m,
}

// things writes kind after kind, in the order of their numbers.
func (e *encoder) things(p *Profile) {
	for kind := range kinds {
		list := p.Things(kind)
		e.Uint(uint64(len(list)))
		for i := range list {
			e.thing(kind, &list[i])
		}
	}
}

func (e *encoder) thing(kind Kind, k *Thing) {
	switch kind {
	case Clients, Countries, Methods:
		e.sharedText(k.Key)
	case Devices, Networks:
		e.ownText(k.Key)
	case Fingerprints:
		e.words(k.Key)
	default:
		e.text(k.Key)
	}
	head := uint64(k.Events)<<1 | flagsOf(flag{thingOnce, k.FirstMS == k.LastMS && k.Days == 1})
	e.Uint(head)
	e.time(e.lastMS, k.LastMS)
	if head&thingOnce == 0 {
		e.time(k.LastMS, k.FirstMS)
		e.Uint(uint64(k.Days))
	}
}

// objects writes the hashes, which are sorted, and then the times.
func (e *encoder) objects(o *Objects) {
	e.Uint(uint64(len(o.list)))
	for i := range o.list {
		e.Fixed(o.list[i].Hash)
	}
	last := uint32(e.lastMS / 1000)
	for i := range o.list {
		x := &o.list[i]
		head := uint64(last-x.LastS)<<1 | flagsOf(flag{objectAgain, x.FirstS != x.LastS})
		e.Uint(head)
		if head&objectAgain != 0 {
			e.Uint(uint64(x.LastS - x.FirstS))
		}
	}
}

// peaks writes which metrics have any, and then theirs: how many days before the last, whether there are more, and the
// value.
func (e *encoder) peaks(p *Profile) {
	set := uint64(0)
	for i, m := range storedMetrics {
		if len(p.Peaks(m)) > 0 {
			set |= 1 << i
		}
	}
	e.Uint(set)
	last := uint32(e.lastMS / dayMS)
	for ; set != 0; set &= set - 1 {
		list := p.Peaks(storedMetrics[bits.TrailingZeros64(set)])
		for i, k := range list {
			e.Uint(uint64(last-k.Day)<<1 | flagsOf(flag{peakMore, i+1 < len(list)}))
			e.Uint(uint64(k.Value))
		}
	}
}

// calls writes the minutes and the recent methods.
func (e *encoder) calls(p *Profile) {
	e.Uint(uint64(len(p.Minutes)))
	before := uint32(e.lastMS / minuteMS)
	for _, m := range p.Minutes {
		e.Uint(uint64(before - m.Index))
		e.Uint(uint64(m.Calls))
	}
	e.Uint(uint64(len(p.Recent)))
	before = uint32(e.lastMS / stretchMS)
	for _, r := range p.Recent {
		e.Uint(uint64(before - r.Stretch))
		e.sharedText(r.Method)
		e.Uint(uint64(r.Calls))
	}
}

func (e *encoder) attempts(list []*aerv1.AttemptHour) {
	e.Uint(uint64(len(list)))
	for _, a := range list {
		e.Uint(uint64(a.Hour))
		e.Uint(uint64(a.Count))
		e.Uint(uint64(a.Tor))
		e.Uint(uint64(len(a.Places)))
		for _, place := range a.Places {
			e.text(place)
		}
	}
}
