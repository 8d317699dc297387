// SPDX-License-Identifier: Apache-2.0

package compact

import (
	"slices"
	"sync"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
)

// encoder writes one batch after the other.
type encoder struct {
	textWriter
	n       sizes
	startMS int64 // of the batch's last window
	win     int32
	// named are the first events of the slice and the last one, hashes theirs once they are asked for.
	named  []*aerv1.EventRef
	hashes []uint64
	header []byte
}

// sizes are how many there are of each kind of part in a batch, which the decoder makes room for.
type sizes struct{ slices, refs, facets, methods, actions, sets, hashes, paces, texts uint64 }

func (n *sizes) each(do func(*uint64)) {
	for _, p := range [...]*uint64{&n.slices, &n.refs, &n.facets, &n.methods, &n.actions, &n.sets, &n.hashes, &n.paces,
		&n.texts} {
		do(p)
	}
}

var encoders = sync.Pool{New: func() any { return &encoder{textWriter: textWriter{seen: map[string]uint32{}}} }}

// Append appends the encoded batch to dst. Slices of the batch must not be nil, nor any of their parts in lists.
func Append(dst []byte, b *aerv1.Batch) []byte {
	e := encoders.Get().(*encoder)
	defer e.release()
	if len(b.Slices) > 0 {
		e.win = b.Slices[0].WindowMs
	}
	e.startMS = b.WindowEndMs - int64(e.win)
	org := ""
	for _, s := range b.Slices {
		e.slice(s, org)
		org = s.OrgId
	}
	e.n.slices, e.n.texts = uint64(len(b.Slices)), uint64(e.unpacked)
	body := e.Buf
	e.Buf = e.header[:0]
	e.Int(b.WindowEndMs)
	e.Uint(uint64(uint32(e.win)))
	e.n.each(func(n *uint64) { e.Uint(*n) })
	e.header, e.Buf = e.Buf, body
	return append(append(slices.Grow(dst, len(e.header)+len(body)), e.header...), body...)
}

func (e *encoder) release() {
	clear(e.seen)
	clear(e.named)
	e.Buf, e.unpacked, e.n = e.Buf[:0], 0, sizes{}
	encoders.Put(e)
}

func (e *encoder) slice(s *aerv1.Slice, org string) {
	e.name(s)
	flags := e.flags(s, org)
	e.Uint(flags)
	if flags&sliceSameOrg == 0 {
		e.text(s.OrgId)
	}
	e.text(s.UserId)
	if flags&sliceUserType != 0 {
		e.text(s.UserType)
	}
	if flags&sliceActor != 0 {
		e.text(s.ActorKind)
		e.text(s.AppId)
	}
	if flags&sliceOtherWindow != 0 {
		e.Int(s.WindowStartMs - e.startMS)
		e.Uint(uint64(uint32(s.WindowMs)))
	}
	e.events(s, flags)
	e.numbers(s, flags)
	e.facets(s)
	e.actions(s)
	if flags&sliceMethods != 0 {
		e.methods(s)
	}
	if flags&sliceDownloads != 0 {
		e.set(s.Downloads)
	}
	if flags&sliceReads != 0 {
		e.set(s.Reads)
	}
	if flags&sliceTor != 0 {
		e.Uint(uint64(len(s.TorAddresses)))
		for _, a := range s.TorAddresses {
			e.text(a)
		}
	}
}

// name notes the events that the slice names.
func (e *encoder) name(s *aerv1.Slice) {
	e.named, e.hashes = append(e.named[:0], s.Refs...), e.hashes[:0]
	if s.Last != nil {
		e.named = append(e.named, s.Last)
	}
}

func (e *encoder) flags(s *aerv1.Slice, org string) (f uint64) {
	for flag, is := range [...]bool{
		s.OrgId == org, lone(s), paceFollows(s), s.Bytes != 0, s.Downloads != nil,
		s.DownloadBytes != 0 && s.DownloadBytes == s.Bytes, len(s.Methods) > 0, s.Reads != nil, s.UserType != "",
		s.ActorKind != "" || s.AppId != "", s.WindowStartMs != e.startMS || s.WindowMs != e.win,
		s.DownloadBytes != 0 && s.DownloadBytes != s.Bytes, len(s.TorAddresses) > 0, s.FacetsDropped != 0, s.Last == nil,
	} {
		if is {
			f |= 1 << flag
		}
	}
	return f
}

