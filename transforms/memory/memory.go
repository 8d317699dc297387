// SPDX-License-Identifier: Apache-2.0

// Package memory is what a run knows of earlier ones when it begins: everybody's profile, and what was found and
// decided. It comes from rows of the warehouse and not from an engine's state, so that it is the same for any number of
// shards, any engine and later versions.
package memory

import (
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/profile"
)

// Memory is what is known. The zero value is not usable; make it with New.
type Memory struct {
	// Findings are in the order of decision.CompareAnomalies, with what was decided about those that were told.
	Findings []decision.Decided

	shards []*profile.Shard
}

// New knows nobody; shards is how many the run has.
func New(shards int) *Memory {
	m := &Memory{shards: make([]*profile.Shard, shards)}
	for i := range m.shards {
		m.shards[i] = profile.NewShard()
	}
	return m
}

// Record takes in a slice, without judging it. Slices come in the order of their windows; it is not kept.
func (m *Memory) Record(s *aerv1.Slice) {
	shard := activity.Shard(aerv1.OrgID(s.OrgId), aerv1.UserID(s.UserId), len(m.shards))
	m.shards[shard].Apply(&aerv1.Batch{WindowEndMs: profile.EndMS(s), Slices: []*aerv1.Slice{s}}, nil)
}

// Profiles is how many users and apps are known.
func (m *Memory) Profiles() int {
	n := 0
	for _, sh := range m.shards {
		n += sh.Len()
	}
	return n
}

// Take hands over the profiles, by shard: they are the caller's, and the memory has none any more.
func (m *Memory) Take() []*profile.Shard {
	shards := m.shards
	m.shards = nil
	return shards
}

// Packed is a memory as it crosses a shuffle.
type Packed struct {
	// Shards are snapshots (profile.Shard.Snapshot), by shard; those that know nobody have none.
	Shards   [][][]byte
	Findings []decision.Decided
}

// Pack takes the profiles and packs them: a fifth of the memory.
func (m *Memory) Pack() (*Packed, error) {
	p := &Packed{Findings: m.Findings}
	for i, sh := range m.Take() {
		var chunks [][]byte
		if sh.Len() > 0 {
			if err := sh.Snapshot(func(raw []byte) error {
				chunks = append(chunks, raw)
				return nil
			}); err != nil {
				return nil, fmt.Errorf("packing the profiles of shard %d: %w", i, err)
			}
		}
		p.Shards = append(p.Shards, chunks)
	}
	return p, nil
}
