// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// readTimed reads a Pending or a PackedBatches, which are of one shape: a version (1) and things (2), each with a time
// (1) and bytes (2). The bytes are pieces of raw; the generated code would copy them, which is most of what reading a
// full buffer costs.
func readTimed(raw []byte, st aerv1.State, each func(ms int64, data []byte)) error {
	version, size := uint32(0), len(raw)
	for len(raw) > 0 {
		num, typ, n := protowire.ConsumeTag(raw)
		if n >= 0 {
			raw = raw[n:]
		}
		switch {
		case n < 0:
		case num == 1 && typ == protowire.Fixed32Type:
			version, n = protowire.ConsumeFixed32(raw)
		case num == 2 && typ == protowire.BytesType:
			var thing []byte
			if thing, n = protowire.ConsumeBytes(raw); n >= 0 {
				if bad := readThing(thing, each); bad < 0 {
					n = bad
				}
			}
		default:
			n = protowire.ConsumeFieldValue(num, typ, raw)
		}
		if n < 0 {
			return fmt.Errorf("reading %T of %d bytes: %w", st, size, protowire.ParseError(n))
		}
		raw = raw[n:]
	}
	return aerv1.CheckStateVersion(st, version, size)
}

// readThing hands out a thing. A negative result says what is wrong with it.
func readThing(raw []byte, each func(ms int64, data []byte)) int {
	var ms uint64
	var data []byte
	for len(raw) > 0 {
		num, typ, n := protowire.ConsumeTag(raw)
		if n < 0 {
			return n
		}
		raw = raw[n:]
		switch {
		case num == 1 && typ == protowire.VarintType:
			ms, n = protowire.ConsumeVarint(raw)
		case num == 2 && typ == protowire.BytesType:
			data, n = protowire.ConsumeBytes(raw)
		default:
			n = protowire.ConsumeFieldValue(num, typ, raw)
		}
		if n < 0 {
			return n
		}
		raw = raw[n:]
	}
	each(int64(ms), data)
	return 0
}

// cellBytes is about how large an element of a cell or a shuffle becomes: neither grows with a shard or a bundle.
const cellBytes = 256 << 10

// inCells cuts a list into parts of about cellBytes. Something that is larger by itself is a part of its own.
func inCells[T any](list []T, size func(T) int) (parts [][]T) {
	from, bytes := 0, 0
	for i, x := range list {
		n := size(x)
		if i > from && bytes+n > cellBytes {
			parts, from, bytes = append(parts, list[from:i:i]), i, 0
		}
		bytes += n
	}
	if from < len(list) {
		parts = append(parts, list[from:])
	}
	return parts
}
