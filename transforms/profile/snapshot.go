// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Snapshot encodes the shard in chunks of about chunkBytes, in their order, each of which is chunk's to keep; equal
// shards have equal chunks. There is at least one. It fails when chunk does.
func (sh *Shard) Snapshot(chunk func(raw []byte) error) error {
	e, index := newEncoder(sh.appliedMS), uint32(0)
	write := func(more bool) error {
		raw, err := e.chunk(index, more)
		if err != nil {
			return err
		}
		index++
		return chunk(raw)
	}
	for _, p := range slices.SortedFunc(sh.table.all(), compareOwners) {
		if len(e.Buf) >= chunkBytes {
			if err := write(true); err != nil {
				return err
			}
		}
		e.profile(p)
	}
	return write(false)
}

// compareOwners orders profiles as aerv1.Principal.Compare orders whose they are.
func compareOwners(a, b *Profile) int {
	if a.OrgID != b.OrgID {
		return strings.Compare(a.OrgID, b.OrgID)
	}
	if a.UserID != b.UserID {
		return strings.Compare(a.UserID, b.UserID)
	}
	return cmp.Or(strings.Compare(a.ActorKind, b.ActorKind), strings.Compare(a.AppID, b.AppID))
}

// LoadShard decodes the chunks of a snapshot, in their order. No chunks are an empty shard. It fails on bytes that are
// none, on chunks that are missing and on what a newer program wrote; a retry cannot help.
func LoadShard(chunks [][]byte) (*Shard, error) {
	l := loader{shard: NewShard(), chunks: len(chunks)}
	for i, raw := range chunks {
		if err := l.load(raw); err != nil {
			return nil, fmt.Errorf("decoding chunk %d of the %d of a shard: %w", i+1, len(chunks), err)
		}
	}
	if l.more {
		return nil, fmt.Errorf("decoding a shard: chunks are missing behind the %d that there are", len(chunks))
	}
	return l.shard, nil
}

// loader puts a shard together.
type loader struct {
	shard *Shard
	dec   decoder
	// chunks is how many there are, next the place of the next one; more says that others must follow.
	chunks int
	next   uint32
	more   bool
}

// Add takes in the profiles of one chunk of a snapshot, of people that the shard does not know yet: what it knows is
// newer. It fails as LoadShard does.
func (sh *Shard) Add(chunk []byte) error {
	st, err := readChunk(chunk)
	if err == nil && st.Chunk == nil {
		err = errors.New("it is a snapshot of a layout of before")
	}
	if err != nil {
		return fmt.Errorf("decoding a chunk of profiles: %w", err)
	}
	sh.appliedMS = max(sh.appliedMS, st.AppliedMs)
	return (&decoder{}).chunk(st.Chunk, st.AppliedMs, func(p *Profile) {
		if sh.table.find(aerv1.PrincipalOf(p)) == nil {
			sh.table.put(p)
		}
	})
}

// readChunk reads a chunk as far as its profiles, and checks that this program knows their schema.
func readChunk(raw []byte) (*aerv1.ShardState, error) {
	var st aerv1.ShardState
	if err := st.UnmarshalVT(raw); err != nil {
		return nil, fmt.Errorf("%d bytes that are none: %w", len(raw), err)
	}
	if st.Chunk == nil {
		return &st, nil
	}
	if len(st.Profiles) != 1 || st.Profiles[0].Schema < Schema {
		return nil, errors.New("it does not say its schema")
	}
	return &st, known(st.Profiles[0].Schema)
}

func (l *loader) load(raw []byte) error {
	st, err := readChunk(raw)
	if err != nil {
		return err
	}
	l.shard.appliedMS = st.AppliedMs
	if st.Chunk == nil {
		return l.older(st)
	}
	if st.Chunk.Index != l.next {
		return fmt.Errorf("it is the chunk %d of its snapshot", st.Chunk.Index+1)
	}
	if l.next == 0 { // all chunks are of about as many
		each := min(int(st.Chunk.Profiles), len(st.Chunk.Packed)/leastProfile)
		l.shard.table.byHash = make(map[uint64]*Profile, each*l.chunks)
	}
	l.next, l.more = l.next+1, st.Chunk.More
	return l.dec.chunk(st.Chunk, st.AppliedMs, l.shard.table.put)
}

// older takes in a snapshot of a layout of before, which is one chunk.
func (l *loader) older(st *aerv1.ShardState) error {
	for _, m := range st.Profiles {
		p, err := fromMessage(m)
		if err != nil {
			return fmt.Errorf("profile of %q in %q: %w", m.UserId, m.OrgId, err)
		}
		l.shard.table.put(p)
	}
	return nil
}

// known fails on a schema that this program does not know.
func known(schema uint32) error {
	if schema == 0 || schema > Schema {
		return fmt.Errorf("schema %d, and this program knows 1 to %d: run the version of aer that wrote it or a later one, "+
			"or start with empty state", schema, Schema)
	}
	return nil
}