func lone(s *aerv1.Slice) bool {
	return s.Events == 1 && len(s.Refs) == 1 && s.Last != nil &&
		(s.Last == s.Refs[0] || s.Last.Id == s.Refs[0].Id && s.Last.TimeMs == s.Refs[0].TimeMs)
}

// paceFollows says whether the pace is that of the first events and there are no others.
func paceFollows(s *aerv1.Slice) bool {
	if uint64(s.Events) != uint64(len(s.Refs)) || len(s.Pace) != paceLen(s.WindowMs) || len(s.Pace) > longestPace {
		return false
	}
	var room [longestPace]uint32
	return slices.Equal(s.Pace, pace(room[:0], s))
}

// longestPace is how many seconds a pace may have that is not written: those of the longest window that makes sense.
const longestPace = 60

func paceLen(windowMS int32) int { return max(1, int(windowMS)/1000) }

// pace appends the events per second of a slice that names all of its events, none of them background polling.
func pace(to []uint32, s *aerv1.Slice) []uint32 {
	from, n := len(to), paceLen(s.WindowMs)
	for range n {
		to = append(to, 0)
	}
	for _, r := range s.Refs {
		second := min(max(0, (r.TimeMs-s.WindowStartMs)/1000), int64(n-1))
		to[from+int(second)]++
	}
	return to
}

func (e *encoder) events(s *aerv1.Slice, flags uint64) {
	if flags&sliceLone != 0 {
		e.event(s.Refs[0].Id, s.Refs[0].TimeMs, s)
		return
	}
	e.Uint(uint64(s.Events))
	e.Uint(uint64(len(s.Refs)))
	for _, r := range s.Refs {
		e.event(r.Id, r.TimeMs, s)
	}
	if flags&sliceNoLast == 0 {
		e.ref(s.Last.Id, s.Last.TimeMs, s, len(s.Refs))
	}
}

func (e *encoder) event(id string, ms int64, s *aerv1.Slice) {
	e.n.refs++
	e.id(id)
	e.Int(ms - s.WindowStartMs)
}

// ref writes an event as the place that it has among the first known of those that the slice names.
func (e *encoder) ref(id string, ms int64, s *aerv1.Slice, known int) {
	for i, r := range e.named[:known] {
		if r.TimeMs == ms && r.Id == id {
			e.Uint(uint64(i) + 1)
			return
		}
	}
	e.Uint(0)
	e.event(id, ms, s)
}

func (e *encoder) numbers(s *aerv1.Slice, flags uint64) {
	if flags&slicePaceFollows == 0 {
		e.Uint(uint64(len(s.Pace)))
		for _, n := range s.Pace {
			e.Uint(uint64(n))
		}
		e.n.paces += uint64(len(s.Pace))
	} else {
		e.n.paces += uint64(paceLen(s.WindowMs))
	}
	if flags&sliceBytes != 0 {
		e.Uint(s.Bytes)
	}
	if flags&sliceOtherDownloadBytes != 0 {
		e.Uint(s.DownloadBytes)
	}
	if flags&sliceFacetsDropped != 0 {
		e.Uint(uint64(s.FacetsDropped))
	}
}

func (e *encoder) facets(s *aerv1.Slice) {
	e.Uint(uint64(len(s.Facets)))
	e.n.facets += uint64(len(s.Facets))
	for _, f := range s.Facets {
		e.facet(f, s)
	}
}

