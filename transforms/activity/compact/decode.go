// SPDX-License-Identifier: Apache-2.0

package compact

import (
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/packed"
)

// decoder reads one batch.
type decoder struct {
	textReader
	startMS int64
	win     int32

	slices  []aerv1.Slice
	refs    []aerv1.EventRef
	facets  []aerv1.Facet
	clients []aerv1.FacetClient
	methods []aerv1.MethodCount
	actions []aerv1.ActionCount
	sets    []aerv1.ObjectSet
	hashes  []uint64
	paces   []uint32

	refList    []*aerv1.EventRef
	facetList  []*aerv1.Facet
	methodList []*aerv1.MethodCount
	actionList []*aerv1.ActionCount

	named []*aerv1.EventRef
}

// Decode reads what Append wrote. It fails on bytes that are no batch; a retry cannot help. Damaged bytes that happen
// to be a batch cannot be told.
func Decode(raw []byte) (*aerv1.Batch, error) {
	d := decoder{textReader: textReader{Reader: packed.Reader{Rest: raw}}}
	b := &aerv1.Batch{WindowEndMs: d.Int()}
	d.win = int32(uint32(d.Uint()))
	d.startMS = b.WindowEndMs - int64(d.win)
	n := d.room()
	b.Slices = make([]*aerv1.Slice, 0, n)
	org := ""
	for range n {
		s := part(&d.slices)
		d.slice(s, org)
		b.Slices, org = append(b.Slices, s), s.OrgId
	}
	if err := d.err(raw); err != nil {
		return nil, err
	}
	if len(d.Rest) > 0 {
		return nil, fmt.Errorf("decoding a batch of %d bytes: %d are left over", len(raw), len(d.Rest))
	}
	return b, nil
}

func (r *textReader) err(raw []byte) error {
	if r.Bad {
		return fmt.Errorf("decoding a batch of %d bytes: they are cut short or no batch", len(raw))
	}
	return nil
}

// The bytes that a part takes at least, which bounds the room made for what a damaged header announces.
const leastSlice, leastFacet, leastPart = 6, 2, 1

// room makes room for the parts that the header announces and returns the number of slices.
func (d *decoder) room() uint64 {
	var n sizes
	most := uint64(len(d.Rest))
	n.each(func(p *uint64) {
		if *p = d.Uint(); *p > most*longestPace {
			d.Fail()
		}
	})
	if n.slices*leastSlice+n.facets*leastFacet+(n.refs+n.methods+n.actions+n.sets+n.hashes)*leastPart > most {
		d.Fail()
	}
	if d.Bad {
		return 0
	}
	d.slices, d.refs = make([]aerv1.Slice, n.slices), make([]aerv1.EventRef, n.refs)
	d.facets, d.clients = make([]aerv1.Facet, n.facets), make([]aerv1.FacetClient, n.facets)
	d.methods = make([]aerv1.MethodCount, n.methods)
	d.actions, d.sets = make([]aerv1.ActionCount, n.actions), make([]aerv1.ObjectSet, n.sets)
	d.refList, d.facetList = make([]*aerv1.EventRef, n.refs), make([]*aerv1.Facet, n.facets)
	d.methodList, d.actionList = make([]*aerv1.MethodCount, n.methods), make([]*aerv1.ActionCount, n.actions)
	d.hashes, d.paces = make([]uint64, n.hashes), make([]uint32, 0, n.paces)
	d.all.Grow(int(n.texts))
	return n.slices
}

// part takes a part off a block of them.
func part[T any](block *[]T) *T {
	if len(*block) == 0 {
		return new(T) // more than announced: the bytes are damaged
	}
	p := &(*block)[0]
	*block = (*block)[1:]
	return p
}

// list takes a list of n off a block.
func list[T any](d *decoder, block *[]T, n uint64) []T {
	if n > uint64(len(*block)) {
		d.Fail()
		return nil
	}
	l := (*block)[:n:n]
	*block = (*block)[n:]
	return l
}

func (d *decoder) slice(s *aerv1.Slice, org string) {
	flags := d.Uint()
	if s.OrgId = org; flags&sliceSameOrg == 0 {
		s.OrgId = d.text()
	}
	s.UserId = d.text()
	if flags&sliceUserType != 0 {
		s.UserType = d.text()
	}
	if flags&sliceActor != 0 {
		s.ActorKind, s.AppId = d.text(), d.text()
	}
	s.WindowStartMs, s.WindowMs = d.startMS, d.win
	if flags&sliceOtherWindow != 0 {
		s.WindowStartMs, s.WindowMs = d.startMS+d.Int(), int32(uint32(d.Uint()))
	}
	d.events(s, flags)
	d.numbers(s, flags)
	d.readFacets(s)
	d.readActions(s)
	if flags&sliceMethods != 0 {
		d.readMethods(s)
	}
	if flags&sliceDownloads != 0 {
		s.Downloads = d.set()
	}
	if flags&sliceReads != 0 {
		s.Reads = d.set()
	}
	if flags&sliceTor != 0 {
		for range d.count() {
			s.TorAddresses = append(s.TorAddresses, d.text())
		}
	}
}

// count is a number of things that take at least a byte each.
func (d *decoder) count() uint64 {
	n := d.Uint()
	if n > uint64(len(d.Rest)) {
		d.Fail()
		return 0
	}
	return n
}

