// SPDX-License-Identifier: Apache-2.0

package compact

import (
	"slices"
	"sync"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// What a slice says beside its user, so that what most slices lack or have takes no byte.
const (
	sliceSameOrg       = 1 << iota // as the slice before
	sliceLone                      // one event, which is the first and the last
	slicePaceFollows               // from the events that are named
	sliceBytes                     // were moved
	sliceDownloads                 // has downloads
	sliceDownloadBytes             // are all that were moved
	sliceMethods                   // has calls
	sliceReads                     // has reads
	sliceUserType                  // is known
	sliceActor                     // is not the person
	sliceOtherWindow               // than that which the batch ends with
	sliceOtherDownloadBytes
	sliceTor
	sliceFacetsDropped
	sliceNoLast
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
	body := e.buf
	e.buf = e.header[:0]
	e.int(b.WindowEndMs)
	e.uint(uint64(uint32(e.win)))
	e.n.each(func(n *uint64) { e.uint(*n) })
	e.header, e.buf = e.buf, body
	return append(append(slices.Grow(dst, len(e.header)+len(body)), e.header...), body...)
}

func (e *encoder) release() {
	clear(e.seen)
	clear(e.named)
	e.buf, e.unpacked, e.n = e.buf[:0], 0, sizes{}
	encoders.Put(e)
}

func (e *encoder) slice(s *aerv1.Slice, org string) {
	e.name(s)
	flags := e.flags(s, org)
	e.uint(flags)
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
		e.int(s.WindowStartMs - e.startMS)
		e.uint(uint64(uint32(s.WindowMs)))
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
		e.uint(uint64(len(s.TorAddresses)))
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
	e.uint(uint64(s.Events))
	e.uint(uint64(len(s.Refs)))
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
	e.int(ms - s.WindowStartMs)
}

// ref writes an event as the place that it has among the first known of those that the slice names.
func (e *encoder) ref(id string, ms int64, s *aerv1.Slice, known int) {
	for i, r := range e.named[:known] {
		if r.TimeMs == ms && r.Id == id {
			e.uint(uint64(i) + 1)
			return
		}
	}
	e.uint(0)
	e.event(id, ms, s)
}

func (e *encoder) numbers(s *aerv1.Slice, flags uint64) {
	if flags&slicePaceFollows == 0 {
		e.uint(uint64(len(s.Pace)))
		for _, n := range s.Pace {
			e.uint(uint64(n))
		}
		e.n.paces += uint64(len(s.Pace))
	} else {
		e.n.paces += uint64(paceLen(s.WindowMs))
	}
	if flags&sliceBytes != 0 {
		e.uint(s.Bytes)
	}
	if flags&sliceOtherDownloadBytes != 0 {
		e.uint(s.DownloadBytes)
	}
	if flags&sliceFacetsDropped != 0 {
		e.uint(uint64(s.FacetsDropped))
	}
}