func (e *encoder) facet(f *aerv1.Facet, s *aerv1.Slice) {
	flags := e.facetFlags(f, s)
	e.Uint(flags)
	e.text(f.SessionId)
	if flags&facetWhole == 0 {
		e.ref(f.FirstEventId, f.FirstMs, s, len(e.named))
		e.ref(f.LastEventId, f.LastMs, s, len(e.named))
		e.Uint(uint64(f.Events))
	}
	if flags&facetCookies != 0 {
		e.Int(f.CookieMinMs - s.WindowStartMs)
		e.Int(f.CookieMaxMs - s.WindowStartMs)
	}
	if flags&facetCounts != 0 {
		e.Uint(uint64(f.Downloads))
		e.Uint(uint64(f.Reads))
		e.Uint(uint64(f.Calls))
	}
	if flags&facetNoClient == 0 {
		e.client(f.Client, flags)
	}
}

func (e *encoder) facetFlags(f *aerv1.Facet, s *aerv1.Slice) (flags uint64) {
	counts := f.Downloads > 1 || f.Reads > 1 || f.Calls > 1
	for flag, is := range [...]bool{
		e.whole(f, s), f.Downloads == 1 && !counts, f.Reads == 1 && !counts, f.Calls == 1 && !counts,
		f.Client.GetAsn() != 0 || f.Client.GetCountry() != "", f.Login, f.CookieMinMs != 0 || f.CookieMaxMs != 0,
		counts, f.Client.GetHosting(), f.Client == nil,
	} {
		if is {
			flags |= 1 << flag
		}
	}
	return flags
}

// whole says whether the facet begins and ends with its slice.
func (e *encoder) whole(f *aerv1.Facet, s *aerv1.Slice) bool {
	if len(s.Refs) == 0 || s.Last == nil || f.Events != s.Events {
		return false
	}
	first, last := s.Refs[0], s.Last
	return f.FirstMs == first.TimeMs && f.LastMs == last.TimeMs && f.FirstEventId == first.Id && f.LastEventId == last.Id
}

func (e *encoder) client(c *aerv1.FacetClient, flags uint64) {
	for _, t := range [...]string{c.Ip, c.UserAgent, c.DeviceId, c.Ja4, c.Class, c.Family, c.Version, c.Os} {
		e.text(t)
	}
	if flags&facetPlace != 0 {
		e.Uint(uint64(c.Asn))
		e.text(c.Country)
	}
}

func (e *encoder) actions(s *aerv1.Slice) {
	e.Uint(uint64(len(s.Actions)))
	e.n.actions += uint64(len(s.Actions))
	for _, a := range s.Actions {
		e.text(a.Action)
		e.text(a.Outcome)
		e.Uint(uint64(a.Count))
	}
}

// methods writes calls; the hash of one whose event is named is not written.
func (e *encoder) methods(s *aerv1.Slice) {
	e.Uint(uint64(len(s.Methods)))
	e.n.methods += uint64(len(s.Methods))
	for _, m := range s.Methods {
		e.text(m.Class)
		e.text(m.Method)
		odd := m.Errors != 0 || m.RateLimited != 0 || m.Sketched || uint64(m.Calls) != uint64(len(m.CallIds))
		e.Uint(uint64(len(m.CallIds))<<1 | bit(odd))
		if odd {
			e.Uint(uint64(m.Calls)<<1 | bit(m.Sketched))
			e.Uint(uint64(m.Errors))
			e.Uint(uint64(m.RateLimited))
		}
		e.calls(m.CallIds)
	}
}

func bit(is bool) uint64 {
	if is {
		return 1
	}
	return 0
}

func (e *encoder) calls(ids []uint64) {
	e.n.hashes += uint64(len(ids))
	if len(e.hashes) == 0 {
		for _, r := range e.named {
			e.hashes = append(e.hashes, activity.Hash(r.Id))
		}
	}
	for _, h := range ids {
		i := slices.Index(e.hashes, h)
		e.Uint(uint64(i + 1))
		if i < 0 {
			e.Fixed(h)
		}
	}
}

func (e *encoder) set(o *aerv1.ObjectSet) {
	e.n.sets++
	e.n.hashes += uint64(len(o.Hashes))
	e.Uint(uint64(len(o.Hashes))<<1 | bit(o.Sketched))
	for _, h := range o.Hashes {
		e.Fixed(h)
	}
}
