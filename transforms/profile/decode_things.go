// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"hash/maphash"
	"math/bits"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// The bytes that things, objects, calls and attempts take at least.
const leastThing, leastObject, leastMinute, leastRecent, leastAttempt = 3, 9, 2, 3, 4

func (d *decoder) things(p *Profile) {
	list := d.thingsRead[:0]
	for kind := range kinds {
		n := d.count(leastThing)
		if n > mostThings(kind) {
			d.Fail()
			return
		}
		for range n {
			list = append(list, d.thing(kind))
		}
		p.things.ends[kind] = uint16(len(list))
	}
	d.thingsRead = list
	p.things.list = d.thingList.take(len(list))
	copy(p.things.list, list)
}

// mostThings is how many things of a kind are remembered.
func mostThings(kind Kind) int {
	if kind == Methods {
		return maxMethods
	}
	return maxKnown
}

func (d *decoder) thing(kind Kind) (k Thing) {
	switch kind {
	case Clients, Countries, Methods:
		k.Key = d.sharedText()
	case Devices, Networks:
		k.Key = d.ownText()
	default:
		k.Key = d.text()
	}
	k.hash = maphash.String(seed, k.Key)
	head := d.Uint()
	k.Events = uint32(head >> 1)
	k.LastMS = d.time(d.lastMS)
	if k.FirstMS, k.Days = k.LastMS, 1; head&thingOnce == 0 {
		k.FirstMS, k.Days = d.time(k.LastMS), uint32(d.Uint())
	}
	return k
}

func (d *decoder) objects() Objects {
	n := d.count(leastObject)
	o := Objects{list: d.objectList.take(n)}
	for i := range o.list {
		o.list[i].Hash = d.Fixed()
	}
	last := uint32(d.lastMS / 1000)
	for i := range o.list {
		x, head := &o.list[i], d.Uint()
		x.LastS = last - uint32(head>>1)
		if x.FirstS = x.LastS; head&objectAgain != 0 {
			x.FirstS -= uint32(d.Uint())
		}
	}
	if n > fewObjects {
		o.sortFirsts()
	}
	return o
}

func (d *decoder) peaks(p *Profile) {
	set, list := d.Uint(), d.peaksRead[:0]
	if set>>len(storedMetrics) != 0 {
		d.Fail()
		return
	}
	var from, to [MetricCount]int
	for ; set != 0; set &= set - 1 {
		m := storedMetrics[bits.TrailingZeros64(set)]
		from[m] = len(list)
		list = d.peaksOf(list)
		to[m] = len(list)
	}
	d.peaksRead = list
	p.peaks.list = d.peakList.take(len(list))[:0]
	for m := range MetricCount {
		p.peaks.list = append(p.peaks.list, list[from[m]:to[m]]...)
		p.peaks.ends[m] = uint8(len(p.peaks.list))
	}
}

// peaksOf appends the peaks of a metric to dst.
func (d *decoder) peaksOf(dst []Peak) []Peak {
	last := uint32(d.lastMS / dayMS)
	for range maxPeaks {
		head := d.Uint()
		dst = append(dst, Peak{last - uint32(head>>1), uint32(d.Uint())})
		if head&peakMore == 0 {
			return dst
		}
	}
	d.Fail()
	return dst
}

func (d *decoder) calls(p *Profile) {
	p.Minutes = d.minutes.take(d.count(leastMinute))
	before := uint32(d.lastMS / minuteMS)
	for i := range p.Minutes {
		p.Minutes[i] = Minute{before - uint32(d.Uint()), uint32(d.Uint())}
	}
	p.Recent = d.recent.take(d.count(leastRecent))
	before = uint32(d.lastMS / stretchMS)
	for i := range p.Recent {
		m := &p.Recent[i]
		m.Stretch, m.Method, m.Calls = before-uint32(d.Uint()), d.sharedText(), uint32(d.Uint())
	}
}

func (d *decoder) attempts(p *Profile) {
	p.Attempts = make([]*aerv1.AttemptHour, d.count(leastAttempt))
	for i := range p.Attempts {
		a := &aerv1.AttemptHour{Hour: uint32(d.Uint()), Count: uint32(d.Uint()), Tor: uint32(d.Uint())}
		for range d.count(1) {
			a.Places = append(a.Places, d.text())
		}
		p.Attempts[i] = a
	}
}
