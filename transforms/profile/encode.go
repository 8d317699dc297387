// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"encoding/binary"
	"fmt"

	"github.com/cespare/xxhash/v2"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Schema is the version of the stored layout. Layouts 1 and 2 are messages, which are still read (older.go); the third
// is described by the encoder.
const Schema = 3

// chunkBytes is the size from which a chunk of a snapshot is full; what its last profile takes comes on top, less than
// 250 KB. Engines bound what they store and send as one piece, the tightest at 2 MB; the larger a chunk, the less the
// texts of its profiles weigh that are stored once in each.
const chunkBytes = 256 << 10

// The flags that a stored profile begins with: what most profiles lack, or have, takes no byte of its own.
const (
	hasSameOrg  = 1 << iota // as the profile before
	hasSeconds              // all its times are whole seconds
	hasSessions             // as all that follow: there are some
	hasDownloads
	hasReads
	hasPeaks
	hasCalls // by minute or method
	hasUserType
	hasApp // or something else that acts
	hasAttempts
	hasEnd
)

// encoder writes a chunk: profile after profile, the texts that profiles share and the programs of their clients where
// they occur first, and their number from then on. Times are differences to the times they are near; nothing is padded.
// The same goes within a profile for its own texts, its clients and their seats.
type encoder struct {
	textWriter
	programs  map[program]uint32
	clients   []*aerv1.FacetClient
	seats     []*Seat
	appliedMS int64
	org       string
	profiles  uint32
	// unitMS is what the times of the profile are counted in, and lastMS its last time.
	unitMS, lastMS int64
}

func newEncoder(appliedMS int64) *encoder {
	return &encoder{
		textWriter: textWriter{shared: map[string]uint32{}}, programs: map[program]uint32{}, appliedMS: appliedMS,
	}
}

// chunk is what was written since the last chunk, as number index of a snapshot, which has more to come or is complete.
func (e *encoder) chunk(index uint32, more bool) ([]byte, error) {
	c := &aerv1.ProfileChunk{Profiles: e.profiles, Packed: e.Buf, Index: index, More: more}
	c.Checksum = checksum(c, e.appliedMS)
	raw, err := (&aerv1.ShardState{
		Profiles: []*aerv1.Profile{{Schema: Schema}}, AppliedMs: e.appliedMS, Chunk: c,
	}).MarshalVT()
	if err != nil {
		return nil, fmt.Errorf("encoding %d profiles: %w", e.profiles, err)
	}
	clear(e.shared)
	clear(e.programs)
	e.Buf, e.org, e.profiles = e.Buf[:0], "", 0
	return raw, nil
}

// checksum is that of everything a chunk says.
func checksum(c *aerv1.ProfileChunk, appliedMS int64) uint64 {
	var buf [4 * binary.MaxVarintLen64]byte
	b := binary.AppendVarint(buf[:0], appliedMS)
	b = binary.AppendUvarint(b, uint64(c.Profiles))
	b = binary.AppendUvarint(b, uint64(c.Index)<<1|flagsOf(flag{1, c.More}))
	sum := xxhash.New()
	_, _ = sum.Write(c.Packed) // it never fails
	_, _ = sum.Write(b)
	return sum.Sum64()
}

// Marshal encodes the profile alone; equal profiles have equal bytes.
func (p *Profile) Marshal() ([]byte, error) {
	e := newEncoder(p.LastMS)
	e.profile(p)
	return e.chunk(0, false)
}

func (e *encoder) profile(p *Profile) {
	e.own, e.clients, e.seats = e.own[:0], e.clients[:0], e.seats[:0]
	e.profiles++
	flags := e.flags(p)
	e.unitMS, e.lastMS = unitOf(flags), p.LastMS
	e.Uint(flags)
	if flags&hasSameOrg == 0 {
		e.sharedText(p.OrgID)
		e.org = p.OrgID
	}
	e.text(p.UserID)
	if flags&hasUserType != 0 {
		e.sharedText(p.UserType)
	}
	if flags&hasApp != 0 {
		e.sharedText(p.ActorKind)
		e.text(p.AppID)
	}
	e.time(e.appliedMS, p.LastMS)
	e.time(p.LastMS, p.FirstMS)
	e.Uint(p.RecentDays)
	e.Uint(uint64(p.ActiveDays))
	if flags&hasSessions != 0 {
		e.Uint(uint64(len(p.Sessions)))
		for i := range p.Sessions {
			e.session(&p.Sessions[i])
		}
	}
	e.things(p)
	if flags&hasDownloads != 0 {
		e.objects(&p.Downloads)
	}
	if flags&hasReads != 0 {
		e.objects(&p.Reads)
	}
	if flags&hasPeaks != 0 {
		e.peaks(p)
	}
	if flags&hasCalls != 0 {
		e.calls(p)
	}
	if flags&hasAttempts != 0 {
		e.attempts(p.Attempts)
	}
}

func (e *encoder) flags(p *Profile) uint64 {
	return flagsOf(
		flag{hasSameOrg, p.OrgID == e.org}, flag{hasSeconds, wholeSeconds(p)}, flag{hasSessions, len(p.Sessions) > 0},
		flag{hasDownloads, len(p.Downloads.list) > 0}, flag{hasReads, len(p.Reads.list) > 0},
		flag{hasPeaks, len(p.peaks.list) > 0}, flag{hasCalls, len(p.Minutes)+len(p.Recent) > 0},
		flag{hasUserType, p.UserType != ""}, flag{hasApp, p.ActorKind != "" || p.AppID != ""},
		flag{hasAttempts, len(p.Attempts) > 0},
	)
}

type flag struct {
	bit uint64
	set bool
}

func flagsOf(list ...flag) (bits uint64) {
	for _, f := range list {
		if f.set {
			bits |= f.bit
		}
	}
	return bits
}

func unitOf(flags uint64) int64 {
	if flags&hasSeconds != 0 {
		return 1000
	}
	return 1
}

// wholeSeconds says whether all times of the profile that are in milliseconds are of whole seconds.
func wholeSeconds(p *Profile) bool {
	if p.FirstMS%1000 != 0 || p.LastMS%1000 != 0 {
		return false
	}
	for i := range p.Sessions {
		if !wholeSecondsOf(&p.Sessions[i]) {
			return false
		}
	}
	for i := range p.things.list {
		if k := &p.things.list[i]; k.FirstMS%1000 != 0 || k.LastMS%1000 != 0 {
			return false
		}
	}
	return true
}

func wholeSecondsOf(s *Session) bool {
	for _, ms := range [...]int64{s.FirstMS, s.LastMS, s.BoundMS, s.CookieMS, s.CookieSeenMS} {
		if ms%1000 != 0 {
			return false
		}
	}
	for i := range s.Clients {
		if c := &s.Clients[i]; c.FirstMS%1000 != 0 || c.LastMS%1000 != 0 {
			return false
		}
	}
	for i := range s.Sightings {
		if s.Sightings[i].TimeMS%1000 != 0 {
			return false
		}
	}
	return true
}

// time writes a time as how long it is before another, which is mostly not negative.
func (e *encoder) time(afterMS, ms int64) { e.Uint(uint64(afterMS/e.unitMS - ms/e.unitMS)) }
