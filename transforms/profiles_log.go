// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/state"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/profile"
)

// version identifies the state of a shard: the first 128 bits of sha256(previous version ‖ entry), a chain over every
// entry that was ever written to its log, but for those that compact writes, which say nothing new. Equal versions mean
// equal shards.
type version [16]byte

func (v version) next(entry []byte) version {
	h := sha256.New()
	h.Write(v[:])
	h.Write(entry)
	return version(h.Sum(nil)[:16])
}

// versionOf is the version of the shard with this head; that of a shard that has never seen a batch is zero.
func versionOf(h *aerv1.ShardHead) (v version) {
	copy(v[:], h.Chain)
	return v
}

// checkShards refuses the state of a pipeline with another number of shards, whose users are not those of this one's.
func checkShards(h *aerv1.ShardHead, shards int) error {
	if h.Shards == 0 || int(h.Shards) == shards {
		return nil
	}
	return fmt.Errorf("its state was written for %d shards and this run has %d, in which users are in others: go back to "+
		"slices.shards: %d, or drain it and start a new job with empty state and --bootstrap 30d, which reads what people "+
		"did from the warehouse", h.Shards, shards, h.Shards)
}

// take puts batches that have come in among those that wait.
func (s *decodedShard) take(held []*aerv1.PendingThing) (came []*aerv1.PackedBatch) {
	for _, t := range held {
		came = append(came, &aerv1.PackedBatch{EndMs: t.DueMs + 1, Data: t.Data})
	}
	slices.SortFunc(came, comparePacked)
	s.wait(came)
	return came
}

func (s *decodedShard) wait(came []*aerv1.PackedBatch) {
	s.waiting = append(s.waiting, came...)
	slices.SortStableFunc(s.waiting, comparePacked)
}

// due takes out what is due at a time, in the order in which it is applied.
func (s *decodedShard) due(untilMS int64) []*aerv1.PackedBatch {
	n := 0
	for n < len(s.waiting) && batchMS(s.waiting[n]) <= untilMS {
		n++
	}
	due := s.waiting[:n:n]
	s.waiting = slices.Clone(s.waiting[n:])
	return due
}

// readLog puts the entries of a log in order and checks that none is missing: a Bag promises no order.
func readLog(raw [][]byte, h *aerv1.ShardHead) (snapshot, since []*aerv1.ShardEntry, err error) {
	entries := make([]*aerv1.ShardEntry, len(raw))
	for i, b := range raw {
		if entries[i], err = readEntry(b); err != nil {
			return nil, nil, fmt.Errorf("reading entry %d of a shard's log: %w", i, err)
		}
	}
	slices.SortFunc(entries, func(a, b *aerv1.ShardEntry) int { return cmp.Compare(a.Seq, b.Seq) })
	if int64(len(entries)) != h.Entries {
		return nil, nil, fmt.Errorf("reading a shard's log: it has %d entries and its head says %d", len(entries), h.Entries)
	}
	n := 0
	for i, e := range entries {
		if e.Seq != int64(i) {
			return nil, nil, fmt.Errorf("reading a shard's log: entry %d is missing", i)
		}
		if len(e.Snapshot) > 0 && i != n {
			return nil, nil, errors.New("reading a shard's log: a snapshot that does not come first")
		}
		if len(e.Snapshot) > 0 {
			n++
		}
	}
	return entries[:n], entries[n:], nil
}

// replayLog makes the shard from its log, without judging.
func replayLog(raw [][]byte, h *aerv1.ShardHead) (decodedShard, error) {
	snapshot, since, err := readLog(raw, h)
	if err != nil {
		return decodedShard{}, err
	}
	shard := decodedShard{version: versionOf(h)}
	if shard.profiles, err = loadSnapshot(snapshot); err != nil {
		return decodedShard{}, err
	}
	for _, e := range since {
		due := e.Batches
		if e.Version > 1 {
			shard.wait(e.Batches)
			due = nil
			if e.AppliedMs != nil {
				due = shard.due(*e.AppliedMs)
			}
		}
		for _, p := range due {
			if err := takeIn(shard.profiles, p, func(b *aerv1.Batch) { shard.profiles.Apply(b, nil) }); err != nil {
				return decodedShard{}, err
			}
		}
	}
	return shard, nil
}

