// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"bytes"
	"cmp"
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity/compact"
	"github.com/aer-project/aer/transforms/profile"
)

// Pack packs a batch.
func Pack(b *aerv1.Batch) *aerv1.PackedBatch {
	return &aerv1.PackedBatch{EndMs: b.WindowEndMs, Data: compact.Append([]byte{compactV1}, b)}
}

// Unpack gives the batch that was packed. It fails on bytes that are none; a retry cannot help.
func Unpack(p *aerv1.PackedBatch) (*aerv1.Batch, error) {
	data := p.Data
	if len(data) > 0 && data[0] == compactV1 {
		return compact.Decode(data[1:])
	}
	raw, err := decompress(data, decoderV1())
	if err != nil {
		return nil, fmt.Errorf("unpacking a batch: %w", err)
	}
	b := &aerv1.Batch{}
	if err := b.UnmarshalVT(raw); err != nil {
		return nil, fmt.Errorf("unpacking a batch of %d bytes: %w", len(raw), err)
	}
	return b, nil
}

// packProfiles packs a chunk of profiles (profile.Shard.Snapshot) that an earlier run knew. It goes where batches go,
// and before all of them.
func packProfiles(chunk []byte) *aerv1.PackedBatch {
	return &aerv1.PackedBatch{EndMs: 0, Data: append([]byte{profilesV1}, compress(chunk)...)}
}

// takeIn has the profiles of a shard take in what was packed: a batch by apply, profiles of an earlier run as they are.
func takeIn(sh *profile.Shard, p *aerv1.PackedBatch, apply func(*aerv1.Batch)) error {
	if len(p.Data) > 0 && p.Data[0] == profilesV1 {
		chunk, err := decompress(p.Data[1:], decoder)
		if err != nil {
			return fmt.Errorf("unpacking profiles: %w", err)
		}
		return sh.Add(chunk)
	}
	b, err := Unpack(p)
	if err == nil {
		apply(b)
	}
	return err
}

// packed is batches of one shard, as they cross shuffles.
func packed(list ...*aerv1.PackedBatch) *aerv1.PackedBatches {
	return &aerv1.PackedBatches{Version: aerv1.ShardVersion, List: list}
}

// readBatches reads batches, whose data are pieces of raw.
func readBatches(raw []byte, into *aerv1.PackedBatches) (*aerv1.PackedBatches, error) {
	into.Version = aerv1.ShardVersion
	return into, readTimed(raw, into, func(endMS int64, data []byte) {
		into.List = append(into.List, &aerv1.PackedBatch{EndMs: endMS, Data: data})
	})
}

// sizeOf is the bytes of batches.
func sizeOf(list []*aerv1.PackedBatch) (bytes int64) {
	for _, p := range list {
		bytes += int64(len(p.Data))
	}
	return bytes
}

// batchMS is the last millisecond of the batch's window, which is its timestamp in the pipeline.
func batchMS(p *aerv1.PackedBatch) int64 { return p.EndMs - 1 }

// comparePacked orders batches by window. Two panes of one window have no order of their own; their bytes give them
// one.
func comparePacked(a, b *aerv1.PackedBatch) int {
	return cmp.Or(cmp.Compare(a.EndMs, b.EndMs), bytes.Compare(a.Data, b.Data))
}
