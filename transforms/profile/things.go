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
	// Key is what it is remembered by (AppendKey), or the method's name.
	Key string
	// FirstMS and LastMS are when it was first and last seen, Unix milliseconds.
	FirstMS, LastMS int64
	// Days and Events are how many it was seen on.
	Days, Events uint32
}

// things are all things of a profile in one list: kind after kind, and by key within a kind. Their hashes lie beside
// them, so that looking for one touches few cache lines and reads no text but that of the one that is found.
type things struct {
	hashes []uint64
	list   []Thing
	// ends are where the kinds end.
	ends [kinds]uint16
}

// seed makes the hashes of keys, which are never stored, unforeseeable: nobody can make two keys that take long to tell
// apart.
var seed = maphash.MakeSeed()

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
	for i, h := range t.hashes[from:to] {
		if h == hash && t.list[from+i].Key == string(key) {
			return from + i
		}
	}
	return -1
}

// note records that a thing was seen from firstMS to lastMS, in n events.
func (t *things) note(kind Kind, key []byte, firstMS, lastMS int64, n uint32) {
	i := t.find(kind, key)
	if i < 0 {
		t.add(kind, Thing{Key: internBytes(key), FirstMS: firstMS, LastMS: lastMS, Days: 1, Events: n})
		return
	}
	k := &t.list[i]
	if lastMS/dayMS > k.LastMS/dayMS || firstMS/dayMS < k.FirstMS/dayMS { // a late day in between is not known to be new
		k.Days++
	}
	k.FirstMS = min(k.FirstMS, firstMS)
	k.LastMS = max(k.LastMS, lastMS)
	k.Events += n
}

// add puts a new thing in its place, and forgets the one of its kind seen longest ago where there are too many.
func (t *things) add(kind Kind, k Thing) {
	from, to := t.bounds(kind)
	i, _ := slices.BinarySearchFunc(t.list[from:to], k.Key, func(k Thing, key string) int {
		return strings.Compare(k.Key, key)
	})
	t.hashes = slices.Insert(t.hashes, from+i, maphash.String(seed, k.Key))
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
	t.hashes = slices.Delete(t.hashes, oldest, oldest+1)
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

// IsKnownClient says whether the user had been seen with this kind of client, or with this very device, before the
// time beforeMS.
func (p *Profile) IsKnownClient(c *aerv1.FacetClient, beforeMS int64) bool {
	if k := p.KnownBy(Devices, c); k != nil && k.FirstMS < beforeMS {
		return true
	}
	k := p.KnownBy(Clients, c)
	return k != nil && k.FirstMS < beforeMS
}

// noteFacet records what the client of a facet shows of each kind.
func (p *Profile) noteFacet(f *aerv1.Facet) {
	var buf [keySize]byte
	for kind := range Methods {
		if key := AppendKey(buf[:0], kind, f.Client); len(key) > 0 {
			p.things.note(kind, key, f.FirstMs, f.LastMs, f.Events)
		}
	}
}

// noteMethodNames records which methods were called.
func (p *Profile) noteMethodNames(s *aerv1.Slice, firstMS, lastMS int64) {
	var buf [keySize]byte
	for _, m := range s.Methods {
		p.things.note(Methods, append(buf[:0], m.Method...), firstMS, lastMS, m.Calls)
	}
}