func loadSnapshot(entries []*aerv1.ShardEntry) (*profile.Shard, error) {
	chunks := make([][]byte, len(entries))
	for i, e := range entries {
		d := decoder
		if e.Version <= 1 {
			d = decoderV1()
		}
		var err error
		if chunks[i], err = decompress(e.Snapshot, d); err != nil {
			return nil, err
		}
	}
	return profile.LoadShard(chunks)
}

// snapshot makes entries of a shard.
func snapshot(sh *profile.Shard, each func(*aerv1.ShardEntry) error) error {
	return sh.Snapshot(func(chunk []byte) error { return each(&aerv1.ShardEntry{Snapshot: compress(chunk)}) })
}

const (
	compactFactor = 2        // the log is rewritten when it exceeds so many times what would be written
	compactSlack  = 32 << 10 // and this many bytes
)

// full says whether the log should be replaced by a snapshot and what waits, which would be written again: rebuilding
// then never reads more than about three times as much as that, and writing it costs at most half of what the log
// costs.
func full(h *aerv1.ShardHead, waiting []*aerv1.PackedBatch) bool {
	again := sizeOf(waiting)
	return h.LogBytes-again > compactFactor*(h.SnapshotBytes+again)+compactSlack
}

// shardLog writes the log of a shard during one call.
type shardLog struct {
	fn    *profilesFn
	ctx   context.Context
	sp    state.Provider
	head  *aerv1.ShardHead
	shard *decodedShard
}

// record appends what came and until when all was applied, or replaces the log by a snapshot when it has grown too
// long, and writes the head. Profiles that have been idle for too long are dropped at a snapshot, so that a rebuild
// drops the same.
func (l shardLog) record(came []*aerv1.PackedBatch, untilMS int64) error {
	parts := inCells(came, (*aerv1.PackedBatch).SizeVT)
	if len(parts) == 0 {
		parts = append(parts, nil)
	}
	for i, part := range parts {
		e := &aerv1.ShardEntry{Batches: part}
		if i == len(parts)-1 {
			e.AppliedMs = &untilMS
		}
		raw, err := l.append(e)
		if err != nil {
			return err
		}
		l.head.LogBytes += int64(len(raw))
		l.shard.version = l.shard.version.next(raw)
	}
	if full(l.head, l.shard.waiting) {
		if err := l.compact(); err != nil {
			return err
		}
	}
	l.head.Version, l.head.Chain, l.head.Shards = aerv1.ShardVersion, l.shard.version[:], int32(l.fn.Shards)
	raw, err := l.head.MarshalVT()
	if err != nil {
		return err
	}
	l.fn.wrote.Inc(l.ctx, int64(len(raw)))
	return l.fn.Head.Write(l.sp, raw)
}

// append adds an entry.
func (l shardLog) append(e *aerv1.ShardEntry) ([]byte, error) {
	e.Version, e.Seq = aerv1.ShardVersion, l.head.Entries
	raw, err := e.MarshalVT()
	if err != nil {
		return nil, err
	}
	l.head.Entries++
	l.fn.wrote.Inc(l.ctx, int64(len(raw)))
	return raw, l.fn.Log.Add(l.sp, raw)
}

// compact replaces the log by a snapshot and the batches that wait.
func (l shardLog) compact() error {
	l.fn.compacted.Inc(l.ctx, 1)
	profiles := l.shard.profiles
	l.fn.expired.Inc(l.ctx, int64(profiles.Expire(profiles.AppliedMS())))
	if err := l.fn.Log.Clear(l.sp); err != nil {
		return err
	}
	l.head.Entries, l.head.SnapshotBytes, l.head.LogBytes = 0, 0, 0
	err := snapshot(profiles, func(e *aerv1.ShardEntry) error {
		raw, err := l.append(e)
		l.head.SnapshotBytes += int64(len(raw))
		return err
	})
	if err != nil {
		return err
	}
	for _, part := range inCells(l.shard.waiting, (*aerv1.PackedBatch).SizeVT) {
		raw, err := l.append(&aerv1.ShardEntry{Batches: part})
		if err != nil {
			return err
		}
		l.head.LogBytes += int64(len(raw))
	}
	return nil
}
