// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// Compressed bytes start with one byte that says how: whatever is chosen today, state written with it stays readable.
const (
	plain      = 0
	zstdV1     = 1
	compactV1  = 2 // a batch in the form of package compact; the first two hold messages
	profilesV1 = 3 // profiles of an earlier run in place of a batch, compressed
)

// compressMin is the size below which compressing is not tried: it would save next to nothing. What is compressed are
// snapshots, by the chunk; batches of version 1 were too.
const compressMin = 512

// decompressMax bounds what a damaged or hostile input can make us allocate: 64 times a chunk of a snapshot.
// decompressMaxV1 is for snapshots of version 1, which were in one piece, and its batches: 1 GB is a shard of a million
// profiles.
const decompressMax, decompressMaxV1 = 64 * cellBytes, 1 << 30

var (
	encoder = must(zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(false)))
	decoder   = newDecoder(decompressMax)
	decoderV1 = sync.OnceValue(func() *zstd.Decoder { return newDecoder(decompressMaxV1) })
)

func newDecoder(most uint64) *zstd.Decoder {
	return must(zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(most)))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // only wrong options, which are constants
	}
	return v
}

func compress(raw []byte) []byte {
	if len(raw) >= compressMin {
		out := encoder.EncodeAll(raw, append(make([]byte, 0, len(raw)), zstdV1))
		if len(out) <= len(raw) {
			return out
		}
	}
	return append([]byte{plain}, raw...)
}

func decompress(b []byte, d *zstd.Decoder) ([]byte, error) {
	if len(b) == 0 {
		return nil, errors.New("decompressing nothing")
	}
	switch b[0] {
	case plain:
		return b[1:], nil
	case zstdV1:
		raw, err := d.DecodeAll(b[1:], nil)
		if err != nil {
			return nil, fmt.Errorf("decompressing: %w", err)
		}
		return raw, nil
	}
	return nil, fmt.Errorf("decompressing: unknown method %d", b[0])
}