func (d *decoder) events(s *aerv1.Slice, flags uint64) {
	if flags&sliceLone != 0 {
		s.Events, s.Refs = 1, list(d, &d.refList, 1)
		s.Last = d.event(s)
		if len(s.Refs) == 1 {
			s.Refs[0] = s.Last
		}
		d.named = append(d.named[:0], s.Last, s.Last)
		return
	}
	s.Events = uint32(d.Uint())
	s.Refs = list(d, &d.refList, d.Uint())
	for i := range s.Refs {
		s.Refs[i] = d.event(s)
	}
	d.named = append(d.named[:0], s.Refs...)
	if flags&sliceNoLast == 0 {
		s.Last = d.ref(s)
		d.named = append(d.named, s.Last)
	}
}

func (d *decoder) event(s *aerv1.Slice) *aerv1.EventRef {
	r := part(&d.refs)
	r.Id = d.id()
	r.TimeMs = s.WindowStartMs + d.Int()
	return r
}

// ref is an event that the slice names, or another.
func (d *decoder) ref(s *aerv1.Slice) *aerv1.EventRef {
	i := d.Uint()
	switch {
	case i == 0:
		return d.event(s)
	case i > uint64(len(d.named)):
		d.Fail()
		return &aerv1.EventRef{}
	}
	return d.named[i-1]
}

func (d *decoder) numbers(s *aerv1.Slice, flags uint64) {
	from := len(d.paces)
	switch {
	case flags&slicePaceFollows != 0 && paceLen(s.WindowMs) > longestPace:
		d.Fail()
	case flags&slicePaceFollows != 0:
		d.paces = pace(d.paces, s)
	default:
		for range d.count() {
			d.paces = append(d.paces, uint32(d.Uint()))
		}
	}
	s.Pace = d.paces[from:len(d.paces):len(d.paces)]
	if flags&sliceBytes != 0 {
		s.Bytes = d.Uint()
	}
	if flags&sliceDownloadBytes != 0 {
		s.DownloadBytes = s.Bytes
	}
	if flags&sliceOtherDownloadBytes != 0 {
		s.DownloadBytes = d.Uint()
	}
	if flags&sliceFacetsDropped != 0 {
		s.FacetsDropped = uint32(d.Uint())
	}
}

func (d *decoder) readFacets(s *aerv1.Slice) {
	s.Facets = list(d, &d.facetList, d.Uint())
	for i := range s.Facets {
		s.Facets[i] = part(&d.facets)
		d.facet(s.Facets[i], s)
	}
}

func (d *decoder) facet(f *aerv1.Facet, s *aerv1.Slice) {
	flags := d.Uint()
	f.SessionId = d.text()
	first, last := s.Last, s.Last
	switch {
	case flags&facetWhole == 0:
		first, last = d.ref(s), d.ref(s)
		f.Events = uint32(d.Uint())
	case len(s.Refs) == 0:
		d.Fail()
	default:
		first, f.Events = s.Refs[0], s.Events
	}
	f.FirstMs, f.FirstEventId = first.GetTimeMs(), first.GetId()
	f.LastMs, f.LastEventId = last.GetTimeMs(), last.GetId()
	f.Login = flags&facetLogin != 0
	if flags&facetCookies != 0 {
		f.CookieMinMs, f.CookieMaxMs = s.WindowStartMs+d.Int(), s.WindowStartMs+d.Int()
	}
	f.Downloads, f.Reads, f.Calls = one(flags, facetDownload), one(flags, facetRead), one(flags, facetCall)
	if flags&facetCounts != 0 {
		f.Downloads, f.Reads, f.Calls = uint32(d.Uint()), uint32(d.Uint()), uint32(d.Uint())
	}
	if flags&facetNoClient == 0 {
		f.Client = part(&d.clients)
		d.client(f.Client, flags)
	}
}

func one(flags, flag uint64) uint32 {
	if flags&flag != 0 {
		return 1
	}
	return 0
}

func (d *decoder) client(c *aerv1.FacetClient, flags uint64) {
	for _, t := range [...]*string{&c.Ip, &c.UserAgent, &c.DeviceId, &c.Ja4, &c.Class, &c.Family, &c.Version, &c.Os} {
		*t = d.text()
	}
	c.Hosting = flags&facetHosting != 0
	if flags&facetPlace != 0 {
		c.Asn, c.Country = uint32(d.Uint()), d.text()
	}
}

func (d *decoder) readActions(s *aerv1.Slice) {
	s.Actions = list(d, &d.actionList, d.Uint())
	for i := range s.Actions {
		a := part(&d.actions)
		a.Action, a.Outcome, a.Count = d.text(), d.text(), uint32(d.Uint())
		s.Actions[i] = a
	}
}

func (d *decoder) readMethods(s *aerv1.Slice) {
	s.Methods = list(d, &d.methodList, d.Uint())
	for i := range s.Methods {
		m := part(&d.methods)
		m.Class, m.Method = d.text(), d.text()
		n := d.Uint()
		m.CallIds = list(d, &d.hashes, n>>1)
		m.Calls = uint32(len(m.CallIds))
		if n&1 == 1 {
			calls := d.Uint()
			m.Calls, m.Sketched = uint32(calls>>1), calls&1 == 1
			m.Errors, m.RateLimited = uint32(d.Uint()), uint32(d.Uint())
		}
		d.calls(m.CallIds)
		s.Methods[i] = m
	}
}

func (d *decoder) calls(ids []uint64) {
	for i := range ids {
		switch at := d.Uint(); {
		case at == 0:
			ids[i] = d.Fixed()
		case at > uint64(len(d.named)):
			d.Fail()
		default:
			ids[i] = activity.Hash(d.named[at-1].GetId())
		}
	}
}

func (d *decoder) set() *aerv1.ObjectSet {
	o, n := part(&d.sets), d.Uint()
	o.Hashes, o.Sketched = list(d, &d.hashes, n>>1), n&1 == 1
	for i := range o.Hashes {
		o.Hashes[i] = d.Fixed()
	}
	return o
}
