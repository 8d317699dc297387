// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/profile"
)

// version identifies the state of a shard: the first 128 bits of sha256(previous version ‖ batch), a chain over every
// batch that was ever applied, in order. Equal versions mean equal profiles.
type version [16]byte

func (v version) next(batch []byte) version {
	h := sha256.New()
	h.Write(v[:])
	h.Write(batch)
	return version(h.Sum(nil)[:16])
}

// versionOf is the version of the shard with this head; that of a shard that has never seen a batch is zero.
func versionOf(h *aerv1.ShardHead) (v version) {
	copy(v[:], h.Chain)
	return v
}

// readLog puts the entries of a log in order and checks that none is missing: a Bag promises no order.
func readLog(raw [][]byte, h *aerv1.ShardHead) (snapshot [][]byte, batches []*aerv1.PackedBatch, err error) {
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
	for i, e := range entries {
		if e.Seq != int64(i) {
			return nil, nil, fmt.Errorf("reading a shard's log: entry %d is missing", i)
		}
		if len(e.Snapshot) > 0 {
			if i != len(snapshot) {
				return nil, nil, errors.New("reading a shard's log: a snapshot behind batches")
			}
			snapshot = append(snapshot, e.Snapshot)
		}
		batches = append(batches, e.Batches...)
	}
	return snapshot, batches, nil
}

// replayLog makes the decoded shard from its log, without judging.
func replayLog(raw [][]byte, h *aerv1.ShardHead) (*profile.Shard, error) {
	snapshot, batches, err := readLog(raw, h)
	if err != nil {
		return nil, err
	}
	for i, chunk := range snapshot {
		if snapshot[i], err = decompress(chunk); err != nil {
			return nil, err
		}
	}
	profiles, err := profile.LoadShard(snapshot)
	if err != nil {
		return nil, err
	}
	for _, p := range batches {
		b, err := Unpack(p)
		if err != nil {
			return nil, err
		}
		profiles.Apply(b, nil)
	}
	return profiles, nil
}

const (
	compactFactor = 2        // the log is rewritten when it exceeds so many snapshots
	compactSlack  = 32 << 10 // and this many bytes
)

// full says whether the log should be replaced by a snapshot: rebuilding then never reads more than about three
// snapshots, and writing snapshots costs at most half of what the log itself costs.
func full(h *aerv1.ShardHead) bool { return h.LogBytes > compactFactor*h.SnapshotBytes+compactSlack }
