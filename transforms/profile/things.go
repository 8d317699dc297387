// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"hash/maphash"
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Kind is a kind of thing that users are known by.
type Kind uint8

// The kinds. All but Methods follow from a client (AppendKey).
const (
	Clients Kind = iota
	Devices
	Networks
	Places
	Countries
	Fingerprints
	Methods
	kinds
)

// Limits of what a user is known by; the things seen longest ago are forgotten first.
const (
	maxKnown   = 32
	maxMethods = 128
)

const dayMS = 24 * 60 * 60 * 1000

// Thing is a client family, device, network, ... that the user has been seen with.
type Thing struct {
	// hash is that of Key, by which things of a kind are told apart without reading their keys: two of a full profile have
	// the same 64 bits once in 10^15 profiles.
	hash uint64
	// Key is what it is remembered by (AppendKey), or the method's name.
	Key string
	// FirstMS and LastMS are when it was first and last seen, Unix milliseconds.
	FirstMS, LastMS int64
	// Days and Events are how many it was seen on.
	Days, Events uint32
}

// seed makes the hashes of keys, which are never stored, unforeseeable: nobody can make two keys that are taken for
// one.
var seed = maphash.MakeSeed()

// things are all things of a profile in one list: kind after kind, and by key within a kind.
type things struct {
	list []Thing
	// ends are where the kinds end.
	ends [kinds]uint16
}

// usualThings is room for what most people are known by.
const usualThings = 8

func (t *things) bounds(kind Kind) (from, to int) {
	if kind > 0 {
		from = int(t.ends[kind-1])
	}
	return from, int(t.ends[kind])
}

// find is the index of a key, or -1.
func (t *things) find(kind Kind, key []byte) int {
	from, to := t.bounds(kind)
	if from == to {
		return -1
	}
	hash := maphash.Bytes(seed, key)
	for i := from; i < to; i++ {
		if t.list[i].hash == hash {
			return i
		}
	}
	return -1
}

// seeAgain records that a thing was seen from firstMS to lastMS, in n events.
func (k *Thing) seeAgain(firstMS, lastMS int64, n uint32) {
	if lastMS/dayMS > k.LastMS/dayMS || firstMS/dayMS < k.FirstMS/dayMS { // a late day in between is not known to be new
		k.Days++
	}
	k.FirstMS = min(k.FirstMS, firstMS)
	k.LastMS = max(k.LastMS, lastMS)
	k.Events += n
}

// note records that what has the key was seen from firstMS to lastMS, in n events.
func (t *things) note(kind Kind, key []byte, firstMS, lastMS int64, n uint32) {
	if i := t.find(kind, key); i >= 0 {
		t.list[i].seeAgain(firstMS, lastMS, n)
		return
	}
	t.add(kind, Thing{Key: internBytes(key), FirstMS: firstMS, LastMS: lastMS, Days: 1, Events: n})
}

// add puts a new thing in its place, and forgets the one of its kind seen longest ago where there are too many.
func (t *things) add(kind Kind, k Thing) {
	from, to := t.bounds(kind)
	i, _ := slices.BinarySearchFunc(t.list[from:to], k.Key, func(k Thing, key string) int {
		return strings.Compare(k.Key, key)
	})
	if n := len(t.list); n == cap(t.list) { // by less than append would: most people get one thing more now and then
		t.list = append(make([]Thing, 0, max(usualThings, n+n/2)), t.list...)
	}
	k.hash = maphash.String(seed, k.Key)
	t.list = slices.Insert(t.list, from+i, k)
	for j := kind; j < kinds; j++ {
		t.ends[j]++
	}
	limit := maxKnown
	if kind == Methods {
		limit = maxMethods
	}
	if to+1-from > limit {
		t.forgetLeastRecent(kind)
	}
}

func (t *things) forgetLeastRecent(kind Kind) {
	oldest, to := t.bounds(kind)
	for i := oldest; i < to; i++ {
		if t.list[i].LastMS < t.list[oldest].LastMS {
			oldest = i
		}
	}
	t.list = slices.Delete(t.list, oldest, oldest+1)
	for j := kind; j < kinds; j++ {
		t.ends[j]--
	}
}

// Things are what the user is known by of a kind, sorted by key. They are the profile's own and valid until the next
// slice is applied.
func (p *Profile) Things(kind Kind) []Thing {
	from, to := p.things.bounds(kind)
	return p.things.list[from:to]
}

// Known is what is remembered of a key, or nil; valid until the next slice is applied.
func (p *Profile) Known(kind Kind, key string) *Thing {
	var buf [keySize]byte
	return p.known(kind, append(buf[:0], key...))
}

// KnownBy is what is remembered of a client's device, network, ..., or nil; valid until the next slice is applied.
func (p *Profile) KnownBy(kind Kind, c *aerv1.FacetClient) *Thing {
	var buf [keySize]byte
	return p.known(kind, AppendKey(buf[:0], kind, c))
}

func (p *Profile) known(kind Kind, key []byte) *Thing {
	if i := p.things.find(kind, key); i >= 0 {
		return &p.things.list[i]
	}
	return nil
}

// shown are the indexes, among a profile's things, of what a client shows: -1 where it is new.
type shown [Methods]int

func (t *things) shownBy(c *aerv1.FacetClient) (at shown) {
	var buf [keySize]byte
	for kind := range Methods {
		at[kind] = t.find(kind, AppendKey(buf[:0], kind, c))
	}
	return at
}

// before says whether one of the kind was known before ms.
func (t *things) before(at int, ms int64) bool { return at >= 0 && t.list[at].FirstMS < ms }

// noteFacet records what the client of a facet shows of each kind: the last kind first, so that what is new moves
// nothing that is still to come. own is noteSession's.
func (t *things) noteFacet(f *aerv1.Facet, at *shown, own *aerv1.FacetClient) {
	var buf [keySize]byte
	for kind := Methods - 1; kind < Methods; kind-- {
		if i := at[kind]; i >= 0 {
			t.list[i].seeAgain(f.FirstMs, f.LastMs, f.Events)
		} else if key := AppendKey(buf[:0], kind, f.Client); len(key) > 0 {
			t.add(kind, Thing{Key: textOf(key, own.GetDeviceId()), FirstMS: f.FirstMs, LastMS: f.LastMs, Days: 1,
				Events: f.Events})
		}
	}
}

// textOf is a key as text: that of own if it is the same, which then is kept once.
func textOf(key []byte, own string) string {
	if string(key) == own {
		return own
	}
	return internBytes(key)
}

// noteMethodNames records which methods were called.
func (p *Profile) noteMethodNames(s *aerv1.Slice, firstMS, lastMS int64) {
	var buf [keySize]byte
	for _, m := range s.Methods {
		p.things.note(Methods, append(buf[:0], m.Method...), firstMS, lastMS, m.Calls)
	}
}
